/**
 * Returns whether two values of JSON, or of bytes, are equal, whatever the order of their properties. Pure, because the editor tries
 * patterns; `node:util` exists in Node.js only.
 */
export function isEqual(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return Object.is(one, other);
  if (Array.isArray(one) !== Array.isArray(other) || ArrayBuffer.isView(one) !== ArrayBuffer.isView(other)) return false;
  const [own, others] = [Object.keys(one), Object.keys(other)];
  return (
    own.length === others.length && own.every((key) => Object.hasOwn(other, key) && isEqual(propertyOf(one, key), propertyOf(other, key)))
  );
}

const propertyOf = (of: object, key: string): unknown => (of as Record<string, unknown>)[key];
