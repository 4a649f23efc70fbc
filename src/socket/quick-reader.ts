import { isUtf8 } from 'node:buffer';
import type WebSocket from 'ws';
import { unmask } from './unmask';
import { freshReceiver, type Receiver } from './ws-receiver';

export interface QuickReaderOptions {
  /** What comes must be masked: it is a client's (RFC 6455, section 5.1). */
  readonly masked: boolean;
  /** Larger messages are left to `ws`, which ends the connection for them; 0 is no limit. */
  readonly maxPayload: number;
  /** Takes a message, and the bytes that it had. Must not throw. @returns whether more may follow at once; if not, `readOn` must be called. */
  readonly deliver: (data: string | Buffer, size: number) => boolean;
}

export interface Reader {
  /** Goes on where `deliver` wanted no more. @returns whether everything is read. */
  readOn(): boolean;
  /** To be called when the connection has ended. */
  end(): void;
}

/** Where `ws` reads all. */
export const slowReader: Reader = { readOn: () => true, end: () => {} };

/** Larger messages are left to `ws`, which takes memory for what came, not for what was announced. */
const largestHere = 256 * 1024;

/** A message that is whole in one frame, and not compressed (RFC 6455, section 5.2). */
const finalText = 0x81;
const finalBinary = 0x82;

/**
 * Reads the common frames before `ws` does, several times as fast: whole messages in one frame, uncompressed. Everything else, and
 * everything that is wrong, is left to `ws`. Without the private members that it needs, `ws` reads all.
 */
export function readQuickly(ws: WebSocket, options: QuickReaderOptions): Reader {
  const receiver = freshReceiver(ws);
  return receiver ? new QuickReader(receiver, options) : slowReader;
}

/** Where texts are put together, one at a time: memory that is asked for anew each time keeps the garbage collector busy. */
const desk = Buffer.allocUnsafeSlow(128 * 1024);
let isDeskTaken = false;

/** Memory for a text, which is copied out of it. */
function takeMemory(size: number): Buffer {
  if (isDeskTaken || size > desk.length) return Buffer.allocUnsafe(size);
  isDeskTaken = true;
  return desk.subarray(0, size);
}

function leaveMemory({ buffer }: Buffer): void {
  if (buffer === desk.buffer) isDeskTaken = false;
}

/** A frame of which not everything has come. */
interface Part {
  readonly header: Buffer;
  readonly payload: Buffer;
  filled: number;
}

class QuickReader implements Reader {
  private readonly toWs: Pick<Receiver, 'write' | 'end'>;
  private readonly largest: number;
  private part: Part | undefined;
  /** What came and is not read yet: enough was delivered in this turn. */
  private held: Buffer | undefined;
  private isFull = false;
  /** The socket has ended: all has to be read now. */
  private isLast = false;

  constructor(
    private readonly receiver: Receiver,
    private readonly options: QuickReaderOptions,
  ) {
    const { write, end } = receiver;
    this.toWs = { write: write.bind(receiver), end: end.bind(receiver) };
    this.largest = Math.min(options.maxPayload || largestHere, largestHere);
    receiver.write = (chunk) => this.write(chunk);
    receiver.end = () => this.readLast();
  }

  readOn(): boolean {
    const { held } = this;
    this.held = undefined;
    if (held) this.read(held);
    return this.held === undefined;
  }

  end(): void {
    if (this.part) leaveMemory(this.part.payload);
    this.part = this.held = undefined;
  }

  /** `ws` says so twice. The second time a stream makes an error of it that nobody hears; with its stack that took as long as a tenth of a connection. */
  private readLast(): void {
    if (this.isLast) return;
    this.isLast = true;
    this.readOn();
    this.toWs.end();
  }

  private write(chunk: Buffer): boolean {
    if (!this.held) return this.read(chunk);
    this.held = Buffer.concat([this.held, chunk]);
    return true;
  }

  /** @returns as a stream's `write`: whether more may come at once. */
  private read(chunk: Buffer): boolean {
    let goesOn = true;
    let at = 0;
    while (at < chunk.length && !this.isFull && !this.hasEnded()) {
      const from = at;
      if (this.part) at = this.fill(this.part, chunk, at);
      else if (this.isBetweenMessages()) at = this.readFrames(chunk, at);
      if (at > from) continue;
      at += this.bytesForWs(chunk, at);
      goesOn = this.toWs.write(chunk.subarray(from, at));
    }
    if (!this.isFull) return goesOn;
    this.isFull = false;
    if (at < chunk.length) this.held = chunk.subarray(at);
    return true;
  }

