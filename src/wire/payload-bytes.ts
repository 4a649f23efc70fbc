/** Returns the payload. A small one is copied, because a view would retain the whole chunk as long as the flow keeps the message. */
export function bytesOf(chunk: Buffer, start: number, end: number): Buffer {
  const bytes = chunk.subarray(start, end);
  return bytes.length * 4 < chunk.buffer.byteLength ? Buffer.from(bytes) : bytes;
}

/** Decodes ASCII bytes. `toString` reads its arguments again, which takes as long as a short text, so its inner function is called. */
export const latin1Of = (bytes: Buffer, start: number, end: number): string =>
  (bytes as InnerDecoder).latin1Slice?.(start, end) ?? bytes.toString('latin1', start, end);

/** A function of Buffers that Node.js does not document. */
interface InnerDecoder extends Buffer {
  latin1Slice?(start: number, end: number): string;
}

export function areAscii(bytes: Buffer, start: number, end: number): boolean {
  let all = 0;
  for (let i = start; i < end; i++) all |= bytes[i] as number;
  return all < 0x80;
}
