import { hidden } from '../../core/text';

/**
 * Returns a function that hides a secret in texts, in any escaping. Each character may be literal or percent-encoded (RFC 3986,
 * section 2.1), in either case. It may be escaped more than once. A `+` matches a space, as in a form. Its time is linear in the length
 * of the text.
 */
export function hiding(secret: string): (text: string) => string {
  if (secret === '') return (text) => text;
  // The secret is normalized like the texts: a lone surrogate cannot be percent-encoded.
  const wanted = unescaped(Buffer.from(secret).toString(), false).bytes;
  const fallbacks = fallbacksOf(wanted);
  const isAscii = wanted.every((byte) => byte < 0x80);
  return (text) => {
    const shown = text.replaceAll(secret, hidden);
    if (!(isAscii ? /[%+]/ : /[%+\x80-\uffff]/).test(shown)) return shown;
    const once = withoutFound(shown, unescaped(shown, false), wanted, fallbacks);
    // Node decodes headers as Latin-1, so each byte of an unescaped character is one character there.
    return !isAscii && /[\x80-\xff]/.test(once) ? withoutFound(once, unescaped(once, true), wanted, fallbacks) : once;
  };
}

/** The decoded bytes of a text, and the range of the text that each byte comes from. */
interface Unescaped {
  readonly bytes: number[];
  readonly from: number[];
  readonly to: number[];
}

/** The first UTF-8 byte of a character, by the number of bytes that follow. */
const leads = { 1: 0xc0, 2: 0xe0, 3: 0xf0 } as const;

/**
 * Decodes every escape in a text, and the escapes that result from it: `%2541` is A.
 *
 * @param isLatin1 decodes characters up to U+00FF as one byte.
 */
function unescaped(text: string, isLatin1: boolean): Unescaped {
  const found: Unescaped = { bytes: [], from: [], to: [] };
  for (let i = 0; i < text.length; ) {
    const code = text.codePointAt(i) as number;
    const end = i + (code > 0xffff ? 2 : 1);
    if (code < 0x80 || (isLatin1 && code < 0x100)) add(found, code, i, end);
    else {
      // `TextEncoder` is 10× slower for single characters, so UTF-8 is encoded here.
      const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      add(found, leads[more] | (code >> (6 * more)), i, end);
      for (let shift = 6 * (more - 1); shift >= 0; shift -= 6) add(found, 0x80 | ((code >> shift) & 0x3f), i, end);
    }
    i = end;
  }
  return found;
}

/** Adds a byte. If it completes an escape, the decoded byte replaces the three bytes of the escape. */
function add({ bytes, from, to }: Unescaped, given: number, begin: number, end: number): void {
  let byte = given;
  let start = begin;
  while (bytes[bytes.length - 2] === percent) {
    const high = hexDigit(bytes[bytes.length - 1]);
    const low = hexDigit(byte);
    if (high < 0 || low < 0) break;
    byte = high * 16 + low;
    start = from[from.length - 2] as number;
    bytes.length = from.length = to.length = bytes.length - 2;
  }
  bytes.push(byte === plus ? blank : byte);
  from.push(start);
  to.push(end);
}

const percent = 0x25;
const plus = 0x2b;
const blank = 0x20;

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Returns the failure table of Knuth-Morris-Pratt: for each match length, the length that can begin another match. */
function fallbacksOf(wanted: readonly number[]): readonly number[] {
  const fallbacks = [0];
  for (let i = 1, length = 0; i < wanted.length; i++) {
    while (length > 0 && wanted[i] !== wanted[length]) length = fallbacks[length - 1] as number;
    if (wanted[i] === wanted[length]) length++;
    fallbacks.push(length);
  }
  return fallbacks;
}

function withoutFound(text: string, { bytes, from, to }: Unescaped, wanted: readonly number[], fallbacks: readonly number[]): string {
  let shown = '';
  let at = 0;
  for (let i = 0, length = 0; i < bytes.length; i++) {
    while (length > 0 && bytes[i] !== wanted[length]) length = fallbacks[length - 1] as number;
    if (bytes[i] === wanted[length]) length++;
    if (length < wanted.length) continue;
    shown += `${text.slice(at, from[i - length + 1])}${hidden}`;
    at = to[i] as number;
    length = 0;
  }
  return at === 0 ? text : shown + text.slice(at);
}
