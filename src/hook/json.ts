import { messageOf, optionError } from '../core/errors';

/**
 * How bytes stand in JSON, there and back: `{"$base64": "…"}`. In JSON towards 4D a name that begins with $ has another $ before it, so that
 * the object of a peer is not taken for ours: `{"$$base64": "…"}`.
 */
const mark = '$base64';

/** Bytes, marked. */
class Marked {
  readonly [mark]: string;

  constructor(bytes: Buffer) {
    this[mark] = bytes.toString('base64');
  }
}

/**
 * A value as JSON text, with the bytes in it marked, and each name that begins with $ escaped.
 *
 * @throws SocketError `ERR_OPTION` if it is nothing that JSON can hold.
 */
export function jsonOf(value: unknown): string {
  let isDollar = false;
  // Few values have such a name, and looking at all names takes longer than this.
  const noticing = function (this: Record<string, unknown>, name: string, one: unknown): unknown {
    if (name.charCodeAt(0) === dollar && !(this instanceof Marked)) isDollar = true;
    return marked(this, name, one);
  };
  try {
    const text = JSON.stringify(value, noticing) ?? 'null';
    return isDollar ? JSON.stringify(value, escaped) : text;
  } catch (error) {
    throw optionError(`The payload cannot be written as JSON: ${messageOf(error)}.`, error, 'payload');
  }
}

/** Buffers have turned themselves into something else when JSON asks for them, so that the property itself is looked at. */
function marked(holder: Record<string, unknown>, name: string, value: unknown): unknown {
  const own = holder[name];
  if (ArrayBuffer.isView(own)) return new Marked(Buffer.from(own.buffer, own.byteOffset, own.byteLength));
  if (own instanceof ArrayBuffer) return new Marked(Buffer.from(own));
  return value;
}

function escaped(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const own = marked(this, name, value);
  return own instanceof Marked ? own : renamed(own, (key) => (key.startsWith('$') ? `$${key}` : key));
}

/** An object with other names; anything else is itself. */
function renamed(value: unknown, nameOf: (key: string) => string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (!Object.keys(value).some((key) => key.startsWith('$'))) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [nameOf(key), one]));
}

const dollar = 0x24;
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

/** What a value of 4D stands for: bytes where they are marked; else the value, with its escaped names as they were. */
export function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const text = (value as Record<string, unknown>)[mark];
  if (typeof text === 'string' && Object.keys(value).length === 1) return Buffer.from(text, 'base64');
  return unescaped(value);
}

function unescaped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unescaped);
  const own = renamed(value, (key) => (key.startsWith('$$') ? key.slice(1) : key));
  if (typeof own !== 'object' || own === null) return own;
  return Object.fromEntries(Object.entries(own).map(([key, one]) => [key, unescaped(one)]));
}
