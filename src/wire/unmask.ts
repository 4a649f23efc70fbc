import { isAscii } from 'node:buffer';

/** Native code, if it is installed. Calling it is worthwhile from some hundred bytes on. */
const native = loadNative();
const minNativeBytes = 512;

/** Payloads below this size are unmasked byte by byte. */
const minWordwiseBytes = 24;

const scratch = new Uint8Array(4);
const scratchWord = new Int32Array(scratch.buffer);

/**
 * Unmasks a payload in place (RFC 6455, section 5.3). A second call restores the original bytes.
 *
 * @param key buffer with the 4-byte mask at `keyAt`.
 * @returns true if all unmasked bytes are ASCII.
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
  // Unmasks four bytes at a time in the part that is aligned in memory.
  if (bytes.buffer !== viewed) view(bytes.buffer);
  const { byteOffset } = bytes;
  const aligned = start + (-(byteOffset + start) & 3);
  let all = unmaskBytes(bytes, start, aligned);
  for (let i = 0; i < 4; i++) scratch[i] = key[keyAt + ((aligned - start + i) & 3)] as number;
  const words = (end - aligned) >> 2;
  all |= unmaskBytes(bytes, aligned + words * 4, end);
  const first = (byteOffset + aligned) >> 2;
  return (unmaskWords(first, first + words) & 0x80808080) === 0 && all < 0x80;
}

/** The memory of the last payload, as words. Most chunks contain many messages, and a view takes longer than to unmask a short one. */
let viewed: ArrayBufferLike | undefined;
let memory: Int32Array = new Int32Array(0);

function view(buffer: ArrayBufferLike): void {
  viewed = buffer;
  memory = new Int32Array(buffer, 0, buffer.byteLength >> 2);
}

/** Unmasks bytes with the mask in `scratch`. @returns the bitwise OR of all unmasked bytes. */
function unmaskBytes(bytes: Buffer, from: number, to: number): number {
  let all = 0;
  for (let i = from; i < to; i++) {
    const byte = (bytes[i] as number) ^ (scratch[(i - from) & 3] as number);
    bytes[i] = byte;
    all |= byte;
  }
  return all;
}

/** Unmasks words of `memory` with the mask in `scratch`. @returns the bitwise OR of all unmasked words. */
function unmaskWords(from: number, to: number): number {
  const mask = scratchWord[0] as number;
  const words = memory;
  let all = 0;
  for (let i = from; i < to; i++) {
    const word = (words[i] as number) ^ mask;
    words[i] = word;
    all |= word;
  }
  return all;
}

/** Loads `bufferutil`, which `ws` also uses if it is installed. The variable that disables it in `ws` applies here too. */
function loadNative(): { unmask(payload: Buffer, mask: Buffer): void } | undefined {
  if (process.env.WS_NO_BUFFER_UTIL) return undefined;
  try {
    return require('bufferutil');
  } catch {
    return undefined;
  }
}
