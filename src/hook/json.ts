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

const chars = { quote: 0x22, comma: 0x2c, backslash: 0x5c, list: 0x5b, object: 0x7b } as const;

/**
 * About the bytes that a JSON text takes up together with the value that it was made of: a list or an object takes about 64 bytes, however
 * short its text is, so that 5 MB of text can stand for 150 MB.
 */
export function memoryOf(text: string): number {
  let structure = 0;
  let isWide = false;
  let isInside = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char > 0xff) isWide = true;
    if (isInside) {
      if (char === chars.backslash) i++;
      else if (char === chars.quote) isInside = false;
    } else if (char === chars.quote) isInside = true;
    else if (char === chars.comma) structure += 32;
    else if (char === chars.list || char === chars.object) structure += 64;
  }
  return structure + text.length * (isWide ? 2 : 1);
}

/** The bytes that a value stands for; any other value is itself. */
export function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return value;
  const text = (value as Record<string, unknown>)[mark];
  return typeof text === 'string' ? Buffer.from(text, 'base64') : value;
}
