import type { Log } from '../core/log';

/** The owner of a reader, with its options. It is one object, because each connection has it. */
export interface ReaderOwner {
  /** Requires masked frames, because the peer is a client (RFC 6455, section 5.1). */
  readonly masked: boolean;
  /** Maximum payload, bytes. Larger messages are passed to `ws`, which closes the connection. 0 means no limit. */
  readonly maxPayload: number;
  /** Receives a message of one frame, and its payload bytes. May call `pause`. Must not throw. */
  deliver(data: string | Buffer, size: number): void;
  /** Returns false if received data has to wait. It then calls `resume` of the reader later. */
  mayRead(): boolean;
  /** Receives the first byte of a frame passed to `ws`, and its payload size. May call `pause`. Must not throw. */
  passed(first: number, size: number): void;
  /** Receives the payload of a pong that `ws` did not read. `passed` follows. Must not throw. */
  ponged(data: Buffer): void;
  readonly log: Log;
}

/** Reads the incoming data of a connection. */
export interface Reader {
  /** Payload bytes of the earlier fragments of the message that `ws` reports now. */
  readonly fragmentBytes: number;
  /** Payload bytes of the message that `ws` reports now, as received. */
  readonly messageBytes: number;
  /** Stops reading until `resume` is called. */
  pause(): void;
  resume(): void;
  /** Reads the small chunk that waits. Call it when the socket ends, before `ws` takes the connection for closing. */
  finish(): void;
  /** Releases the buffers. Call it when the connection has ended. */
  end(): void;
}
