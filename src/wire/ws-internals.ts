import { createHash } from 'node:crypto';
import type WebSocket from 'ws';

/** The private parts of `ws` that are used: its reader, a Writable. Nothing else touches them. */
export interface Receiver {
  /** Is given what the socket reads. */
  write(chunk: Buffer, done?: (error?: Error | null) => void): boolean;
  /** Nothing more will come. */
  end(): void;
  /** 0: a frame begins next; 1 to 3: its header is being read; 4: its payload is; 5: it is being inflated. */
  readonly _state: number;
  /** Bytes of a part that is not whole yet. */
  readonly _bufferedBytes: number;
  /** Of the frame that was begun last. */
  readonly _payloadLength: number;
  /** The opcode of the last frame. */
  readonly _opcode: number;
  /** The opcode of a message of which not all fragments have come; 0 for none. */
  readonly _fragmented: number;
  /** Something was wrong: nothing more is read. */
  readonly _errored: boolean;
}

/**
 * Releases of `ws` whose reader was read, and the SHA-256 of the source of its class. The source, not the version: only its fields
 * have to be as they were, and a patched copy keeps its version.
 */
const knownSources: Readonly<Record<string, string>> = {
  '8.23.0': 'f6c5166a8856fe399410ccc695ee500c21d322fc0b99bfb646b7577eea6e9d58',
};

let lastClass: unknown;
let isLastKnown = false;

/** Returns the reader of a connection that has just opened; `undefined` if its source is not known. */
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

/** `ws` checks the reason of a close frame as it checks a text, and complains of both in the same words: only its reader knows. */
export const isReadingClose = (ws: WebSocket) => anyReceiverOf(ws)?._opcode === 8;

const anyReceiverOf = (ws: WebSocket) => (ws as unknown as { _receiver?: Partial<Receiver> })._receiver;

/**
 * Has nothing read after an error. What came while a message was being inflated waits in the stream, which hands it to `ws` even then; in
 * 8.23.0 `ws` looks for a mask that it has thrown away, in a callback of zlib that nobody can guard, and the process ends.
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
