const types = ['str', 'json', 'jsonata', 'bin', 'env', 'flow', 'global'] as const;

/** A typed field of Node-RED, as a flow holds it. */
export interface TypedValue {
  readonly type: (typeof types)[number];
  readonly value: unknown;
}

/** Returns whether a value is a typed field: an object with nothing but a known type and a value. */
export const isTyped = (raw: unknown): raw is TypedValue =>
  typeof raw === 'object' &&
  raw !== null &&
  'type' in raw &&
  types.includes(raw.type as TypedValue['type']) &&
  'value' in raw &&
  Object.keys(raw).length === 2;
