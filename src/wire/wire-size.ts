import type { Duplex } from 'node:stream';
import { Fifo } from '../core/fifo';
import type { Log } from '../core/log';

/** Parses the frames of one direction as their bytes pass. Calls back with the payload bytes of each data message. */
export class FrameMeter {
  private readonly header = Buffer.alloc(14);
  private have = 0;
  private need = 2;
  private skip = 0;
  private message = 0;

  constructor(private readonly measured: (wireSize: number) => void) {}

  /** Parses the next bytes, which may be split anywhere. */
  feed(chunk: Buffer): void {
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.skip, chunk.length - at);
      this.skip -= skipped;
      at += skipped;
      if (this.skip > 0 || at >= chunk.length) return;
      while (this.have < this.need && at < chunk.length) this.take(chunk[at++] as number);
      if (this.have < this.need) return;
      this.frame();
    }
  }

  private take(byte: number): void {
    this.header[this.have++] = byte;
    if (this.have !== 2) return;
    const length = byte & 0x7f;
    this.need = 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (byte & 0x80 ? 4 : 0);
  }

  /** Handles a complete header (RFC 6455, section 5.2). */
  private frame(): void {
    const [first, second] = [this.header[0] as number, this.header[1] as number];
    const short = second & 0x7f;
    const length = short === 127 ? Number(this.header.readBigUInt64BE(2)) : short === 126 ? this.header.readUInt16BE(2) : short;
    this.have = 0;
    this.need = 2;
    this.skip = length;
    if (first & 0x08) return; // Control frames may come between the fragments of a message.
    this.message += length;
    if (!(first & 0x80)) return;
    const size = this.message;
    this.message = 0;
    this.measured(size);
  }
}

/** A size that is set when the frame is written. It is 0 before. */
export interface Measured {
  size: number;
}

/** Wire sizes of the messages that one connection sends. */
export interface WireSizes {
  /** Registers a compressed message. Call it for each one, in the order of sending. */
  sending(): Measured;
}

/**
 * Measures the wire sizes of sent messages from the bytes written to the socket, because `ws` does not report the compressed size. Call it
 * in the event-loop turn in which `ws` receives the socket, before any byte has passed.
 */
export function meteredSizes(socket: Duplex): WireSizes {
  const outbound = new Fifo<Measured>();
  const outgoing = new FrameMeter((size) => {
    const measured = outbound.shift();
    if (measured) measured.size = size;
  });
  const write = socket.write;
  socket.write = function (this: Duplex, ...args: Parameters<Duplex['write']>) {
    const [chunk, encoding] = args as [unknown, unknown];
    outgoing.feed(
      Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string, (typeof encoding === 'string' ? encoding : 'utf8') as BufferEncoding),
    );
    return write.apply(this, args);
  } as Duplex['write'];

  return {
    sending() {
      const measured = { size: 0 };
      outbound.push(measured);
      return measured;
    },
  };
}

/**
 * Measures the wire sizes of received messages, for connections where `ws` reads everything.
 *
 * @returns a function that returns the wire size of the message that `ws` reports.
 */
export function meterReceived(socket: Duplex, log: Log): (payloadSize: number) => number {
  const inbound = new Fifo<number>();
  const incoming = new FrameMeter((size) => inbound.push(size));
  // The listener contains its own `try`, as `guarded` would, because it is called for every chunk.
  socket.prependListener('data', (chunk: Buffer) => {
    try {
      incoming.feed(chunk);
    } catch (error) {
      log.error(error);
    }
  });
  return (payloadSize) => inbound.shift() ?? payloadSize;
}
