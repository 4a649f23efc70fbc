import { createHash } from 'node:crypto';
import type WebSocket from 'ws';

/** Private parts of `ws` that are used: its reader, a Writable. No other file uses them, nor the flags of `areCloseFramesThrough`. */
export interface Receiver {
  /** Receives the data that the socket reads. */
  write(chunk: Buffer, done?: (error?: Error | null) => void): boolean;
  /** Ends the stream. No more data follows. */
  end(): void;
  /** 0: a frame begins next. 1 to 3: its header is being read. 4: its payload is being read. 5: it is being inflated. */
  readonly _state: number;
  /** Bytes of an incomplete header or payload. */
  readonly _bufferedBytes: number;
  /** Payload length of the frame that began last. */
  readonly _payloadLength: number;
  /** Opcode of the last frame. */
  readonly _opcode: number;
  /** Opcode of an incompletely received fragmented message. 0 means none. */
  readonly _fragmented: number;
  /** An error occurred, and no more data is read. */
  readonly _errored: boolean;
}

/**
 * Releases of `ws` with a reviewed reader, and the SHA-256 of the source of its class. The source is compared, because a patched copy keeps
 * its version number. Another release with the same source has the same fields.
 */
const knownSources: Readonly<Record<string, string>> = {
  '8.23.0': 'f6c5166a8856fe399410ccc695ee500c21d322fc0b99bfb646b7577eea6e9d58',
};

let lastClass: unknown;
let isLastKnown = false;

/** Returns the reader of a connection that has just opened, or `undefined` if its source is not known. */
export function receiverOf(ws: WebSocket): Receiver | undefined {
  const receiver = anyReceiverOf(ws);
  const readerClass = receiver?.constructor;
  if (readerClass !== lastClass) {
    lastClass = readerClass;
    isLastKnown = typeof readerClass === 'function' && isKnown(readerClass);
  }
  return isLastKnown ? (receiver as Receiver) : undefined;
}

const isKnown = (readerClass: object): boolean =>
  Object.values(knownSources).includes(createHash('sha256').update(String(readerClass)).digest('hex'));

/**
 * Returns true while a close frame is read. `ws` reports the same error for the reason of a close frame and for a text message. Only its
 * reader distinguishes them.
 */
export const isReadingClose = (ws: WebSocket) => anyReceiverOf(ws)?._opcode === 8;

/**
 * Returns true if the close frames of both sides are through. In `readyState` this looks like a wait for the close frame of the peer.
 */
export const areCloseFramesThrough = (ws: WebSocket) => {
  const { _closeFrameSent, _closeFrameReceived } = ws as unknown as { _closeFrameSent?: boolean; _closeFrameReceived?: boolean };
  return _closeFrameSent === true && _closeFrameReceived === true;
};

const anyReceiverOf = (ws: WebSocket) => (ws as unknown as { _receiver?: Partial<Receiver> })._receiver;

/**
 * Stops reading after an error. Data received while a message is inflated waits in the stream, which passes it to `ws` even after an error.
 * `ws` 8.23.0 then reads a mask that it has already discarded. This throws in a zlib callback that cannot be guarded, so the process exits.
 */
export function stopAtError(ws: WebSocket): void {
  const receiver = anyReceiverOf(ws) as { _errored?: boolean; _write?: Write } | undefined;
  const write = receiver?._write;
  if (!receiver || !write) return;
  receiver._write = function (this: unknown, chunk, encoding, done) {
    if (receiver._errored) done();
    else write.call(this, chunk, encoding, done);
  };
}
type Write = (this: unknown, chunk: Buffer, encoding: string, done: () => void) => void;
