import type { Listeners, SocketEvent } from './events';
import type { Reason } from './failure';
import type { State } from './lifecycle';

/** What the registry and the commands need of a client or a server. */
export interface Endpoint {
  readonly id: number;
  readonly state: State;
  readonly events: Listeners<SocketEvent>;
  /** Tells of every change of state, of the number of connections, and of failed tries. */
  readonly changes: Listeners<Change>;
  /** Ends it for good: nothing it holds is left open. Always returns, within a second. */
  clear(shutdownCode?: ShutdownCode): Promise<void>;
}

/** What the peers of a socket are told when it is cleared. */
export interface ShutdownCode {
  readonly code: number;
  readonly reason: string;
}

/** Why a socket is cleared, in the codes that say so (RFC 6455, section 7.4.1, and its IANA registry). */
export const shutdownCodes = {
  /** By a command. */
  cleared: { code: 1000, reason: 'Normal closure' },
  /** Its maker is made anew, and it with it: peers may come back. */
  restarted: { code: 1012, reason: 'Service restart' },
  /** Its maker is gone. */
  removed: { code: 1001, reason: 'Going away' },
} as const satisfies Record<string, ShutdownCode>;

/** What a status line shows. */
export interface Change {
  readonly state: State;
  /** Servers: open connections. */
  readonly connections?: number;
  /** Clients: the wait until the next try, ms. */
  readonly wait?: number;
  /** Clients: nothing of the server's certificate is verified. */
  readonly unverified?: boolean;
  /** Why the last try failed, until the next one. */
  readonly failure?: Reason | undefined;
}
