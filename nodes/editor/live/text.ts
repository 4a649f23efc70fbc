/** Short texts for numbers, which are the same in every language. */

/** Returns a size: `999 B`, `1.2 kB`, `34 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : shortened(value)} ${units[unit]}`;
}

/** Returns a rate per second: `0`, `0.5`, `12`, `1.2k`. */
export function rateText(rate: number): string {
  if (rate >= 999.5) return `${shortened(rate / 1000)}k`;
  return shortened(rate);
}

const shortened = (value: number) => (value < 9.95 ? String(Math.round(value * 10) / 10) : String(Math.round(value)));

/** Returns a time span: `5 s`, `3 min`, `2 h`, `4 d`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Returns the local time of the day with milliseconds. */
export function timeText(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Returns bytes as a hex dump: offset, 8 bytes, and their characters. */
export function hexDump(bytes: Uint8Array, maxBytes = 64 * 1024): string {
  const lines: string[] = [];
  const end = Math.min(bytes.length, maxBytes);
  for (let at = 0; at < end; at += 8) {
    const row = [...bytes.subarray(at, Math.min(at + 8, end))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(23)}  ${text}`);
  }
  return lines.join('\n');
}

/** Returns the beginning of bytes as hex, for one line. */
export const hexLine = (bytes: Uint8Array): string =>
  [...bytes.subarray(0, 64)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Returns the bytes of Base64 text. */
export const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** Returns the JSON value of a text, if it is an object or a list. */
export function jsonOf(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
