import type WebSocket from 'ws';

/** What is touched of the private parts of `ws`, and nowhere else: its reader, a Writable, as read in ws 8.23.0. */
export interface Receiver {
  /** Is given what the socket reads. */
  write(chunk: Buffer): boolean;
  /** Nothing more will come. */
  end(): void;
  /** 0: a frame begins next; 1 to 3: its header is being read; 4: its payload is. */
  readonly _state: number;
  /** Bytes of a part that is not whole yet. */
  readonly _bufferedBytes: number;
  /** Of the frame that is being read. */
  readonly _payloadLength: number;
  /** The opcode of the last frame. */
  readonly _opcode: number;
  /** The opcode of a message of which not all fragments have come; 0 for none. */
  readonly _fragmented: number;
  /** Something was wrong: nothing more is read. */
  readonly _errored: boolean;
}

/** The reader of a connection that has just opened; `undefined` if it is not as we know it. */
export function freshReceiver(ws: WebSocket): Receiver | undefined {
  const receiver = receiverOf(ws);
  if (!receiver) return undefined;
  const { _state, _bufferedBytes, _payloadLength, _opcode, _fragmented, _errored, write, end } = receiver;
  const isKnown =
    [_state, _bufferedBytes, _payloadLength, _opcode, _fragmented].every((number) => number === 0) &&
    _errored === false &&
    typeof write === 'function' &&
    typeof end === 'function';
  return isKnown ? (receiver as Receiver) : undefined;
}

/** `ws` checks the reason of a close frame as it checks a text, and complains of both in the same words: only its reader knows. */
export const isReadingClose = (ws: WebSocket) => receiverOf(ws)?._opcode === 8;

const receiverOf = (ws: WebSocket) => (ws as unknown as { _receiver?: Partial<Receiver> })._receiver;

/**
 * Has nothing read after an error. What came while a message was being inflated waits in the stream, which hands it to `ws` even then; in
 * 8.23.0 `ws` looks for a mask that it has thrown away, in a callback of zlib that nobody can guard, and the process ends.
 */
export function stopAtError(ws: WebSocket): void {
  const receiver = receiverOf(ws) as { _errored?: boolean; _write?: Write } | undefined;
  const write = receiver?._write;
  if (!receiver || !write) return;
  receiver._write = function (this: unknown, chunk, encoding, done) {
    if (receiver._errored) done();
    else write.call(this, chunk, encoding, done);
  };
}
type Write = (this: unknown, chunk: Buffer, encoding: string, done: () => void) => void;
