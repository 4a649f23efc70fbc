/** Encodes and decodes the messages of one connection. It may keep state between frames. */
export interface Codec {
  /** Encodes a message as one or several WebSocket messages. @throws Error if it cannot be encoded. */
  encode(message: unknown): readonly (string | Buffer)[];
  /**
   * Decodes one WebSocket message, which may hold several messages, or none. One of several that cannot be decoded is an `Unreadable`.
   *
   * @throws Error if it cannot be decoded; TooLong if it exceeds the largest message.
   */
  decode(data: string | Buffer): readonly unknown[];
}

export interface CodecOptions {
  /** The text that ends each message of the format `records`. */
  readonly separator: string;
  /** The largest message, bytes; 0 disables the limit. */
  readonly maxPayload: number;
}

/** One of several messages that cannot be decoded. */
export class Unreadable {
  constructor(
    /** Why, as a clause. */
    readonly reason: string,
    readonly str: string,
  ) {}
}

/** A message that continues over several frames exceeds the largest message. The connection has to end with 1009. */
export class TooLong extends Error {
  constructor(maxPayload: number) {
    super(`A message is longer than ${maxPayload} bytes`);
  }
}
