import type { Log } from '../core/log';
import { guarded } from '../core/log';
import { backoff } from '../net/backoff';
import { type HookFailure, hookFailures } from './failures';

/** The waits between the probes: 0.5, 1, 2, 4, then 5 s. */
const probeWaits = { minWaitBetweenReconnectionRetries: 500, maxWaitBetweenReconnectionRetries: 5000, jitter: false };

/** The hook whose calls wait in an outage. `J` is an event. */
export interface Waiters<J> {
  /** The waiting events that are not in a call, in order of arrival. */
  waiting(): Iterable<J>;
  giveUp(event: J, failure: HookFailure): void;
  changed(): void;
}

/** The failures that a call can cause by itself: its code in 4D takes too long, or ends the connection. */
const eventFaults: readonly HookFailure['brief'][] = ['timedOut', 'closed'];

interface State {
  readonly since: Date;
  /** The start, on a clock that nobody sets. */
  readonly at: number;
  failure: HookFailure;
  probes: number;
  nextProbe: number;
}

/**
 * An outage of 4D. Every call waits, and the oldest one probes whether 4D is back. The waits use up no retries; an event that waited
 * `giveUpSecs` is given up. A call is identified by its first event.
 */
export class Outage<J extends object> {
  private state: State | undefined;
  private readonly held = new Map<J, () => void>();
  private readonly arrivals = new WeakMap<J, number>();
  /** The first failure of events whose call failed in an outage. Such an event may cause the outages, so its waiting does not start again in each. */
  private readonly firstFailures = new WeakMap<J, number>();
  /** Calls that may themselves be the cause. Others probe before them. */
  private readonly suspects = new Set<J>();
  private probe: J | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly giveUpSecs: number,
    private readonly waiters: Waiters<J>,
    private readonly log: Log,
  ) {}

  get isOn(): boolean {
    return this.state !== undefined;
  }
  get since(): Date | undefined {
    return this.state?.since;
  }
  get failure(): HookFailure | undefined {
    return this.state?.failure;
  }

  /** Returns whether a call must wait: in an outage, all but the probe. */
  holds(event: J): boolean {
    return this.state !== undefined && this.probe !== event;
  }

  /** Notes when an event arrives in an outage. Its waiting begins then. */
  arrived(event: J): void {
    if (this.state) this.arrivals.set(event, performance.now());
  }

  /** Resolves when a call can be tried: as the probe, after the outage, or with fewer events because some were given up. */
  pass(event: J): Promise<void> {
    if (this.stopped || !this.holds(event)) return Promise.resolve();
    return new Promise((resolve) => {
      this.held.set(event, resolve);
      // The outage continued with no call to probe.
      if (this.probe === undefined && this.timer === undefined) this.startProbe();
    });
  }

  /** Begins an outage, or continues it if the call was the probe. */
  failed(events: readonly J[], failure: HookFailure): void {
    if (this.stopped) return;
    const now = performance.now();
    const event = events[0] as J;
    for (const one of events) if (!this.firstFailures.has(one)) this.firstFailures.set(one, now);
    // An event that failed in an earlier outage too, which another call ended, is a suspect whatever its failure.
    const isRepeated = (this.firstFailures.get(event) ?? now) < (this.state?.at ?? now);
    if (isRepeated || eventFaults.includes(failure.brief)) this.suspects.add(event);
    const state = this.state ?? { since: new Date(), at: now, failure, probes: 0, nextProbe: 0 };
    // A call that began before the outage ends in it.
    if (this.state && this.probe !== event) return;
    this.state = state;
    this.probe = undefined;
    state.failure = failure;
    state.nextProbe = now + Math.max(backoff(++state.probes, probeWaits), failure.retryAfterMs ?? 0);
    this.giveUpLate();
    this.arm();
  }

  /** Lets another call probe, if this one was the probe and ended without a call to 4D. */
  skipped(event: J): void {
    if (this.probe !== event) return;
    this.probe = undefined;
    this.startProbe();
  }

  /** Ends the outage, because 4D has answered. */
  end(): void {
    if (!this.state) return;
    this.state = undefined;
    this.probe = undefined;
    this.suspects.clear();
    this.release();
  }

  /** Ends all waits, now and later. */
  stop(): void {
    this.stopped = true;
    this.end();
  }

  private release(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const go of this.held.values()) go();
    this.held.clear();
  }

  /** Waits for the next probe, or for the next event to give up. */
  private arm(): void {
    const { state } = this;
    if (!state) return;
    const now = performance.now();
    const untilProbe = state.nextProbe - now;
    const untilGivenUp = this.nextGivenUp(state) - now;
    const isProbe = untilProbe <= untilGivenUp;
    const due = () => {
      this.timer = undefined;
      this.giveUpLate();
      if (isProbe) this.startProbe();
      else this.arm();
    };
    clearTimeout(this.timer);
    this.timer = setTimeout(guarded(this.log, due), Math.max(0, Math.ceil(isProbe ? untilProbe : untilGivenUp)));
  }

  private startProbe(): void {
    let event = this.oldestHeld();
    if (!event) {
      this.suspects.clear();
      event = this.oldestHeld();
    }
    if (!event) return;
    this.probe = event;
    this.held.get(event)?.();
    this.held.delete(event);
  }

  private oldestHeld(): J | undefined {
    for (const event of this.waiters.waiting()) if (this.held.has(event) && !this.suspects.has(event)) return event;
    return undefined;
  }

  private nextGivenUp(state: State): number {
    if (this.giveUpSecs === 0) return Number.POSITIVE_INFINITY;
    for (const event of this.waiters.waiting()) return this.givenUpAt(event, state);
    return Number.POSITIVE_INFINITY;
  }

  private givenUpAt(event: J, { at }: State): number {
    const since = Math.min(this.firstFailures.get(event) ?? Number.POSITIVE_INFINITY, Math.max(this.arrivals.get(event) ?? at, at));
    return since + this.giveUpSecs * 1000;
  }

  /** Gives up the events that have waited `giveUpSecs`. */
  private giveUpLate(): void {
    const { state, giveUpSecs } = this;
    if (!state || giveUpSecs === 0) return;
    const now = performance.now();
    const late: J[] = [];
    for (const event of this.waiters.waiting()) {
      if (this.givenUpAt(event, state) > now) break;
      late.push(event);
    }
    if (late.length === 0) return;
    const failure = hookFailures.givenUp(giveUpSecs, state.failure);
    for (const event of late) {
      this.waiters.giveUp(event, failure);
      this.held.get(event)?.();
      this.held.delete(event);
    }
    this.waiters.changed();
  }
}
