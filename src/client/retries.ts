import type { Failure } from '../core/failure';
import { type BackoffOptions, backoff } from '../net/backoff';
import type { ConnectFailure } from './connect';
import type { Series } from './preparation';

export interface RetryOptions extends BackoffOptions {
  /** The time that a connection has to last to count as a success, ms. */
  readonly stableAfterMs: number;
  /** The number of failures in a row after which the client gives up; 0 or absent for never. */
  readonly maxRetries?: number | undefined;
}

/** A failure in a series: its number, and the wait until the next attempt, ms. */
export interface Retry {
  readonly retries: number;
  /** `undefined` if no attempt follows. */
  readonly wait: number | undefined;
}

interface FailedAttempt {
  readonly retryAfterMs?: number | undefined;
  readonly waitMs?: number | undefined;
  readonly refused?: boolean | undefined;
  readonly errorStr?: string;
}

/** The series of failures of a client. A server that accepts connections and closes them at once is a series too. */
export class Retries {
  private failures = 0;
  private openedAt = 0;
  private reason = '';
  /** The latest failure and the time of the attempt that follows it, ms since 1970. */
  latest: { readonly errorStr: string; readonly at: number; readonly next: number | undefined } | undefined;

  /** The failures in a row, and the sentence of the latest. */
  get series(): Series {
    return { retries: this.failures, reason: this.failures > 0 ? this.reason : '' };
  }

  reset(): void {
    this.failures = 0;
  }

  opened(): void {
    this.openedAt = performance.now();
  }

  /** Returns how long the ended connection lasted, ms, if it was too short to count as a success. A longer one ends the series. */
  endedEarly({ stableAfterMs }: RetryOptions): number | undefined {
    const lasted = performance.now() - this.openedAt;
    if (lasted < stableAfterMs) return Math.round(lasted);
    this.failures = 0;
    return undefined;
  }

  /**
   * Counts a failure.
   *
   * @param retryAfterMs the wait that the server asks for, ms.
   * @param waitMs the wait that the flow asks for, ms. The first wait is the least.
   * @param refused the longest wait follows.
   */
  failed(options: RetryOptions, { retryAfterMs = 0, waitMs, refused = false, errorStr = '' }: FailedAttempt): Retry {
    this.reason = errorStr;
    const retries = ++this.failures;
    const isLast = options.maxRetries ? retries >= options.maxRetries : false;
    const own = refused ? options.maxWaitBetweenReconnectionRetries : backoff(retries, options);
    const wait = waitMs === undefined ? Math.max(own, retryAfterMs) : Math.max(waitMs, options.minWaitBetweenReconnectionRetries);
    const next = isLast ? undefined : wait;
    const at = Date.now();
    this.latest = { errorStr, at, next: next === undefined ? undefined : at + next };
    return { retries, wait: next };
  }
}

/** A failure that another attempt can follow. */
export type RetriedFailure = Failure & Pick<ConnectFailure, 'http_status' | 'retryAfterMs' | 'waitMs' | 'refused'>;
