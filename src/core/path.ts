/**
 * Dotted paths into decoded messages, such as `d.requestId`, `0` or `payload.items.0`. Only own properties are followed, so the text of a
 * peer never reaches a prototype.
 */
export interface Path {
  readonly text: string;
  /** Returns the value at the path, or `undefined` if there is none. */
  get(from: unknown): unknown;
  /** Returns whether the value exists; `null` exists. */
  exists(in_: unknown): boolean;
  /** Returns a copy of an object or list with the value at the path. Missing objects on the way are added. */
  set(into: unknown, value: unknown): unknown;
}

/** The longest path, characters. */
const maxLength = 256;
const forbidden = new Set(['__proto__', 'prototype', 'constructor']);

/** Parses a path. Returns `undefined` if the value is not a path. */
export function parsePath(value: unknown): Path | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > maxLength) return undefined;
  const keys = text.split('.');
  if (keys.some((key) => key === '' || forbidden.has(key))) return undefined;
  return {
    text,
    get: (from) => find(from, keys),
    exists: (from) => find(from, keys) !== undefined,
    set: (into, given) => put(into, keys, 0, given),
  };
}

function find(from: unknown, keys: readonly string[]): unknown {
  let at = from;
  for (let i = 0; i < keys.length; i++) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, keys[i] as string)) return undefined;
    at = (at as Record<string, unknown>)[keys[i] as string];
  }
  return at;
}

function put(into: unknown, keys: readonly string[], depth: number, value: unknown): unknown {
  if (depth === keys.length) return value;
  const key = keys[depth] as string;
  if (Array.isArray(into)) {
    const list = [...into];
    list[Number(key)] = put(list[Number(key)], keys, depth + 1, value);
    return list;
  }
  const object = typeof into === 'object' && into !== null ? (into as Record<string, unknown>) : {};
  const below = Object.hasOwn(object, key) ? object[key] : undefined;
  return { ...object, [key]: put(below, keys, depth + 1, value) };
}
