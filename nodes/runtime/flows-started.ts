import type { RED } from './red';

/**
 * Who waits for the flows to have started. They share one listener: from the eleventh on Node.js would warn of a leak, and flows
 * may well have more config nodes than that.
 */
export class FlowsStarted {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly RED: RED) {}

  /** Calls back once; call what comes back to no longer wait. */
  once(callback: () => void): () => void {
    if (this.waiting.size === 0) this.RED.events.once('flows:started', this.callAll);
    this.waiting.add(callback);
    return () => {
      if (this.waiting.delete(callback) && this.waiting.size === 0) this.RED.events.removeListener('flows:started', this.callAll);
    };
  }

  private readonly callAll = (): void => {
    const callbacks = [...this.waiting];
    this.waiting.clear();
    for (const callback of callbacks) callback();
  };
}
