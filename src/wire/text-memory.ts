/** Scratch buffer for assembling one text at a time. A new allocation for each text would keep the garbage collector busy. */
const scratchBuffer = Buffer.allocUnsafeSlow(128 * 1024);
let isScratchBufferTaken = false;

/** Returns memory for a text. The text is later copied out of it. */
export function acquireMemory(size: number): Buffer {
  if (isScratchBufferTaken || size > scratchBuffer.length) return Buffer.allocUnsafe(size);
  isScratchBufferTaken = true;
  return scratchBuffer.subarray(0, size);
}

export function releaseMemory({ buffer }: Buffer): void {
  if (buffer === scratchBuffer.buffer) isScratchBufferTaken = false;
}
