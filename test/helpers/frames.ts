/** Frames for the tests, on the codec that the benchmark uses too. */
import { decodeFrame, encodeFrame, type Frame, type FrameSpec, frameLength, opcodes } from '../../bench/frame-codec.cjs';

export { decodeFrame, encodeFrame, type Frame, type FrameSpec, opcodes };

/** Returns the bytes of a valid or invalid frame, such as `ws` would never send. */
export const frame = (opcode: number, payload: string | Buffer = '', rest: Omit<FrameSpec, 'opcode' | 'payload'> = {}): Buffer =>
  encodeFrame({ ...rest, opcode, payload });

/** Returns the body of a close frame (section 5.5.1). */
export function closeBody(code: number, reason: string | Buffer = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason as string)]);
}

/** Collects bytes. @returns the frames that have become complete. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private have = 0;
  private need = 2;

  read(chunk: Buffer): Frame[] {
    this.chunks.push(chunk);
    this.have += chunk.length;
    if (this.have < this.need) return [];
    let rest = Buffer.concat(this.chunks);
    const frames: Frame[] = [];
    for (let one = decodeFrame(rest); one; one = decodeFrame(rest)) {
      frames.push(one.frame);
      rest = rest.subarray(one.length);
    }
    this.need = frameLength(rest) ?? rest.length + 1;
    this.chunks = [rest];
    this.have = rest.length;
    return frames;
  }
}

/** Returns the payload bytes of each data message among these frames, which `wireSize` must equal. */
export function wireSizes(frames: readonly Frame[]): number[] {
  const sizes: number[] = [];
  let size = 0;
  for (const { opcode, payload, fin } of frames.filter(({ opcode }) => opcode < 8)) {
    size = (opcode === opcodes.continuation ? size : 0) + payload.length;
    if (fin) sizes.push(size);
  }
  return sizes;
}
