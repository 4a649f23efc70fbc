import { getHeapStatistics } from 'node:v8';

/**
 * What a waiting message takes beside its payload, bytes: the message of the flow, its answer to come, the entries of the queues here and in Node's socket.
 * Measured with messages of one byte and rounded up (`docs/reliability.md`).
 */
export const messageOverhead = 1536;

/** A connection of which something may be waiting. */
export interface Holder {
  readonly isOpen: boolean;
  /** Bytes that wait for the peer, as `maxBufferedAmount` counts them. */
  readonly heldBytes: number;
  /** Whether something waits that the operating system has not taken. */
  readonly isBehind: boolean;
  /** Fails what waits, and closes the connection. @param why what follows "the peer reads too slowly, and". */
  evict(why: string): void;
}

/** What may wait for all connections of a server together. */
export class SendBudget {
  /** Bytes that wait. A payload counts once, however many receive it. */
  held = 0;
  private readonly limit: number;
  private threshold: number;

  /** @param limit bytes; 0 is no limit. */
  constructor(
    limit: number,
    private readonly holders: () => readonly Holder[],
  ) {
    this.limit = limit || Number.POSITIVE_INFINITY;
    this.threshold = this.limit;
  }

  /** Call after `held` has grown. Above the limit those connections are evicted that hold most. */
  check(): void {
    if (this.held <= this.limit) this.threshold = this.limit;
    else if (this.held > this.threshold) this.evict();
  }

  /** Looks through all connections. What must come before the next look, a sixteenth of the limit, pays for it. */
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

/** A quarter of what the heap may hold, bytes. */
export const defaultTotal = (): number => Math.floor(getHeapStatistics().heap_size_limit / 4);

/** Clients: each has one connection, whose own limits are enough. */
export const noBudget = new SendBudget(0, () => []);
