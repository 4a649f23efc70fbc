/** A message of a peer, decoded once for all patterns. */
export interface Incoming {
  /** The text or the bytes of the WebSocket message. */
  readonly str: string | Buffer;
  /** Bytes as framed; 0 for all but the first message of a frame. */
  readonly wireSize: number;
  /** The frame holds other messages too. */
  readonly isShared?: boolean;
  /** The decoded message. */
  readonly data: unknown;
}
