import { getHeapStatistics } from 'node:v8';

/**
 * Overhead of a waiting message besides its payload, bytes. It covers the message of the flow, its pending answer, and the queue entries
 * here and in Node's socket. Measured with messages of one byte and rounded up (`docs/reliability.md`).
 */
export const messageOverhead = 1536;

/** A connection that may hold waiting data. */
export interface Holder {
  readonly isOpen: boolean;
  /** Bytes waiting for the peer, as `maxBufferedAmount` counts them. */
  readonly heldBytes: number;
  /** Returns true if data waits that the operating system has not accepted. */
  readonly isBehind: boolean;
  /** Fails the waiting messages, and closes the connection. @param why the clause after "the peer reads too slowly, and". */
  evict(why: string): void;
}

/** Limit on the waiting data of all connections of a server together. */
export class SendBudget {
  /** Waiting bytes. A payload counts once, however many connections receive it. */
  held = 0;
  private readonly limit: number;
  private threshold: number;

  /** @param limit bytes. 0 means no limit. */
  constructor(
    limit: number,
    private readonly holders: () => readonly Holder[],
  ) {
    this.limit = limit || Number.POSITIVE_INFINITY;
    this.threshold = this.limit;
  }

  /** Enforces the limit. Call it after `held` has grown. Above the limit, the connections that hold the most are evicted. */
  check(): void {
    if (this.held <= this.limit) this.threshold = this.limit;
    else if (this.held > this.threshold) this.evict();
  }

  /** Checks all connections. The next check follows only after another sixteenth of the limit, which bounds its cost. */
  private evict(): void {
    const holders = this.holders().filter(({ isOpen, isBehind }) => isOpen && isBehind);
    holders.sort((a, b) => b.heldBytes - a.heldBytes);
    const why = `more than ${this.limit} bytes (maxBufferedTotal) wait for all connections, most of them for this one`;
    for (const holder of holders) {
      if (this.held <= this.limit) break;
      holder.evict(why);
    }
    this.threshold = Math.max(this.held, this.limit) + this.limit / 16;
  }
}

/** Returns a quarter of the maximum heap size, bytes. */
export const defaultTotal = (): number => Math.floor(getHeapStatistics().heap_size_limit / 4);

/** Budget of clients, without a limit. Each client has one connection, whose own limits are enough. */
export const noBudget = new SendBudget(0, () => []);
