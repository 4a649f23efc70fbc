import type { Log } from './log';
import { oneLine } from './text';

/** The events of a flow, in the order of the plugin's type codes. The index is the code. */
export const eventNames = ['Message', 'Open', 'Close', 'Error'] as const;
export type EventName = (typeof eventNames)[number];

/** Identifies the connection of a server that an event is about. Not set for clients, which have one connection. */
export interface ConnectionRef {
  /** The request target, as received. */
  uri?: string;
  remoteIp?: string | undefined;
  remotePort?: number | undefined;
  /** The name of the connection. Names are not reused. */
  client?: string;
  /** The decoded parts of its path that the option `path` names. Not set if it names none. */
  params?: Record<string, string> | undefined;
  /** A JSON value that the flow has given to the connection. */
  session?: unknown;
}
export interface MessagePayload extends ConnectionRef {
  str: string | Buffer;
  binary: boolean;
  /** Payload bytes as framed: the compressed size with permessage-deflate, without frame headers. */
  wireSize: number;
  /** With a protocol: the decoded message. */
  data?: unknown;
  /** With a protocol: the message is a call that the flow has to answer. */
  call?: { readonly id: unknown; readonly method: unknown; readonly params: unknown };
}
export interface OpenPayload extends ConnectionRef {
  uri: string;
  headers: Headers;
  /** The negotiated subprotocol, or `''`. */
  protocol: string;
  /** Servers with Basic authentication: the user name. */
  user?: string;
  /** Servers: the subprotocols that the client offered, if none was agreed. Most clients then end the connection. */
  notTaken?: string[];
  /** With a protocol: the messages that the opening conversation kept, by name. */
  opening?: Readonly<Record<string, unknown>>;
  /** True if this connection replaces an open one, which emits no Close. */
  renews?: true;
}
export interface ClosePayload extends ConnectionRef {
  code: number;
  reason: string;
  /** True if the peer's close frame came first. */
  remote: boolean;
}
export interface ErrorPayload extends ConnectionRef {
  /** Failed attempts in a row; 0 without a retry. */
  retries: number;
  /** The wait until the next attempt, ms. */
  wait_time: number;
  http_status: number;
  reason: string;
  decompressionError: boolean;
  /** Set if the client has given up (`maxRetries`). */
  final?: true;
  /** Servers, for a rejection: the number of rejections of the same kind and address that this event reports. */
  count?: number;
  /** With a protocol: a message that could not be read. */
  str?: string | Buffer;
}
export type Headers = Record<string, string>;

export type SocketEvent =
  | { readonly type: 0; readonly socket: number; readonly payload: MessagePayload }
  | { readonly type: 1; readonly socket: number; readonly payload: OpenPayload }
  | { readonly type: 2; readonly socket: number; readonly payload: ClosePayload }
  | { readonly type: 3; readonly socket: number; readonly payload: ErrorPayload };

/** Returns the payload of an Error event without a retry. */
export const errorPayload = (reason: string, more: Partial<ErrorPayload> = {}): ErrorPayload => ({
  retries: 0,
  wait_time: 0,
  http_status: 0,
  reason: oneLine(reason),
  decompressionError: false,
  ...more,
});

/** A list of listeners. An exception in a listener is logged, and the other listeners are still called. */
export class Listeners<T> {
  /** Replaced, never modified. A listener that adds or removes others does not affect the current event. */
  private listeners: readonly ((value: T) => void)[] = [];

  constructor(private readonly log: Log) {}

  /** Adds a listener and returns the function that removes it. */
  on(listener: (value: T) => void): () => void {
    const own = (value: T) => listener(value);
    this.listeners = [...this.listeners, own];
    return () => {
      this.listeners = this.listeners.filter((each) => each !== own);
    };
  }

  emit(value: T): void {
    const { listeners } = this;
    for (let i = 0; i < listeners.length; i++) {
      try {
        (listeners[i] as (value: T) => void)(value);
      } catch (error) {
        this.log.error(error);
      }
    }
  }

  get size(): number {
    return this.listeners.length;
  }
}

export type Ending = Pick<ClosePayload, 'code' | 'reason' | 'remote'>;
