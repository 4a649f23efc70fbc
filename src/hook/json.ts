import { bytesOf, isLostInJson } from '../commands/values';
import { messageOf, optionError, SocketError } from '../core/errors';
import { quoted } from '../core/text';

/**
 * Bytes in JSON, in both directions: `{"$base64": "…"}`. In JSON for 4D each name that begins with $ gets another $, so that a peer's
 * object is never read as bytes: `{"$$base64": "…"}`.
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
 * Returns a value as JSON text, with its bytes marked and each name that begins with $ escaped.
 *
 * @throws SocketError `ERR_OPTION` if JSON cannot represent it.
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
    if (error instanceof SocketError) throw error;
    throw optionError(`The payload cannot be written as JSON: ${messageOf(error)}.`, error, 'payload');
  }
}

/** Marks bytes. `JSON.stringify` has already called `toJSON` of a Buffer, so the property itself is read. */
function marked(holder: Record<string, unknown>, name: string, value: unknown): unknown {
  const own = holder[name];
  const bytes = bytesOf(own);
  if (bytes) return new Marked(bytes);
  if (isLostInJson(own)) throw optionError(`The payload cannot be converted to JSON: the value of ${quoted(name)} would be lost.`);
  return value;
}

function escaped(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const own = marked(this, name, value);
  return own instanceof Marked ? own : renamed(own, (key) => (key.startsWith('$') ? `$${key}` : key));
}

/** Renames the properties of an object; returns any other value unchanged. */
function renamed(value: unknown, nameOf: (key: string) => string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (!Object.keys(value).some((key) => key.startsWith('$'))) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [nameOf(key), one]));
}

const dollar = 0x24;
const chars = { quote: 0x22, comma: 0x2c, backslash: 0x5c, list: 0x5b, object: 0x7b } as const;

/**
 * Estimates the memory of a JSON text and of the value it was made from. A list or an object takes about 64 bytes, however short its
 * text is, so 5 MB of text can mean 150 MB.
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

/** Decodes a value from 4D: marked bytes become a Buffer, escaped names get back their form. */
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
