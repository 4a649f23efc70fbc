import { guarded, type Log } from '../../../src/index';

const intervalMs = 60_000;

/** Logs undelivered events that no wire carries: the first at once, then at most one line per minute with the number. */
export class UndeliveredWarnings {
  private timer: NodeJS.Timeout | undefined;
  private count = 0;
  private last = '';

  constructor(private readonly log: Log) {}

  add(why: string): void {
    if (this.timer) {
      this.count++;
      this.last = why;
      return;
    }
    this.log.warn(`${why} The second output is not wired, so the event is lost.`);
    this.timer = setInterval(
      guarded(this.log, () => this.tick()),
      intervalMs,
    );
  }

  /** Logs the rest. */
  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.flush();
  }

  private tick(): void {
    if (this.count > 0) return this.flush();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private flush(): void {
    const { count, last } = this;
    this.count = 0;
    if (count === 1) this.log.warn(`One more event is lost, since the second output is not wired. ${last}`);
    else if (count > 1) this.log.warn(`${count} more events are lost, since the second output is not wired. The last: ${last}`);
  }
}
