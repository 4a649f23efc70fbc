import type { Receiver } from './ws-internals';

/** Bits of the first byte of a frame (RFC 6455, section 5.2). */
export const isLastFragment = (first: number) => (first & 0x80) !== 0;
export const isControl = (first: number) => (first & 0x08) !== 0;
const isContinuation = (first: number) => (first & 0x0f) === 0;

/** States of the reader of `ws` that this file uses. `Receiver` lists all of them. */
const frameBegins = 0;
const payloadComes = 4;
const inflating = 5;

/** Smaller pieces of a payload are joined, because `ws` uses 104 bytes of memory for each piece, whatever its size. */
const largePiece = 16 * 1024;
const smallBlock = 1024;
const largeBlock = 64 * 1024;

/** The owner of a feed. */
export interface FeedOwner {
  /** Called for each frame that `ws` has received completely, with its first byte and payload size. */
  passed(first: number, size: number): void;
  /** Called when `ws` has processed the data passed to it. This takes longer if a message is inflated. */
  handled(): void;
}

/**
 * Passes data to `ws` one frame at a time, so that each frame is counted before the next is read. Without it, the reader of `ws` reads all
 * available data at once.
 */
export class FrameFeed {
  /** Payload bytes of the earlier frames of the current message. */
  fragmentBytes = 0;
  /** The functions of its class; `receiver` gets others. */
  private readonly write: Receiver['write'];
  private readonly endOfWs: Receiver['end'];
  /** Made when the first frame is passed. Most connections pass none before their close frame. */
  private handled: ((error?: Error | null) => void) | undefined;
  /** First byte of the current frame. */
  private first = 0;
  /** Buffer for the joined pieces of a payload. */
  private block: Buffer | undefined;
  private joined = 0;
  private hasFailed = false;
  private isEnded = false;

  constructor(
    private readonly receiver: Receiver,
    private readonly owner: FeedOwner,
  ) {
    this.write = receiver.write;
    this.endOfWs = receiver.end;
  }

  /** Returns true if the next frame may begin a message. */
  get isBetweenMessages(): boolean {
    const { _state, _bufferedBytes, _fragmented, _errored, _opcode } = this.receiver;
    return (
      _state === frameBegins && _bufferedBytes === 0 && _fragmented === 0 && !_errored && _opcode !== 8 && !this.isEnded && !this.hasFailed
    );
  }

  /**
   * Returns true while a message is inflated. Data passed to `ws` during this time would wait in its stream and then be read all at once.
   */
  get isBusy(): boolean {
    return this.receiver._state >= inflating;
  }

  /** Returns true after a violation or a close frame. No further data is read (RFC 6455, sections 5.5.1 and 7.1.7). */
  get hasEnded(): boolean {
    const { _errored, _opcode, _state } = this.receiver;
    return this.isEnded || this.hasFailed || _errored || (_opcode === 8 && _state === frameBegins);
  }

  /** Payload bytes of the message that `ws` reports now, as received. */
  get messageBytes(): number {
    return this.fragmentBytes + this.receiver._payloadLength;
  }

  /** Passes on the part of the chunk that belongs to the current frame. @returns the position after it. */
  pass(chunk: Buffer, at: number): number {
    const { _state: state, _bufferedBytes: buffered, _payloadLength: length } = this.receiver;
    const left = chunk.length - at;
    if (state === payloadComes) {
      const missing = length - buffered - this.joined;
      const size = Math.min(left, missing);
      this.passPayload(chunk.subarray(at, at + size), missing);
      return at + size;
    }
    let size = 1; // An incomplete header is passed on byte by byte.
    if (state === frameBegins && buffered === 0) {
      this.first = chunk[at] as number;
      if (!isControl(this.first) && !isContinuation(this.first)) this.fragmentBytes = 0;
      size = Math.min(left, frameLength(chunk, at));
    }
    const frame = chunk.subarray(at, at + size);
    this.put(this.isKept(frame) ? copy(frame) : frame);
    return at + size;
  }

  /** Passes on one whole frame. */
  passFrame(header: Buffer, payload: Buffer): void {
    this.first = header[0] as number;
    this.fragmentBytes = 0;
    this.put(header);
    this.put(payload);
  }

  /** Ends the reader of `ws`. A second call has no effect: `ws` makes one, and its stream would report an error. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.endOfWs.call(this.receiver);
  }

  /** Returns true if a fragment must be copied. Until its message is complete, a small fragment would retain the whole received chunk. */
  private isKept(frame: Buffer): boolean {
    return !isControl(this.first) && !isLastFragment(this.first) && frame.length * 2 < frame.buffer.byteLength;
  }

  /** Passes on a piece of a payload. @param missing payload bytes that were not passed yet. */
  private passPayload(piece: Buffer, missing: number): void {
    const isLast = piece.length === missing;
    if (piece.length >= largePiece || (isLast && this.joined === 0)) {
      this.passBlock();
      return this.put(piece);
    }
    this.join(piece, missing);
    if (isLast || this.joined === largeBlock) this.passBlock();
  }

  private join(piece: Buffer, missing: number): void {
    if (this.joined + piece.length > largeBlock) this.passBlock();
    const needed = this.joined + piece.length;
    const { block } = this;
    if (!block || needed > block.length) {
      // The size doubles each time, so a byte is copied at most twice on average.
      const size = Math.min(Math.max(smallBlock, needed * 2), this.joined + missing, largeBlock);
      this.block = Buffer.allocUnsafeSlow(size);
      block?.copy(this.block, 0, 0, this.joined);
    }
    piece.copy(this.block as Buffer, this.joined);
    this.joined = needed;
  }

  private passBlock(): void {
    const { block, joined } = this;
    if (!block || joined === 0) return;
    this.block = undefined;
    this.joined = 0;
    this.put(joined === block.length ? block : copy(block.subarray(0, joined)));
  }

  private makeHandled(): (error?: Error | null) => void {
    return (error) => {
      if (error) this.hasFailed = true;
      this.owner.handled();
    };
  }

  private put(bytes: Buffer): void {
    const { receiver } = this;
    this.handled ??= this.makeHandled();
    this.write.call(receiver, bytes, this.handled);
    const { _state: state, _bufferedBytes: buffered, _payloadLength: size } = receiver;
    if (buffered > 0 || (state !== frameBegins && state < inflating) || this.hasEnded) return;
    if (!isControl(this.first) && !isLastFragment(this.first)) this.fragmentBytes += size;
    this.owner.passed(this.first, size);
  }
}

/** Copies bytes into their own memory. A pooled buffer would retain the whole pool. */
function copy(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

/** Returns the length of the frame at `at`. If the chunk is too short, or the length has 64 bits, returns at most its header length. */
function frameLength(chunk: Buffer, at: number): number {
  if (chunk.length - at < 4) return 1;
  const short = (chunk[at + 1] as number) & 0x7f;
  const mask = (chunk[at + 1] as number) & 0x80 ? 4 : 0;
  if (short === 127) return 10 + mask;
  return (short === 126 ? 4 + chunk.readUInt16BE(at + 2) : 2 + short) + mask;
}
