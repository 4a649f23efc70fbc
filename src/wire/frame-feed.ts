import type { Receiver } from './ws-internals';

/** The first byte of a frame (RFC 6455, section 5.2). */
export const isLastFragment = (first: number) => (first & 0x80) !== 0;
export const isControl = (first: number) => (first & 0x08) !== 0;
const isContinuation = (first: number) => (first & 0x0f) === 0;

/** The states of the reader of `ws` that matter here: see `Receiver`. */
const frameBegins = 0;
const payloadComes = 4;
const inflating = 5;

/** Smaller pieces of a payload are joined: `ws` takes 104 bytes of memory for each piece, whatever its size. */
const largePiece = 16 * 1024;
const smallBlock = 1024;
const largeBlock = 64 * 1024;

/**
 * Hands `ws` what it is to read, one frame at a time, so that each can be counted before the next is read. The reader of `ws` by itself
 * reads all that it has been given, at once.
 */
export class FrameFeed {
  /** Bytes of the earlier frames of the message that is being read. */
  fragmentBytes = 0;
  private readonly toWs: (bytes: Buffer, done: (error?: Error | null) => void) => boolean;
  private readonly endWs: () => void;
  private readonly handled: (error?: Error | null) => void;
  /** The first byte of the frame that is being read. */
  private first = 0;
  /** Joined pieces of a payload. */
  private block: Buffer | undefined;
  private joined = 0;
  private hasFailed = false;
  private isEnded = false;

  /**
   * @param onFrame is called for each frame that `ws` has been given whole, with its first byte and the size of its payload.
   * @param onHandled is called when `ws` has dealt with what it was given, which takes a while where a message is inflated.
   */
  constructor(
    private readonly receiver: Receiver,
    private readonly onFrame: (first: number, size: number) => void,
    onHandled: () => void,
  ) {
    this.toWs = receiver.write.bind(receiver);
    this.endWs = receiver.end.bind(receiver);
    this.handled = (error) => {
      if (error) this.hasFailed = true;
      onHandled();
    };
  }

  /** A message may begin next. */
  get isBetweenMessages(): boolean {
    const { _state, _bufferedBytes, _fragmented, _errored, _opcode } = this.receiver;
    return (
      _state === frameBegins && _bufferedBytes === 0 && _fragmented === 0 && !_errored && _opcode !== 8 && !this.isEnded && !this.hasFailed
    );
  }

  /** A message is being inflated. What `ws` gets meanwhile would wait in its stream, to be read all at once. */
  get isBusy(): boolean {
    return this.receiver._state >= inflating;
  }

  /** After a violation or a close frame nothing is read (RFC 6455, sections 5.5.1 and 7.1.7). */
  get hasEnded(): boolean {
    const { _errored, _opcode, _state } = this.receiver;
    return this.isEnded || this.hasFailed || _errored || (_opcode === 8 && _state === frameBegins);
  }

  /** The bytes of a message that `ws` reports now, as they came. */
  get messageBytes(): number {
    return this.fragmentBytes + this.receiver._payloadLength;
  }

  /** Hands on what belongs to the current frame. @returns the position behind it. */
  pass(chunk: Buffer, at: number): number {
    const { _state: state, _bufferedBytes: buffered, _payloadLength: length } = this.receiver;
    const left = chunk.length - at;
    if (state === payloadComes) {
      const missing = length - buffered - this.joined;
      const size = Math.min(left, missing);
      this.passPayload(chunk.subarray(at, at + size), missing);
      return at + size;
    }
    let size = 1; // A header that is not whole goes on byte by byte.
    if (state === frameBegins && buffered === 0) {
      this.first = chunk[at] as number;
      if (!isControl(this.first) && !isContinuation(this.first)) this.fragmentBytes = 0;
      size = Math.min(left, frameLength(chunk, at));
    }
    const frame = chunk.subarray(at, at + size);
    this.put(this.isKept(frame) ? copy(frame) : frame);
    return at + size;
  }

  /** Hands on one whole frame. */
  passFrame(header: Buffer, payload: Buffer): void {
    this.first = header[0] as number;
    this.fragmentBytes = 0;
    this.put(header);
    this.put(payload);
  }

  /** Nothing more comes. Called again it does nothing: `ws` says so twice, and its stream would make an error of the second time. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.endWs();
  }

  /** A small fragment would keep the whole chunk that it came with, whatever else that held, for as long as its message is not whole. */
  private isKept(frame: Buffer): boolean {
    return !isControl(this.first) && !isLastFragment(this.first) && frame.length * 2 < frame.buffer.byteLength;
  }

  /** @param missing how much of the payload was not passed yet. */
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
      // Twice as large each time: a byte is copied twice at most, on average.
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

  private put(bytes: Buffer): void {
    const { receiver } = this;
    this.toWs(bytes, this.handled);
    const { _state: state, _bufferedBytes: buffered, _payloadLength: size } = receiver;
    if (buffered > 0 || (state !== frameBegins && state < inflating) || this.hasEnded) return;
    if (!isControl(this.first) && !isLastFragment(this.first)) this.fragmentBytes += size;
    this.onFrame(this.first, size);
  }
}

/** In memory of its own: what comes from a pool keeps the pool. */
function copy(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

/** The length of the frame that begins there; up to the end of its header where that is too short to tell. */
function frameLength(chunk: Buffer, at: number): number {
  if (chunk.length - at < 4) return 1;
  const short = (chunk[at + 1] as number) & 0x7f;
  const mask = (chunk[at + 1] as number) & 0x80 ? 4 : 0;
  if (short === 127) return 10 + mask;
  return (short === 126 ? 4 + chunk.readUInt16BE(at + 2) : 2 + short) + mask;
}
