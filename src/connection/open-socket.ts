import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';

/** A connection that `ws` has opened. */
export interface OpenSocket {
  readonly ws: WebSocket;
  /** The underlying TCP or TLS socket. */
  readonly socket: Duplex;
  /** Servers: window size with which the peer reads compressed messages, if compression was negotiated (RFC 7692, section 7.1.2). */
  readonly windowBits?: number | undefined;
}
