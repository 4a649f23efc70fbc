import { isUtf8 } from 'node:buffer';
import type WebSocket from 'ws';
import { type FeedOwner, FrameFeed } from './frame-feed';
import { areAscii, bytesOf, latin1Of } from './payload-bytes';
import type { Reader, ReaderOwner } from './reader';
import { acquireMemory, releaseMemory } from './text-memory';
import { unmask } from './unmask';
import { type Receiver, receiverOf } from './ws-internals';

/** Larger messages are passed to `ws`, which allocates memory for received bytes, not for the announced length. */
const maxFastPathPayload = 256 * 1024;

/** The largest chunk that is kept while the socket goes on reading, bytes. */
const smallChunk = 4096;

/** First byte of an uncompressed message in one frame (RFC 6455, section 5.2). */
const finalText = 0x81;
const finalBinary = 0x82;
const pong = 0x8a;
/** Maximum payload of a control frame (RFC 6455, section 5.5). */
const maxControlPayload = 125;

/**
 * Reads the common frames before `ws` does, several times as fast: uncompressed messages in one frame. All other frames, and invalid ones,
 * are passed to `ws` one by one.
 *
 * @returns `undefined` if the reader of `ws` is not a known one. In this case `ws` reads everything.
 */
export function fastPathReader(ws: WebSocket, owner: ReaderOwner): Reader | undefined {
  const receiver = receiverOf(ws);
  return receiver && new FastPathReader(ws, receiver, owner);
}

/** A partially received frame. */
interface Part {
  readonly header: Buffer;
  readonly payload: Buffer;
  filled: number;
}

const ownReader = Symbol('reader');
interface OwnedReceiver extends Receiver {
  [ownReader]: FastPathReader;
}

// Functions that all receivers share. A function of its own for each connection keeps the garbage collector busy.
function writeToReader(this: Receiver, chunk: Buffer): boolean {
  return (this as OwnedReceiver)[ownReader].write(chunk);
}

function endReader(this: Receiver): void {
  (this as OwnedReceiver)[ownReader].readLast();
}

class FastPathReader implements Reader, FeedOwner {
  private readonly feed: FrameFeed;
  private readonly maxSize: number;
  private part: Part | undefined;
  /** Received chunks that are not read yet. They are few, because the socket is paused while more than a small one remains. */
  private readonly unread: Buffer[] = [];
  /** Reading waits for `resume`. */
  private isPaused = false;
  /** The socket is paused because of what waits. */
  private isSocketPaused = false;
  private isReading = false;
  /** The socket has ended. */
  private isLast = false;

  constructor(
    private readonly ws: Pick<WebSocket, 'pause' | 'resume'>,
    receiver: Receiver,
    private readonly owner: ReaderOwner,
  ) {
    this.feed = new FrameFeed(receiver, this);
    this.maxSize = Math.min(owner.maxPayload || maxFastPathPayload, maxFastPathPayload);
    (receiver as OwnedReceiver)[ownReader] = this;
    receiver.write = writeToReader;
    receiver.end = endReader;
  }

  get fragmentBytes(): number {
    return this.feed.fragmentBytes;
  }

  get messageBytes(): number {
    return this.feed.messageBytes;
  }

  passed(first: number, size: number): void {
    this.owner.passed(first, size);
  }

  /** Contains its own `try`, because `ws` calls it. */
  handled(): void {
    try {
      if (this.unread.length > 0) this.readHeld();
    } catch (error) {
      this.owner.log.error(error);
    }
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.readHeld();
  }

  finish(): void {
    while (this.unread.length > 0 && !this.isSocketPaused && !this.feed.isBusy && !this.feed.hasEnded) this.resume();
  }

  end(): void {
    if (this.part) releaseMemory(this.part.payload);
    this.part = undefined;
    this.unread.length = 0;
  }

  /** Handles the end of the socket, or a close frame. Held data is read first, however many event-loop turns that takes. */
  readLast(): void {
    this.isLast = true;
    if (this.unread.length === 0 || this.isReading) this.feed.end();
  }

  /**
   * Reads or holds a chunk. It contains its own `try`, as `guarded` would, because it is called for every chunk.
   *
   * @returns the result of a stream's `write`. It is always `true`, because a paused socket sends no more data by itself.
   */
  write(chunk: Buffer): boolean {
    try {
      const waits = this.mustWait || this.unread.length > 0 || !this.owner.mayRead();
      const at = waits ? 0 : this.read(chunk);
      if (at < chunk.length) this.hold(at === 0 ? chunk : chunk.subarray(at));
    } catch (error) {
      this.owner.log.error(error);
    }
    return true;
  }

