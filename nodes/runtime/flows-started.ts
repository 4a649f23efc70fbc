import { guarded, type Log } from '../../src/index';
import type { RED } from './red';

interface Waiting {
  readonly side: 'client' | 'server';
  /** May return a promise. */
  readonly start: () => unknown;
}

/**
 * Calls config nodes after the flows have started. Servers come first, and clients after every server has answered, so that the first
 * attempt of a client finds the servers of its own flows. All share one listener: Node.js warns of a leak at the eleventh, and flows may
 * have more config nodes than that.
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

  /** Calls `start` once. Returns a function that cancels it. */
  once(side: Waiting['side'], start: Waiting['start']): () => void {
    const { next } = this;
    const waiting = { side, start };
    if (next.size === 0) this.RED.events.once('flows:started', this.callAll);
    next.add(waiting);
    return () => {
      // A set that was called already has no listener. The current listener belongs to the next deploy.
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
        this.log.error(error); // The others still start.
      }
    };
    const call = (side: Waiting['side']) => Promise.all([...now].filter((waiting) => waiting.side === side).map(start));
    await call('server');
    await call('client'); // Without those that were closed meanwhile.
  }
}
