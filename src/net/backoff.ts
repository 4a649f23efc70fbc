export interface BackoffOptions {
  /** The first wait, ms. */
  readonly minWaitBetweenReconnectionRetries: number;
  /** The maximum wait, ms. */
  readonly maxWaitBetweenReconnectionRetries: number;
  /** Use a random part of the wait ("full jitter"). */
  readonly jitter: boolean;
}

/** Returns the wait after failure number `n` (from 1), in ms. It doubles from the first wait up to the maximum. */
export function backoff(n: number, options: BackoffOptions, random: () => number = Math.random): number {
  const wait = Math.min(options.minWaitBetweenReconnectionRetries * 2 ** (n - 1), options.maxWaitBetweenReconnectionRetries);
  return options.jitter ? Math.round(wait * random()) : wait;
}