  private deliver(data: string | Buffer, size: number): void {
    if (!this.options.deliver(data, size)) this.isFull = !this.isLast;
  }

  private isBetweenMessages(): boolean {
    const { _state, _bufferedBytes, _fragmented } = this.receiver;
    return _state === 0 && _bufferedBytes === 0 && _fragmented === 0 && !this.hasEnded();
  }

  /** After a violation or a close frame nothing is read any more (RFC 6455, sections 5.5.1 and 7.1.7). */
  private hasEnded(): boolean {
    const { _errored, _opcode, _state } = this.receiver;
    return _errored || (_opcode === 8 && _state === 0);
  }

  /** How much of a chunk is for `ws`: what it needs of the frame that it is at, so that those behind it can be read here. */
  private bytesForWs(chunk: Buffer, at: number): number {
    const left = chunk.length - at;
    const { _state: state, _bufferedBytes: held, _payloadLength: length } = this.receiver;
    if (state === 4) return Math.min(left, length - held);
    // In the middle of a header, which it is given byte by byte.
    if (state > 0 || held > 0) return 1;
    return Math.min(left, frameLength(chunk, at));
  }

  /** @returns where the first frame stands that is not for here. */
  private readFrames(chunk: Buffer, from: number): number {
    const { masked } = this.options;
    const end = chunk.length;
    let at = from;
    while (end - at >= 2 && !this.isFull) {
      const first = chunk[at] as number;
      const second = chunk[at + 1] as number;
      if ((first !== finalText && first !== finalBinary) || second >= 0x80 !== masked) break;
      let size = second & 0x7f;
      let start = at + 2;
      if (size === 126) {
        if (end - at < 4) break;
        size = ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number);
        start += 2;
      } else if (size === 127) {
        if (end - at < 10 || chunk.readUInt32BE(at + 2) !== 0) break;
        size = chunk.readUInt32BE(at + 6);
        start += 8;
      }
      if (masked) start += 4;
      if (size > this.largest || start > end) break;
      const next = start + size;
      if (next > end) {
        const payload = first === finalText ? takeMemory(size) : Buffer.allocUnsafe(size);
        this.part = { header: Buffer.from(chunk.subarray(at, start)), payload, filled: chunk.copy(payload, 0, start) };
        return end;
      }
      const isAscii = masked ? unmask(chunk, start, size, chunk, start - 4) : size < 64 && areAscii(chunk, start, next);
      if (first === finalBinary) this.deliver(chunk.subarray(start, next), size);
      else if (isAscii) this.deliver(chunk.toString('latin1', start, next), size);
      else if (isUtf8(chunk.subarray(start, next))) this.deliver(chunk.toString('utf8', start, next), size);
      else {
        // `ws` is to find it as it came, and to say what is wrong with it.
        if (masked) unmask(chunk, start, size, chunk, start - 4);
        break;
      }
      at = next;
    }
    return at;
  }

  /** @returns where the next frame begins, or the end of the chunk. */
  private fill(part: Part, chunk: Buffer, at: number): number {
    const { header, payload } = part;
    const copied = chunk.copy(payload, part.filled, at);
    part.filled += copied;
    if (part.filled === payload.length) {
      this.part = undefined;
      this.deliverPart(header, payload);
      leaveMemory(payload);
    }
    return at + copied;
  }

  private deliverPart(header: Buffer, payload: Buffer): void {
    const { masked } = this.options;
    const { length } = payload;
    const isAscii = masked && unmask(payload, 0, length, header, header.length - 4);
    if (header[0] === finalBinary) return this.deliver(payload, length);
    if (isAscii) return this.deliver(payload.toString('latin1'), length);
    if (isUtf8(payload)) return this.deliver(payload.toString('utf8'), length);
    if (masked) unmask(payload, 0, length, header, header.length - 4);
    this.toWs.write(header);
    this.toWs.write(payload);
  }
}

/** Up to the end of the header, where that says too little or is not whole. */
function frameLength(chunk: Buffer, at: number): number {
  if (chunk.length - at < 4) return 1;
  const short = (chunk[at + 1] as number) & 0x7f;
  const mask = (chunk[at + 1] as number) & 0x80 ? 4 : 0;
  if (short === 127) return 10 + mask;
  return (short === 126 ? 4 + chunk.readUInt16BE(at + 2) : 2 + short) + mask;
}

function areAscii(bytes: Buffer, start: number, end: number): boolean {
  let all = 0;
  for (let i = start; i < end; i++) all |= bytes[i] as number;
  return all < 0x80;
}
