import { isAscii } from 'node:buffer';

/** Native code, where it is installed: worth its call from some hundred bytes on. */
const native = loadNative();
const minNativeBytes = 256;

/** So few bytes are unmasked one by one. */
const minWordwiseBytes = 24;

const scratch = new Uint8Array(4);
const scratchWord = new Int32Array(scratch.buffer);

/**
 * Unmasks a payload where it stands (RFC 6455, section 5.3). Done twice it is as before.
 *
 * @param key the mask: its four bytes from `keyAt` on.
 * @returns whether all bytes are ASCII then.
 */
export function unmask(bytes: Buffer, start: number, size: number, key: Buffer, keyAt: number): boolean {
  if (native && size >= minNativeBytes) {
    const payload = bytes.subarray(start, start + size);
    native.unmask(payload, key.subarray(keyAt, keyAt + 4));
    return isAscii(payload);
  }
  for (let i = 0; i < 4; i++) scratch[i] = key[keyAt + i] as number;
  const end = start + size;
  if (size < minWordwiseBytes) return unmaskBytes(bytes, start, end) < 0x80;
  // Four at a time, where memory lets them be read so.
  const aligned = start + (-(bytes.byteOffset + start) & 3);
  let all = unmaskBytes(bytes, start, aligned);
  for (let i = 0; i < 4; i++) scratch[i] = key[keyAt + ((aligned - start + i) & 3)] as number;
  const words = (end - aligned) >> 2;
  all |= unmaskBytes(bytes, aligned + words * 4, end);
  return (unmaskWords(new Int32Array(bytes.buffer, bytes.byteOffset + aligned, words)) & 0x80808080) === 0 && all < 0x80;
}

/** With the mask that is in `scratch`. @returns all bytes as one, bit by bit. */
function unmaskBytes(bytes: Buffer, from: number, to: number): number {
  let all = 0;
  for (let i = from; i < to; i++) {
    const byte = (bytes[i] as number) ^ (scratch[(i - from) & 3] as number);
    bytes[i] = byte;
    all |= byte;
  }
  return all;
}

/** With the mask that is in `scratch`. @returns all words as one, bit by bit. */
function unmaskWords(words: Int32Array): number {
  const mask = scratchWord[0] as number;
  let all = 0;
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] as number) ^ mask;
    words[i] = word;
    all |= word;
  }
  return all;
}

/** `ws` uses the same package if it is there, and can be told not to by the same variable. */
function loadNative(): { unmask(payload: Buffer, mask: Buffer): void } | undefined {
  if (process.env.WS_NO_BUFFER_UTIL) return undefined;
  try {
    return require('bufferutil');
  } catch {
    return undefined;
  }
}
