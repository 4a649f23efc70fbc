import { types } from 'node:util';

/**
 * Distinguishes the kinds of values that flows hand in. A Function node runs in a realm of its own, where `instanceof` fails, so every test here
 * works across realms.
 */

/** Returns the bytes of a Buffer, typed array, DataView, ArrayBuffer or SharedArrayBuffer, without a copy; `undefined` for other values. */
export function bytesOf(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return types.isAnyArrayBuffer(value) ? Buffer.from(value) : undefined;
}

/**
 * Returns whether JSON drops what a value means: the entries of a Map, the text of an Error, the bytes of an ArrayBuffer, or the state of an
 * object without properties of its own. Values that have `toJSON`, such as Buffer, Date and URL, are not lost.
 */
export function isLostInJson(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function' || types.isBoxedPrimitive(value)) return false;
  if (types.isNativeError(value) || types.isMap(value) || types.isSet(value) || ArrayBuffer.isView(value)) return true;
  return Object.keys(value).length === 0 && !isPlain(value);
}

/** Returns whether an object has no class. Each realm has its own `Object.prototype`, the end of its chain. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
