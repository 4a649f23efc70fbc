/** The data of the sidebar *WebSockets*. Pure, because the editor reads it too. */
import type { Reason } from '../core/failure';
import type { State } from '../core/lifecycle';

/** Counters of messages and their payload bytes before compression. The editor computes rates from two of them. */
export interface Counters {
  readonly messagesIn: number;
  readonly bytesIn: number;
  readonly messagesOut: number;
  readonly bytesOut: number;
}

interface SocketRow {
  readonly id: number;
  readonly state: State;
  /** Absent if nothing was sent or received yet. */
  readonly traffic: Counters;
  /** Bytes that wait for the peer, or for all peers of a server. */
  readonly waiting: number;
  /** The time of the next attempt, ms since 1970, if one follows. */
  readonly retryAt?: number | undefined;
  /** The failure of the latest attempt, if it is current. */
  readonly failure?: Reason | undefined;
  /** The sentence of the latest failure, and its time, ms since 1970. */
  readonly error?: { readonly text: string; readonly at?: number } | undefined;
}

export interface ClientRow extends SocketRow {
  readonly side: 'client';
  /** The URL, without secrets. */
  readonly url: string;
  readonly protocol?: string | undefined;
  readonly roundTrip?: number | undefined;
  readonly queued?: number | undefined;
  readonly limit?: number | undefined;
  readonly requests?: number | undefined;
}

export interface ServerRow extends SocketRow {
  readonly side: 'server';
  /** The bound address, `''` if it does not listen. */
  readonly url: string;
  readonly connections: number;
  /** The connections that match the filter; absent without a filter. */
  readonly matching?: number | undefined;
  /** Present if the server is unfolded: some of the connections, from `offset` on. */
  readonly rows?: readonly ConnectionRow[] | undefined;
  readonly offset?: number | undefined;
}

/** One connection of a server. */
export interface ConnectionRow {
  readonly client: string;
  /** The request target, without secrets. */
  readonly uri: string;
  readonly remote: string;
  readonly user?: string | undefined;
  /** ms since 1970. */
  readonly since: number;
  /** The first groups that it is in, and the number of all. */
  readonly tags: readonly string[];
  readonly tagCount: number;
  /** The beginning of the JSON of its session. */
  readonly session?: string | undefined;
  readonly traffic: Counters;
  readonly waiting: number;
  readonly roundTrip?: number | undefined;
  readonly requests?: number | undefined;
}

/** One frame. */
export interface FrameRow {
  /** Counts up from 1. */
  readonly seq: number;
  /** ms since 1970. */
  readonly at: number;
  readonly isOut: boolean;
  readonly kind: 'text' | 'binary' | 'ping' | 'pong' | 'close';
  /** Payload bytes. */
  readonly size: number;
  /** The beginning of a text, without secrets. */
  readonly text?: string;
  /** The beginning of the bytes, without secrets. */
  readonly base64?: string;
  /** True if there is more. */
  readonly isCut: boolean;
  /** True if the whole is kept. */
  readonly isKept: boolean;
  /** The connection of a server. */
  readonly client?: string | undefined;
}

export interface FramesAnswer {
  /** The number of frames since somebody looks. */
  readonly seen: number;
  readonly frames: readonly FrameRow[];
}
