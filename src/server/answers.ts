import type { Change, Endpoint } from '../core/endpoint';
import { type Ending, errorPayload, type Headers } from '../core/events';
import { printable } from '../core/text';
import type { ConnectionInfo } from './connection-info';
import type { RetainedInfo } from './last-values';
import type { RejectedConnection } from './listener';

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
  /** The kept messages, once a message was sent to be kept. */
  retained?: RetainedInfo[];
}

/** A client that misses its subprotocol ends the connection within this time, ms. */
const disagreementMs = 5000;

/** Returns the reason of a Close event. It names the offered subprotocols if a client ended suddenly after none of them was agreed. */
export function closeReason({ code, reason }: Ending, offered: readonly string[], since: number): string {
  if (offered.length === 0 || code !== 1006 || Date.now() - since >= disagreementMs) return reason;
  const names = printable(offered.join(', '), 100);
  return `${reason}; the client offered the subprotocols ${names}, and none was agreed. Name one in subProtocols, or set subProtocolFallback to first.`;
}

type ReportingServer = Pick<Endpoint, 'id' | 'events' | 'changes'> & { readonly status: Change };

/** Reports a rejection as an Error event, and a refused upgrade to statuses too. @param count the rejections of its kind and address. */
export function reportRejection(server: ReportingServer, { kind, detail, ...rejected }: RejectedConnection, count: number): void {
  const { reason, ...more } = rejected;
  server.events.emit({ type: 3, socket: server.id, payload: errorPayload(reason, { ...more, count }) });
  const { http_status } = rejected;
  if (http_status > 0) server.changes.emit({ ...server.status, refusal: { kind, http_status, reason, detail } });
}
