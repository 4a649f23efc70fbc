import { type ReadyState, readyStates, type State } from '../core/lifecycle';
import { shownUrl } from '../core/text';
import type { ClientOptions } from '../options/client';
import { shownTarget } from './computed-options';
import type { Answer, ConnectOptions } from './connect';
import type { Line } from './line';
import { hasOutbox } from './outbox-message';

/** Options for one start: its deadline, and what follows its first failure. */
export interface StartMode {
  /** The deadline of this start, s. Default: the option `handshakeTimeoutSecs`. */
  readonly timeout?: number | undefined;
  /** An automatic start follows the reconnection rules from its first attempt. */
  readonly automatic?: boolean;
}

/** The answer of `client start`. */
export interface ClientStart extends Answer {
  success: boolean;
  /** The negotiated subprotocol, or `''`. */
  protocol: string;
  errorStr?: string;
  /** With a protocol: the messages that the opening conversation kept, by name. */
  opening?: Readonly<Record<string, unknown>>;
}

/** The answer of `client` with an id, and of `client stop`. */
export interface ClientInfo {
  readyState: ReadyState;
  /** The configured URL. Its password and the values of its query are shown as `***`. */
  URL: string;
  /** The value of the option, not the negotiated value. */
  perMessageDeflateOptionsEnabled: boolean;
  /** −1 when off. */
  pingInterval: number;
  bufferedAmount: number;
  automaticReconnectionEnabled: boolean;
  maxWaitBetweenReconnectionRetries: number;
  /** With a queue or a rate: the number of messages that wait. */
  queued?: number;
}

/** Returns the information about a client. */
export const clientInfo = (
  options: ClientOptions,
  tried: ConnectOptions | undefined,
  state: State,
  bufferedAmount: number,
  queued: number,
): ClientInfo => ({
  readyState: readyStates[state],
  // A computed URL is known once an attempt was made.
  URL: typeof options.URL === 'string' ? shownUrl(options.URL) : options.URL ? shownTarget(tried) : '',
  perMessageDeflateOptionsEnabled: options.enablePerMessageDeflate,
  pingInterval: options.pingInterval || -1,
  bufferedAmount,
  automaticReconnectionEnabled: options.enableAutomaticReconnection,
  maxWaitBetweenReconnectionRetries: options.maxWaitBetweenReconnectionRetries,
  ...(hasOutbox(options) && { queued }),
});

/** Returns the answer of a start, and the payload of an Open event. */
export function openedAnswer({ opened, kept }: Line): Answer & { protocol: string; opening?: Readonly<Record<string, unknown>> } {
  if (!opened) return { http_status: 0, headers: {}, uri: '', protocol: '' };
  const { http_status, headers, uri, ws } = opened;
  return { http_status, headers, uri, protocol: ws.protocol, ...(kept && { opening: kept }) };
}

/** Returns why nothing can be sent, and the remedy. A client that is `open` without an open connection is losing it. */
export function notOpen(id: number, state: State): string {
  if (state === 'open') return `client ${id} is losing its connection. Send it again after the next Open event.`;
  if (state === 'opening' || state === 'waiting') return `client ${id} is not open yet. Send it again after the Open event.`;
  return `client ${id} is not open (${readyStates[state]}). Start it first.`;
}
