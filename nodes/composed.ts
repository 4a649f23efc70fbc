/** A message that a user of the editor writes to try a socket. Pure, because both ends read it. */
export interface Composed {
  readonly as: (typeof composedForms)[number];
  /** The text, JSON, or the Base64 of bytes. A request is the JSON of `{ method, params }`. */
  readonly data: string;
}

export const composedForms = ['text', 'json', 'base64', 'request'] as const;

/** The longest message, characters. */
export const maxComposed = 1_000_000;

/** Returns what a request body holds, or `undefined` if it is not a message. */
export function readComposed(given: unknown): Composed | undefined {
  const { as, data } = (given ?? {}) as Partial<Composed>;
  return as !== undefined && composedForms.includes(as) && typeof data === 'string' && data.length <= maxComposed
    ? { as, data }
    : undefined;
}
