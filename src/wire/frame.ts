import * as ws from 'ws';

/** `ws` exports it and documents `frame` as public. `@types/ws` omits it. */
const { Sender } = ws as unknown as {
  Sender: { frame(payload: Buffer, options: { fin: boolean; opcode: number; mask: boolean; readOnly: boolean; rsv1: boolean }): Buffer[] };
};

/** An encoded message, in one buffer. If copying would cost too much, it is a header and a payload. */
export type Frame = readonly Buffer[];

/** Minimum size of a payload that is not copied behind its header, bytes. The copy would cost more than a separate write. */
export const largePayload = 16 * 1024;

export interface FrameOptions {
  readonly opcode: number;
  /** Marks a compressed message (RFC 7692, section 6). */
  readonly rsv1?: boolean;
}

/** Returns a client frame, with a new mask each time (RFC 6455, section 5.3). */
export const maskedFrame = (payload: Buffer, { opcode, rsv1 = false }: FrameOptions): Frame =>
  Sender.frame(payload, { fin: true, opcode, mask: true, readOnly: true, rsv1 });

/** Returns a server frame. It has no mask, so all receivers can share the same bytes (RFC 6455, section 5.2). */
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

let lastPing: { readonly data: string; readonly frame: Buffer } | undefined;

/** Returns the frame of a server's ping. The connections that opened together are pinged with the same text, so the last frame is kept. */
export function pingFrame(data: string): Buffer {
  if (lastPing?.data !== data) lastPing = { data, frame: plainFrame(data, { opcode: 9 })[0] as Buffer };
  return lastPing.frame;
}

/** The headers of the short texts, by length. A new string for each message would take as long as the rest of its framing. */
const shortHeaders = Array.from({ length: 126 }, (_, length) => String.fromCharCode(0x81, length));

/** Returns the header of an ASCII text frame, as a Latin-1 string with one character per byte. */
export function textHeader(length: number): string {
  if (length < 126) return shortHeaders[length] as string;
  const bytes = String.fromCharCode;
  if (length < 65536) return bytes(0x81, 126, length >> 8, length & 255);
  return bytes(0x81, 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}
