/** What a peer may send in a second; 0 or absent is no limit. */
export interface RateLimits {
  readonly maxMessagesPerSecond?: number | undefined;
  readonly maxBytesPerSecond?: number | undefined;
}

/** A limit that a peer went over. */
export interface Excess {
  /** For the close frame. */
  readonly reason: string;
  /** For the Error event. */
  readonly sentence: string;
}

/** Counts a message or a frame. @returns whether it is within the limits. */
export type Allowance = (bytes: number) => boolean;

/** A token bucket: it holds what one second allows, and fills again at that rate. */
class Bucket {
  private level: number;

  /** @param time milliseconds. */
  constructor(
    private readonly perSecond: number,
    private time: number,
  ) {
    this.level = perSecond;
  }

  /** @returns whether it held so much. */
  take(amount: number, time: number): boolean {
    const refill = ((time - this.time) / 1000) * this.perSecond;
    this.time = time;
    this.level = Math.min(this.perSecond, this.level + refill) - amount;
    return this.level >= 0;
  }
}

/**
 * Counts what a peer sends. No timer: the buckets are filled by what the clock says when something comes.
 *
 * @param exceeded is called once, when the first message comes that is too much.
 * @param now milliseconds.
 * @returns what asks for each message, by its bytes, whether it may be heard, and after the first that may not always says no;
 * `undefined` where there is no limit.
 */
export function rateLimit(
  { maxMessagesPerSecond = 0, maxBytesPerSecond = 0 }: RateLimits,
  exceeded: (excess: Excess) => void,
  now: () => number = () => performance.now(),
): Allowance | undefined {
  if (maxMessagesPerSecond === 0 && maxBytesPerSecond === 0) return undefined;
  const messages = maxMessagesPerSecond > 0 ? new Bucket(maxMessagesPerSecond, now()) : undefined;
  const content = maxBytesPerSecond > 0 ? new Bucket(maxBytesPerSecond, now()) : undefined;
  let isOver = false;
  return (bytes) => {
    if (isOver) return false;
    const time = now();
    if (messages && !messages.take(1, time)) exceeded(excess('messages', maxMessagesPerSecond, 'maxMessagesPerSecond'));
    else if (content && !content.take(bytes, time)) exceeded(excess('bytes', maxBytesPerSecond, 'maxBytesPerSecond'));
    else return true;
    isOver = true;
    return false;
  };
}

const excess = (what: string, limit: number, option: keyof RateLimits): Excess => ({
  reason: `Too many ${what} per second`,
  sentence: `The connection was closed with 1008: more than ${limit} ${what} came from it within a second (${option}).`,
});
