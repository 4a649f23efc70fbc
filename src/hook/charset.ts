import { TextDecoder } from 'node:util';

/** The characters of the bytes 0x80 to 0x9f in windows-1252. Some versions of Node.js decode them as control characters. */
const windows1252 = '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f'.concat(
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178',
);

/** Byte order marks, which take precedence over the header. */
const marks: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/** Returns bytes as text: in the charset of a content type, by default UTF-8, and without a byte order mark. */
export function textIn(bytes: Uint8Array, contentType = ''): string {
  const [, marked] = marks.find(([mark]) => mark.every((byte, i) => bytes[i] === byte)) ?? [];
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([\w.:+-]{1,40})/i.exec(contentType.slice(0, 1000)) ?? [];
  const decoder = decoderOf(marked ?? charset);
  if (decoder.encoding !== 'windows-1252') return decoder.decode(bytes);
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin1.replace(/[\x80-\x9f]/g, (byte) => windows1252[byte.charCodeAt(0) - 0x80] as string);
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
