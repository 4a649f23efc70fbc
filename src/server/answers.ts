import type { Headers } from '../core/events';
import { printable } from '../core/text';
import type { ConnectionInfo } from './connection-info';

/** The answer of `server start`. */
export interface ServerStart {
  success: boolean;
  http_status: 0;
  headers: Headers;
  /** The bound address, for instance `ws://127.0.0.1:8080`; `''` on failure. */
  uri: string;
  /** The bound port; 0 on failure. */
  port: number;
  errorStr?: string;
}

/** Returns the answer of a start that failed. */
export const startFailed = (errorStr: string): ServerStart => ({ success: false, http_status: 0, headers: {}, uri: '', port: 0, errorStr });

/** The answer of `server` with an id. */
export interface ServerInfo {
  /** The request target of each open connection, in the order of connection. */
  clients: string[];
  connections: ConnectionInfo[];
}

/** Returns the reason of a connection that ended without a closing handshake, after no offered subprotocol was agreed. */
export const withoutSubProtocol = (reason: string, offered: readonly string[]): string =>
  `${reason}; the client offered the subprotocols ${printable(offered.join(', '), 100)}, and none was agreed. Name one in subProtocols, or set subProtocolFallback to first.`;
