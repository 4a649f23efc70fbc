import { messageOf, optionError } from '../errors';

/** How bytes stand in JSON, there and back: `{"$base64": "…"}`. */
const mark = '$base64';

/**
 * A value as JSON text, with the bytes in it marked.
 *
 * @throws SocketError `ERR_OPTION` if it is nothing that JSON can hold.
 */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, marked) ?? 'null';
  } catch (error) {
    throw optionError(`The payload cannot be written as JSON: ${messageOf(error)}.`, error, 'payload');
  }
}

/** Buffers have turned themselves into something else when JSON asks for them, so that the property itself is looked at. */
function marked(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const own = this[name];
  if (ArrayBuffer.isView(own)) return { [mark]: Buffer.from(own.buffer, own.byteOffset, own.byteLength).toString('base64') };
  if (own instanceof ArrayBuffer) return { [mark]: Buffer.from(own).toString('base64') };
  return value;
}

/** The bytes that a value stands for; any other value is itself. */
export function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return value;
  const text = (value as Record<string, unknown>)[mark];
  return typeof text === 'string' ? Buffer.from(text, 'base64') : value;
}
