/** Limits on the data that a peer may send in a second. 0 or absent means no limit. */
export interface RateLimits {
  readonly maxMessagesPerSecond?: number | undefined;
  readonly maxBytesPerSecond?: number | undefined;
}

/** A limit that a peer exceeded. */
export interface Excess {
  /** Reason in the close frame. */
  readonly reason: string;
  /** Sentence in the Error event. */
  readonly sentence: string;
}

/** The owner of a limit. */
export interface LimitOwner {
  /** Called once, at the first message over a limit. */
  exceeded(excess: Excess): void;
}

/** Counts a message or a frame. @returns true if it is within the limits. */
export type Allowance = (bytes: number) => boolean;

/** A token bucket. It holds the amount of one second, and refills at that rate. */
class Bucket {
  private level: number;

  /** @param time current time, ms. */
  constructor(
    private readonly perSecond: number,
    private time: number,
  ) {
    this.level = perSecond;
  }

  /** Takes tokens. @returns true if the bucket held enough. */
  take(amount: number, time: number): boolean {
    const refill = ((time - this.time) / 1000) * this.perSecond;
    this.time = time;
    this.level = Math.min(this.perSecond, this.level + refill) - amount;
    return this.level >= 0;
  }
}

/**
 * Limits the data that a peer sends. It has no timer, because the buckets refill from the elapsed time when data arrives.
 *
 * @param now returns the current time, ms.
 * @returns a function that counts a message by its bytes. It returns false for the first message over a limit and for all later ones.
 * Without a limit, returns `undefined`.
 */
export function rateLimit(
  { maxMessagesPerSecond = 0, maxBytesPerSecond = 0 }: RateLimits,
  owner: LimitOwner,
  now: () => number = milliseconds,
): Allowance | undefined {
  return maxMessagesPerSecond === 0 && maxBytesPerSecond === 0 ? undefined : allowance(maxMessagesPerSecond, maxBytesPerSecond, owner, now);
}

function allowance(maxMessagesPerSecond: number, maxBytesPerSecond: number, owner: LimitOwner, now: () => number): Allowance {
  const messages = maxMessagesPerSecond > 0 ? new Bucket(maxMessagesPerSecond, now()) : undefined;
  const content = maxBytesPerSecond > 0 ? new Bucket(maxBytesPerSecond, now()) : undefined;
  let isOver = false;
  return (bytes) => {
    if (isOver) return false;
    const time = now();
    if (messages && !messages.take(1, time)) owner.exceeded(excess('messages', maxMessagesPerSecond, 'maxMessagesPerSecond'));
    else if (content && !content.take(bytes, time)) owner.exceeded(excess('bytes', maxBytesPerSecond, 'maxBytesPerSecond'));
    else return true;
    isOver = true;
    return false;
  };
}

const excess = (what: string, limit: number, option: keyof RateLimits): Excess => ({
  reason: `Too many ${what} per second`,
  sentence: `The connection was closed with 1008: more than ${limit} ${what} were received within a second. Raise ${option} if this is intended.`,
});

const milliseconds = () => performance.now();
