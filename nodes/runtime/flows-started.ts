import type { RED } from './red';

interface Waiting {
  readonly side: 'client' | 'server';
  /** May return a promise, which must not reject. */
  readonly start: () => unknown;
}

/**
 * Who waits for the flows to have started: servers are called first, and clients when every server has answered, so that a client's
 * first try finds the servers of its own flows. They share one listener: from the eleventh on Node.js would warn of a leak, and
 * flows may well have more config nodes than that.
 */
export class FlowsStarted {
  private next = new Set<Waiting>();

  constructor(private readonly RED: RED) {}

  /** Calls `start` once; call what comes back to no longer wait. */
  once(side: Waiting['side'], start: Waiting['start']): () => void {
    const { next } = this;
    const waiting = { side, start };
    if (next.size === 0) this.RED.events.once('flows:started', this.callAll);
    next.add(waiting);
    return () => {
      // A set that was called already has no listener: the one there is the next deploy's.
      if (next.delete(waiting) && next.size === 0 && next === this.next) this.RED.events.removeListener('flows:started', this.callAll);
    };
  }

  private readonly callAll = async (): Promise<void> => {
    const now = this.next;
    this.next = new Set();
    const call = (side: Waiting['side']) => {
      const called = [...now].filter((waiting) => waiting.side === side);
      return Promise.all(called.map((waiting) => now.delete(waiting) && waiting.start()));
    };
    await call('server');
    await call('client'); // But for those that were closed meanwhile.
  };
}
