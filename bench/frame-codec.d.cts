/** Opcodes (RFC 6455, section 5.2). */
export const opcodes: {
  readonly continuation: 0;
  readonly text: 1;
  readonly binary: 2;
  readonly close: 8;
  readonly ping: 9;
  readonly pong: 10;
};

/** A frame to write, valid or invalid. */
export interface FrameSpec {
  readonly opcode: number;
  readonly payload?: string | Buffer;
  /** The last frame of its message; true by default. */
  readonly fin?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv?: number;
  /** False by default. */
  readonly masked?: boolean;
  /** The masking key, four bytes; a fixed key by default. */
  readonly key?: Buffer;
  /** Bits of the length: 7, 7+16 or 7+64; by default the shortest form. */
  readonly form?: 7 | 16 | 64;
  /** The length in the header; by default that of the payload. */
  readonly claims?: bigint;
}

/** A frame that was read. */
export interface Frame {
  readonly fin: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly form: 7 | 16 | 64;
  /** The masking key; empty without one. */
  readonly mask: Buffer;
  /** Unmasked, and still compressed. */
  readonly payload: Buffer;
}

export function headerLength(second: number): number;
export function payloadLength(bytes: Buffer, at: number): number;
export function frameLength(bytes: Buffer): number | undefined;
export function encodeFrame(spec: FrameSpec): Buffer;
export function decodeFrame(bytes: Buffer): { readonly frame: Frame; readonly length: number } | undefined;
