import { Fifo } from '../core/fifo';

/** So many may be under way at once; who comes later waits, first come first served. */
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
 * Waits that all end when they are stopped. Not listeners of one AbortSignal, which looks through all it has for each that comes or goes: as many wait as there are connections.
 */
export class Sleepers {
  private readonly asleep = new Set<() => void>();
  private stopped = false;

  /** Resolves after so many ms, or when it is stopped. Leaves no timer behind. */
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
