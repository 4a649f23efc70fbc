import { guarded, type Log } from '../core/log';
import type { Heartbeat } from './description/heartbeat';

export interface BeatsContext {
  readonly heartbeat: Heartbeat;
  /** Sends one beat. */
  readonly beat: () => void;
  /** Performance time of the latest message that was sent, ms. */
  readonly lastSent: () => number;
  /** Called once if the answer to a beat does not come in time. */
  readonly expired: () => void;
  readonly log: Log;
}

/** The heartbeat of a protocol: a message at an interval, and a limit for its answer. */
export class Beats {
  private timer: NodeJS.Timeout | undefined;
  private limit: NodeJS.Timeout | undefined;

  constructor(private readonly context: BeatsContext) {}

  /** @param seconds the interval; the first beat comes after it. */
  start(seconds: number): void {
    this.schedule(seconds * 1000, seconds * 1000);
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.limit);
  }

  /** Call it when the expected answer has come. */
  answered(): void {
    clearTimeout(this.limit);
    this.limit = undefined;
  }

  private schedule(interval: number, wait: number): void {
    const { heartbeat, lastSent, beat, log } = this.context;
    const due = guarded(log, () => {
      const quiet = performance.now() - lastSent();
      // A timer may fire a fraction of a millisecond early.
      if (heartbeat.idle && quiet < interval - 1) return this.schedule(interval, interval - quiet);
      this.schedule(interval, interval);
      beat();
      if (heartbeat.expect) this.expect(heartbeat.within ? heartbeat.within * 1000 : interval);
    });
    this.timer = setTimeout(due, wait);
  }

  private expect(wait: number): void {
    this.limit ??= setTimeout(guarded(this.context.log, this.context.expired), wait);
  }
}
