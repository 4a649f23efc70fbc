import { constants, deflateRaw, deflateRawSync } from 'node:zlib';
import { guardWith } from '../core/log';
import { type Frame, maskedFrame, plainFrame } from './frame';

/** Maximum size for synchronous compression, bytes. Up to this size, passing the work to a thread takes longer. */
const maxSyncDeflateBytes = 32 * 1024;

/** A message that is framed and compressed at most once for each kind of connection, however many receive it. */
export class OutgoingMessage {
  /** True for text, false for bytes (RFC 6455, section 5.6). */
  readonly isText: boolean;
  /** Size in bytes. Text counts as UTF-8. */
  readonly size: number;
  private readonly data: string | Buffer;
  private plain: Frame | undefined;
  private compressed: Map<number, Promise<Packed> | Packed> | undefined;

  constructor(data: string | Buffer, isText = typeof data === 'string') {
    this.data = data;
    this.isText = isText;
    this.size = Buffer.byteLength(data);
  }

  /**
   * Returns a message that later receivers get too. Its frame holds the only copy of the bytes: the value of the flow is not kept, and a
   * later change of it has no effect.
   */
  static kept(data: string | Buffer): OutgoingMessage {
    const isText = typeof data === 'string';
    // Small buffers of Node.js share one block of memory, which a kept one would keep.
    const frame = plainFrame(data, { opcode: isText ? 1 : 2 }).map((part) => Buffer.from(new Uint8Array(part).buffer));
    const last = frame[frame.length - 1] as Buffer;
    const message = new OutgoingMessage(last.subarray(last.length - Buffer.byteLength(data)), isText);
    message.plain = frame;
    return message;
  }

  /** Returns the text if it is ASCII. */
  get ascii(): string | undefined {
    return typeof this.data === 'string' && this.data.length === this.size ? this.data : undefined;
  }

  /** Returns the message as a receiver gets it. */
  get value(): string | Buffer {
    return this.isText ? String(this.data) : this.data;
  }

  get bytes(): Buffer {
    return typeof this.data === 'string' ? Buffer.from(this.data) : this.data;
  }

  /** Returns the frame that a server sends. */
  get frame(): Frame {
    this.plain ??= plainFrame(this.data, { opcode: this.opcode });
    return this.plain;
  }

  /** Returns the frame that a client sends. Each call encodes it again. */
  get masked(): Frame {
    return maskedFrame(this.bytes, { opcode: this.opcode });
  }

  /**
   * Compresses the message without reference to earlier messages. Every connection whose window is at least this large can read it,
   * whatever it negotiated about context takeover (RFC 7692, section 7.2). If compression saves nothing, returns the uncompressed frame.
   */
  packed(windowBits: number): Promise<Packed> | Packed {
    this.compressed ??= new Map();
    const known = this.compressed.get(windowBits);
    if (known !== undefined) return known;
    const packing = this.pack(windowBits);
    this.compressed.set(windowBits, packing);
    return packing;
  }

  private get opcode(): number {
    return this.isText ? 1 : 2;
  }

  private pack(windowBits: number): Promise<Packed> | Packed {
    const { bytes } = this;
    // zlib has no window below 9 bits. Its 9-bit window reaches no further back than 8 bits do.
    const options = { windowBits: Math.max(windowBits, 9), finishFlush: constants.Z_SYNC_FLUSH };
    const framed = (deflated: Buffer): Packed => {
      // The empty block at the end of a sync flush is not sent (RFC 7692, section 7.2.1).
      const payload = deflated.subarray(0, -4);
      if (payload.length >= this.size) return { frame: this.frame, wireSize: this.size };
      return { frame: plainFrame(payload, { opcode: this.opcode, rsv1: true }), wireSize: payload.length };
    };
    if (bytes.length <= maxSyncDeflateBytes) return framed(deflateRawSync(bytes, options));
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, deflated: Buffer) => (error ? reject(error) : resolve(framed(deflated)));
      deflateRaw(bytes, options, guardWith(reject)(done));
    });
  }
}

export interface Packed {
  readonly frame: Frame;
  readonly wireSize: number;
}
