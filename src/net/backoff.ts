export interface BackoffOptions {
  /** The first wait, ms. */
  readonly minWaitBetweenReconnectionRetries: number;
  /** The cap, ms. */
  readonly maxWaitBetweenReconnectionRetries: number;
  /** Take a random part of the wait ("full jitter"). */
  readonly jitter: boolean;
}

/** The wait after failure number `n` (from 1), in ms: it doubles from the first wait up to the cap. */
export function backoff(n: number, options: BackoffOptions, random: () => number = Math.random): number {
  const wait = Math.min(options.minWaitBetweenReconnectionRetries * 2 ** (n - 1), options.maxWaitBetweenReconnectionRetries);
  return options.jitter ? Math.round(wait * random()) : wait;
}
