import type { Listeners, SocketEvent } from './events';
import type { Reason } from './failure';
import type { State } from './lifecycle';

/** The interface of a client or a server for the registry and the commands. */
export interface Endpoint {
  readonly id: number;
  readonly state: State;
  readonly events: Listeners<SocketEvent>;
  /** Emits each change of state, each change of the number of connections, and each failed attempt. */
  readonly changes: Listeners<Change>;
  /** Closes the socket permanently and releases all its resources. Always resolves, within 1 s. */
  clear(shutdownCode?: ShutdownCode): Promise<void>;
}

/** The close code and reason that the peers receive when a socket is cleared. */
export interface ShutdownCode {
  readonly code: number;
  readonly reason: string;
}

/** Reasons for clearing a socket, with their close codes (RFC 6455, section 7.4.1, and its IANA registry). */
export const shutdownCodes = {
  /** Cleared by a command. */
  cleared: { code: 1000, reason: 'Normal closure' },
  /** Its owner is created again, and the socket with it. Peers may reconnect. */
  restarted: { code: 1012, reason: 'Service restart' },
  /** Its owner was removed. */
  removed: { code: 1001, reason: 'Going away' },
} as const satisfies Record<string, ShutdownCode>;

/** The data of a status line. */
export interface Change {
  readonly state: State;
  /** Servers: the number of open connections. */
  readonly connections?: number;
  /** Clients, and automatic starts of servers: the wait until the next attempt, ms. */
  readonly wait?: number;
  /** Clients with a queue or a rate: the messages that wait, and how many may. */
  readonly queued?: number | undefined;
  readonly limit?: number;
  /** Clients: the server's certificate is not verified. */
  readonly unverified?: boolean;
  /** The failure of the last attempt, kept until the next one. */
  readonly failure?: Reason | undefined;
  /** Servers: an upgrade that was refused now. The state did not change. */
  readonly refusal?: Refusal | undefined;
}

/** A refused upgrade, as statuses and the log show it. */
export interface Refusal {
  /** The key of `refusals`. */
  readonly kind: string;
  readonly http_status: number;
  /** The sentence of the Error event. */
  readonly reason: string;
  /** The origin or the path that was refused, for a status line. */
  readonly detail?: string | undefined;
}
