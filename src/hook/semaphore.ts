import { Fifo } from '../core/fifo';

/** Runs a limited number of tasks at once. Later tasks wait in order of arrival. */
export class Semaphore {
  private readonly waiting = new Fifo<() => void>();

  constructor(private free: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}

/**
 * Timed waits that can all be stopped. Listeners of one AbortSignal would do, but each `addEventListener` there looks through all
 * listeners, and there is one wait per connection.
 */
export class Sleepers {
  private readonly asleep = new Set<() => void>();
  private stopped = false;

  /** Resolves after a time in ms, or when stopped. Leaves no timer behind. */
  sleep(ms: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.asleep.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.asleep.add(wake);
    });
  }

  /** Ends every wait, now and later. */
  stop(): void {
    this.stopped = true;
    for (const wake of this.asleep) wake();
  }
}
