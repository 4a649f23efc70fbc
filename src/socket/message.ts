import { constants, deflateRaw, deflateRawSync } from 'node:zlib';
import * as ws from 'ws';
import type { Frame } from './outbox';

/** Exported by ws, which documents `frame` as public; @types/ws leaves it out. */
const { Sender } = ws as unknown as {
  Sender: {
    frame(payload: Buffer, options: { fin: boolean; opcode: number; mask: boolean; readOnly: boolean; rsv1: boolean }): Buffer[];
  };
};

/** Up to this size compressing is done at once: sooner than a thread could be asked to. */
const largestAtOnce = 32 * 1024;

/** A message, framed and compressed at most once for each kind of connection, however many receive it. */
export class Message {
  readonly payload: Buffer;
  /** Text or bytes (RFC 6455, section 5.6). */
  readonly isText: boolean;
  private plain: Frame | undefined;
  private readonly compressed = new Map<number, Promise<Packed> | Packed>();

  constructor(data: string | Buffer) {
    this.isText = typeof data === 'string';
    this.payload = typeof data === 'string' ? Buffer.from(data) : data;
  }

  /** As a server frames it: without a mask, so that every receiver can have the same bytes. */
  get frame(): Frame {
    this.plain ??= this.framed(this.payload, { mask: false });
    return this.plain;
  }

  /** As a client frames it: each time with a new mask (RFC 6455, section 5.3). */
  maskedFrame(): Frame {
    return this.framed(this.payload, { mask: true });
  }

  /**
   * Compressed from nothing that was sent before, so that every connection whose window is at least this large can read it,
   * whatever it negotiated about context takeover (RFC 7692, section 7.2). As it is, where compressing gains nothing.
   */
  packed(windowBits: number): Promise<Packed> | Packed {
    const known = this.compressed.get(windowBits);
    if (known) return known;
    const pack = (deflated: Buffer): Packed => {
      const { length } = deflated;
      const packed =
        length < this.payload.length
          ? { frame: this.framed(deflated, { mask: false, rsv1: true }), wireSize: length }
          : { frame: this.frame, wireSize: this.payload.length };
      this.compressed.set(windowBits, packed);
      return packed;
    };
    // zlib has no window below 9 bits, and that one reaches no further back than 8 bits do.
    const options = { windowBits: Math.max(windowBits, 9), finishFlush: constants.Z_SYNC_FLUSH };
    if (this.payload.length <= largestAtOnce) return pack(withoutTail(deflateRawSync(this.payload, options)));
    const packing = new Promise<Packed>((resolve, reject) => {
      deflateRaw(this.payload, options, (error, deflated) => (error ? reject(error) : resolve(pack(withoutTail(deflated)))));
    });
    this.compressed.set(windowBits, packing);
    return packing;
  }

  private framed(payload: Buffer, { mask, rsv1 = false }: { mask: boolean; rsv1?: boolean }): Frame {
    return Sender.frame(payload, { fin: true, opcode: this.isText ? 1 : 2, mask, readOnly: true, rsv1 });
  }
}

export interface Packed {
  readonly frame: Frame;
  readonly wireSize: number;
}

/** The empty block that a sync flush ends with is not sent (RFC 7692, section 7.2.1). */
const withoutTail = (deflated: Buffer) => deflated.subarray(0, -4);
