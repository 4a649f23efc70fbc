import { codeOf, SocketError } from '../core/errors';
import type { Failure } from '../core/failure';
import { guarded, type Log } from '../core/log';
import { backoff } from '../net/backoff';

/** The waits between automatic starts, ms: they double from the first up to the last. */
const waits = { minWaitBetweenReconnectionRetries: 250, maxWaitBetweenReconnectionRetries: 30_000, jitter: false };

/** Returns whether a start failed for a file that cannot be read, for instance since its volume is not mounted yet. */
export const mayComeLater = (error: unknown): boolean => error instanceof SocketError && /^E[A-Z\d]+$/.test(codeOf(error.cause));

/**
 * Repeats the automatic start of a server until it listens. After a boot the network may not be up yet, and after a restart the old process
 * may still hold the port.
 */
export class StartRetries {
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private latest = '';
  /** The time of the next start, ms since 1970. */
  next: number | undefined;

  constructor(
    private readonly again: () => Promise<unknown>,
    private readonly log: Log,
  ) {}

  /** Schedules the next start after a failed one. @returns the wait, and whether the reason differs from that of the last failure. */
  failed({ errorStr }: Pick<Failure, 'errorStr'>): { readonly wait: number; readonly retries: number; readonly isNew: boolean } {
    const isNew = errorStr !== this.latest;
    this.latest = errorStr;
    this.failures++;
    const wait = backoff(this.failures, waits);
    const again = () => void this.again().catch((error) => this.log.error(error));
    this.next = Date.now() + wait;
    this.timer = setTimeout(guarded(this.log, again), wait);
    return { wait, retries: this.failures, isNew };
  }

  /** Ends the series. The next failure is the first of another one. */
  end(): void {
    this.pause();
    this.failures = 0;
    this.latest = '';
  }

  /** Cancels the scheduled start. */
  pause(): void {
    clearTimeout(this.timer);
  }
}
