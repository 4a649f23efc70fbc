import { guarded, type Log } from '../../core/log';
import { addressGroup } from '../../net/address';
import type { RejectedConnection } from '../listener';

/** Rejections of one status, kind and address within this time are one event, ms. */
export const windowMs = 1000;
/** The maximum number of separate counts. Above it, further addresses share one count per status and kind. */
export const maxCounted = 1000;

interface Window {
  readonly endsAt: number;
  /** The rejections since the last event. */
  count: number;
  latest: RejectedConnection;
}

/**
 * Summarizes the rejections of one status, kind and address. The first is reported immediately. Those that follow within a second are
 * reported together at its end, as the latest rejection and their number. A peer that is rejected 1000 times a second would otherwise
 * flood the flow and the log.
 */
export class RejectionSummary {
  /** The open windows, in the order in which they end. */
  private readonly windows = new Map<string, Window>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly report: (rejected: RejectedConnection, count: number) => void,
    private readonly log: Log,
  ) {}

  add(rejected: RejectedConnection): void {
    const key = this.keyOf(rejected);
    const window = this.windows.get(key);
    if (window) {
      window.count++;
      window.latest = rejected;
      return;
    }
    this.open(key, rejected);
    this.report(rejected, 1);
  }

  /** Reports the pending rejections, and closes all windows. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const open = [...this.windows.values()];
    this.windows.clear();
    for (const { latest, count } of open) if (count > 0) this.report(latest, count);
  }

  private keyOf({ http_status: status, kind, remoteIp = '' }: RejectedConnection): string {
    const key = `${status}|${kind}|${addressGroup(remoteIp)}`;
    return this.windows.size < maxCounted || this.windows.has(key) ? key : `${status}|${kind}`;
  }

  private open(key: string, latest: RejectedConnection): void {
    this.windows.set(key, { endsAt: performance.now() + windowMs, count: 0, latest });
    this.arm();
  }

  private arm(): void {
    if (this.timer) return;
    for (const { endsAt } of this.windows.values()) {
      const wait = Math.max(endsAt - performance.now(), 0);
      this.timer = setTimeout(
        guarded(this.log, () => this.end()),
        Math.ceil(wait),
      ).unref();
      break;
    }
  }

  private end(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const [key, { endsAt, count, latest }] of this.windows) {
      if (endsAt > now) break;
      this.windows.delete(key);
      if (count === 0) continue;
      this.open(key, latest);
      this.report(latest, count);
    }
    this.arm();
  }
}
