/** Deepest nesting that is looked through. Deeper values are left as they are. */
const maxDepth = 100;

/** Replaces the byte arrays of a decoded message by Buffers, which flows know, and maps by objects. */
export function withBuffers(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || depth > maxDepth) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map((each) => withBuffers(each, depth + 1));
  const entries = value instanceof Map ? [...value].map(([key, each]) => [String(key), each] as const) : plainEntries(value);
  return entries ? Object.fromEntries(entries.map(([key, each]) => [key, withBuffers(each, depth + 1)])) : value;
}

/** Replaces the Buffers of a message by byte arrays, for an encoder that would use their `toJSON`. */
export function withByteArrays(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return value;
  if (Buffer.isBuffer(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map((each) => withByteArrays(each, depth + 1));
  const entries = plainEntries(value);
  return entries ? Object.fromEntries(entries.map(([key, each]) => [key, withByteArrays(each, depth + 1)])) : value;
}

function plainEntries(value: object): [string, unknown][] | undefined {
  const prototype = Object.getPrototypeOf(value);
  // A Function node has a realm of its own, with its own `Object.prototype`. Each ends its chain.
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? Object.entries(value) : undefined;
}