  /** Keeps data for later. A pause of the socket costs as much as a message, so a small chunk is kept without one. */
  private hold(chunk: Buffer): void {
    const isSmall = this.unread.length === 0 && chunk.length <= smallChunk && !this.feed.isBusy;
    this.unread.push(chunk);
    if (isSmall || this.isSocketPaused) return;
    this.isSocketPaused = true;
    this.ws.pause();
  }

  private get mustWait(): boolean {
    return this.isPaused || this.feed.isBusy;
  }

  private readHeld(): void {
    const { unread } = this;
    let count = 0;
    while (count < unread.length && !this.mustWait) {
      const chunk = unread[count] as Buffer;
      const at = this.read(chunk);
      if (at < chunk.length) unread[count] = chunk.subarray(at);
      else count++;
    }
    if (this.feed.hasEnded) unread.length = 0;
    else unread.splice(0, count);
    if (unread.length > 0 || this.isPaused) return;
    if (this.isLast) this.feed.end();
    if (!this.isSocketPaused) return;
    this.isSocketPaused = false;
    this.ws.resume();
  }

  /** Reads a chunk. @returns the number of bytes that were read, or are to be ignored. */
  private read(chunk: Buffer): number {
    const { feed } = this;
    let at = 0;
    this.isReading = true;
    while (at < chunk.length && !this.isPaused) {
      const from = at;
      if (this.part) at = this.fill(this.part, chunk, at);
      else if (feed.isBetweenMessages) at = this.readFrames(chunk, at);
      else if (feed.isBusy || feed.hasEnded) break;
      if (at === from) at = feed.pass(chunk, at);
    }
    this.isReading = false;
    return at < chunk.length && feed.hasEnded ? chunk.length : at;
  }

  /** Reads whole frames. @returns the position of the first frame that the fast path does not handle. */
  private readFrames(chunk: Buffer, from: number): number {
    const { owner } = this;
    const { masked } = owner;
    const end = chunk.length;
    let at = from;
    while (end - at >= 2 && !this.isPaused) {
      const first = chunk[at] as number;
      const second = chunk[at + 1] as number;
      if (second >= 0x80 !== masked) break;
      if (first !== finalText && first !== finalBinary) {
        const next = first === pong ? this.readPong(chunk, at) : at;
        if (next === at) break;
        at = next;
        continue;
      }
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
      if (size > this.maxSize || start > end) break;
      const next = start + size;
      if (next > end) {
        const payload = first === finalText ? acquireMemory(size) : Buffer.allocUnsafe(size);
        this.part = { header: Buffer.from(chunk.subarray(at, start)), payload, filled: chunk.copy(payload, 0, start) };
        return end;
      }
      const isAscii = masked ? unmask(chunk, start, size, chunk, start - 4) : size < 64 && areAscii(chunk, start, next);
      if (first === finalBinary) owner.deliver(bytesOf(chunk, start, next), size);
      else if (isAscii) owner.deliver(latin1Of(chunk, start, next), size);
      else if (isUtf8(chunk.subarray(start, next))) owner.deliver(chunk.toString('utf8', start, next), size);
      else {
        // The bytes are masked again, so that `ws` receives the original frame and reports the violation.
        if (masked) unmask(chunk, start, size, chunk, start - 4);
        break;
      }
      at = next;
    }
    return at;
  }

  /**
   * Reads a whole pong. With a heartbeat, most frames of most connections are pongs.
   *
   * @returns the position after it, or `at` if it is incomplete or too long.
   */
  private readPong(chunk: Buffer, at: number): number {
    const { owner } = this;
    const { masked } = owner;
    const size = (chunk[at + 1] as number) & 0x7f;
    const start = at + (masked ? 6 : 2);
    const next = start + size;
    if (size > maxControlPayload || next > chunk.length) return at;
    const data = Buffer.from(chunk.subarray(start, next));
    if (masked) unmask(data, 0, size, chunk, start - 4);
    owner.ponged(data);
    owner.passed(pong, size);
    return next;
  }

  /** Appends to a partial frame. @returns the position of the next frame, or the end of the chunk. */
  private fill(part: Part, chunk: Buffer, at: number): number {
    const { header, payload } = part;
    const copied = chunk.copy(payload, part.filled, at);
    part.filled += copied;
    if (part.filled === payload.length) {
      this.part = undefined;
      this.deliverPart(header, payload);
      releaseMemory(payload);
    }
    return at + copied;
  }

  private deliverPart(header: Buffer, payload: Buffer): void {
    const { owner } = this;
    const { masked } = owner;
    const { length } = payload;
    const isAscii = masked && unmask(payload, 0, length, header, header.length - 4);
    if (header[0] === finalBinary) return owner.deliver(payload, length);
    if (isAscii) return owner.deliver(latin1Of(payload, 0, length), length);
    if (isUtf8(payload)) return owner.deliver(payload.toString('utf8'), length);
    if (masked) unmask(payload, 0, length, header, header.length - 4);
    this.feed.passFrame(header, payload);
  }
}
