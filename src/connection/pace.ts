/** Limits the rate at which a connection sends. */
export interface PaceOptions {
  /** Messages per second. 0 or absent means no limit. */
  readonly maxSendsPerSecond?: number | undefined;
  /** Messages that may go at once after a pause. */
  readonly sendBurst?: number | undefined;
}

/** Messages of a rate above 100 per second go in groups at this interval, ms. A Node.js timer is not more exact than 1 ms. */
const groupMs = 10;

/**
 * Spaces messages evenly, so that no second holds more than the rate. A burst is paid for twice: by the pause before it, and by a gap of
 * the same length after it.
 */
export class Pace {
  /** Messages that go together: one, or at high rates a group. */
  private readonly group: number;
  /** Time between two groups, ms. */
  private readonly gap: number;
  /** The largest burst, groups. */
  private readonly burst: number;
  /** The time at which the next group may go, ms. */
  private next = Number.NEGATIVE_INFINITY;
  /** Messages that may go before that time. */
  private left = 0;
  /** Messages since the last pause. */
  private used = 0;

  constructor(
    readonly perSecond: number,
    burst = 1,
  ) {
    this.group = Math.max(1, Math.floor((perSecond * groupMs) / 1000));
    this.gap = this.group === 1 ? 1000 / perSecond : 1000 / Math.floor(perSecond / this.group);
    this.burst = Math.max(1, Math.floor(Math.min(burst, perSecond) / this.group));
  }

  /** Returns the time until a message may go, ms. @param now current time, ms. */
  delay(now: number): number {
    return this.left > 0 ? 0 : Math.max(0, this.next - now);
  }

  /** Counts a message that goes now. One that goes too early delays the later ones. */
  take(now: number): void {
    if (now >= this.next) {
      const pause = Math.floor((now - this.next) / this.gap);
      this.left = this.group * Math.min(this.burst, 1 + pause);
      this.used = 0;
    }
    if (this.left === 0) {
      this.next += this.gap;
      return;
    }
    this.left--;
    this.used++;
    this.next = now + Math.ceil(this.used / this.group) * this.gap;
  }
}
