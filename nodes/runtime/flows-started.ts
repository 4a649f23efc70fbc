import { guarded, type Log } from '../../src/index';
import type { RED } from './red';

interface Waiting {
  readonly side: 'client' | 'server';
  /** May return a promise. */
  readonly start: () => unknown;
}

/**
 * Who waits for the flows to have started: servers are called first, and clients when every server has answered, so that a client's
 * first try finds the servers of its own flows. They share one listener: from the eleventh on Node.js would warn of a leak, and
 * flows may well have more config nodes than that.
 */
export class FlowsStarted {
  private next = new Set<Waiting>();
  private readonly callAll: () => void;

  constructor(
    private readonly RED: RED,
    private readonly log: Log,
  ) {
    this.callAll = guarded(log, () => {
      this.callInOrder().catch((error) => log.error(error));
    });
  }

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

  private async callInOrder(): Promise<void> {
    const now = this.next;
    this.next = new Set();
    const start = async (waiting: Waiting) => {
      try {
        if (now.delete(waiting)) await waiting.start();
      } catch (error) {
        this.log.error(error); // The others start all the same.
      }
    };
    const call = (side: Waiting['side']) => Promise.all([...now].filter((waiting) => waiting.side === side).map(start));
    await call('server');
    await call('client'); // But for those that were closed meanwhile.
  }
}
