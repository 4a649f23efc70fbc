import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';

/** What `ws` opened. */
export interface OpenSocket {
  readonly ws: WebSocket;
  /** The TCP or TLS socket below. */
  readonly socket: Duplex;
  /** Servers: the window that the peer reads compressed messages with, if compression was negotiated (RFC 7692, section 7.1.2). */
  readonly windowBits?: number | undefined;
}
