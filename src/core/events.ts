import type { Log } from './log';
import { oneLine } from './text';

/** The events a flow hears, in the order of the plugin's type codes: the index is the code. */
export const eventNames = ['Message', 'Open', 'Close', 'Error'] as const;
export type EventName = (typeof eventNames)[number];

/** Which connection of a server an event is about. Clients have one connection, and none of these. */
export interface ConnectionRef {
  /** The request target, as received. */
  uri?: string;
  remoteIp?: string | undefined;
  remotePort?: number | undefined;
  /** The name of the connection, never used again. */
  client?: string;
}
export interface MessagePayload extends ConnectionRef {
  str: string | Buffer;
  binary: boolean;
  /** Payload bytes as framed: compressed size with permessage-deflate, frame headers not counted. */
  wireSize: number;
}
export interface OpenPayload extends ConnectionRef {
  uri: string;
  headers: Headers;
  /** The subprotocol agreed on, or `''`. */
  protocol: string;
  /** Servers with Basic authentication: who it is. */
  user?: string;
}
export interface ClosePayload extends ConnectionRef {
  code: number;
  reason: string;
  /** The peer's close frame came first. */
  remote: boolean;
}
export interface ErrorPayload extends ConnectionRef {
  /** Failed tries in a row; 0 where nothing is tried again. */
  retries: number;
  /** The wait until the next try, ms. */
  wait_time: number;
  http_status: number;
  reason: string;
  decompressionError: boolean;
  /** Servers, of a refusal: how many of its kind and address this event reports. */
  count?: number;
}
export type Headers = Record<string, string>;

export type SocketEvent =
  | { readonly type: 0; readonly socket: number; readonly payload: MessagePayload }
  | { readonly type: 1; readonly socket: number; readonly payload: OpenPayload }
  | { readonly type: 2; readonly socket: number; readonly payload: ClosePayload }
  | { readonly type: 3; readonly socket: number; readonly payload: ErrorPayload };

/** An Error event's payload about something that is not tried again. */
export const errorPayload = (reason: string, more: Partial<ErrorPayload> = {}): ErrorPayload => ({
  retries: 0,
  wait_time: 0,
  http_status: 0,
  reason: oneLine(reason),
  decompressionError: false,
  ...more,
});

/** Who listens. A listener that throws is told to the log, and keeps nobody else from hearing. */
export class Listeners<T> {
  /** Replaced, never changed: who is told of an event does not depend on what those before do when they are told. */
  private listeners: readonly ((value: T) => void)[] = [];

  constructor(private readonly log: Log) {}

  /** Listens from now on; call what comes back to stop. */
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
