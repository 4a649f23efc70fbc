import * as ws from 'ws';

/** Exported by ws, which documents `frame` as public; @types/ws leaves it out. */
const { Sender } = ws as unknown as {
  Sender: { frame(payload: Buffer, options: { fin: boolean; opcode: number; mask: boolean; readOnly: boolean; rsv1: boolean }): Buffer[] };
};

/** A message as the wire has it, in one piece or, where copying would cost too much, as header and payload. */
export type Frame = readonly Buffer[];

/** A payload from this size on is not copied behind its header: that would cost more than a write of its own. */
export const largePayload = 16 * 1024;

export interface FrameOptions {
  readonly opcode: number;
  /** Compressed (RFC 7692, section 6). */
  readonly rsv1?: boolean;
}

/** As a client sends it: with a new mask each time (RFC 6455, section 5.3). */
export const maskedFrame = (payload: Buffer, { opcode, rsv1 = false }: FrameOptions): Frame =>
  Sender.frame(payload, { fin: true, opcode, mask: true, readOnly: true, rsv1 });

/** As a server sends it: without a mask, so that all receivers can have the same bytes (RFC 6455, section 5.2). */
export function plainFrame(payload: string | Buffer, { opcode, rsv1 = false }: FrameOptions): Frame {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const header = length < 126 ? 2 : length < 65536 ? 4 : 10;
  const isLarge = length >= largePayload;
  const frame = Buffer.allocUnsafe(isLarge ? header : header + length);
  frame[0] = 0x80 | (rsv1 ? 0x40 : 0) | opcode;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length % 2 ** 32, 6);
  }
  if (isLarge) return [frame, typeof payload === 'string' ? Buffer.from(payload) : payload];
  if (typeof payload === 'string') frame.write(payload, header);
  else frame.set(payload, header);
  return [frame];
}

/** What goes before an ASCII text, in characters that stand for one byte each. */
export function textHeader(length: number): string {
  const bytes = String.fromCharCode;
  if (length < 126) return bytes(0x81, length);
  if (length < 65536) return bytes(0x81, 126, length >> 8, length & 255);
  return bytes(0x81, 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}
