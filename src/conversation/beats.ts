import { messageOf } from '../core/errors';
import { guarded, type Log } from '../core/log';
import { maxTimerSecs } from '../options/shared';
import type { Heartbeat } from './description/heartbeat';
import type { Scope, Value } from './value';

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
  private hasStopped = false;

  constructor(private readonly context: BeatsContext) {}

  /** @param seconds the interval; the first beat comes after it. */
  start(seconds: number): void {
    this.schedule(seconds * 1000, seconds * 1000);
  }

  /** Starts at the interval that a value gives. @param failed called with a sentence if it is not an interval. */
  startBy(every: Value, scope: Scope, failed: (reason: string) => void): void {
    const begin = (seconds: unknown) => {
      const interval = Number(seconds);
      if (this.hasStopped) return;
      if (interval > 0 && interval <= maxTimerSecs) this.start(interval);
      else failed(`heartbeat.every must be a number of seconds above 0; got ${String(seconds)}.`);
    };
    if ('literal' in every) return begin(every.literal);
    every
      .evaluate(scope)
      .then(begin, (error) => failed(`${messageOf(error)}. Check heartbeat.every.`))
      .catch((error) => this.context.log.error(error));
  }

  stop(): void {
    this.hasStopped = true;
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
