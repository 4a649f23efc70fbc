import type { Fields, Values } from '../options/field';
import { type Layer, pick, read } from '../options/read';
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
  clear(farewell?: Farewell): Promise<void>;
}

/** What the peers of a socket are told when it is cleared. */
export interface Farewell {
  readonly code: number;
  readonly reason: string;
}

/** Why a socket is cleared, in the codes that say so (RFC 6455, section 7.4.1, and its IANA registry). */
export const farewells = {
  /** By a command. */
  cleared: { code: 1000, reason: 'Normal closure' },
  /** Its maker is made anew, and it with it: peers may come back. */
  restarted: { code: 1012, reason: 'Service restart' },
  /** Its maker is gone. */
  removed: { code: 1001, reason: 'Going away' },
} as const satisfies Record<string, Farewell>;

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

/**
 * The options of one socket: those of its config node, which are read anew each time because they may follow the
 * environment, and above them what create and start commands gave.
 */
export class OptionStore<F extends Fields> {
  private given: Layer;

  constructor(
    private readonly fields: F,
    private readonly base: () => Layer,
    given: Layer,
    /** What has to be seen to once it is known who gave what. */
    private readonly settle: (values: Values<F>, base: Layer, given: Layer) => Values<F> = (values) => values,
  ) {
    this.given = pick(fields, given);
  }

  /** @throws SocketError `ERR_OPTION` */
  get values(): Values<F> {
    const base = this.base();
    return this.settle(read(this.fields, base, this.given), base, this.given);
  }

  /** The store as it will be with these changes; this one stays as it is. */
  with(changes: Layer): OptionStore<F> {
    return new OptionStore(this.fields, this.base, { ...this.given, ...pick(this.fields, changes) }, this.settle);
  }
}
