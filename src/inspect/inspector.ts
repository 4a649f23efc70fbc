import { guarded, type Log } from '../core/log';
import type { Registry } from '../registry';
import type { FrameRow, FramesAnswer } from './answers';
import { Tap } from './tap';

/** The object of a look: a client, a server, or one connection of a server. */
export interface Target {
  readonly side: 'client' | 'server';
  readonly id: number;
  readonly client?: string | undefined;
}

/** The time after the last look at which frames are no longer kept, ms. */
const leaseMs = 5000;
/** The most targets at once. Each may hold 4 MiB. */
const maxTaps = 8;

interface Lease {
  readonly tap: Tap;
  until: number;
}

/** Keeps the frames of what somebody looks at, and of nothing else. */
export class Inspector {
  private readonly leases = new Map<string, Lease>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly log: Log,
  ) {}

  /**
   * Returns the frames of a target after a number, and keeps the next ones for 5 s.
   *
   * @param max the characters or bytes of each frame, as far as they are kept.
   * @returns `gone` if the target does not exist; `full` if too many targets are looked at.
   */
  frames(target: Target, after: number, max?: number): FramesAnswer | 'gone' | 'full' {
    const lease = this.lease(target);
    return typeof lease === 'string' ? lease : lease.tap.after(after, max);
  }

  /** Returns the whole of a frame; `undefined` if it is no longer kept. */
  frame(target: Target, seq: number): FrameRow | undefined {
    return this.leases.get(keyOf(target))?.tap.whole(seq);
  }

  /** The number of targets that somebody looks at. */
  get size(): number {
    return this.leases.size;
  }

  /** Ends every look. */
  end(): void {
    for (const [key, lease] of this.leases) this.drop(key, lease);
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private lease(target: Target): Lease | 'gone' | 'full' {
    const key = keyOf(target);
    const socket = target.side === 'client' ? this.registry.client.find(target.id) : this.registry.server.find(target.id);
    const found = this.leases.get(key);
    const until = performance.now() + leaseMs;
    if (found && socket) {
      found.until = until;
      return found;
    }
    if (found) this.drop(key, found);
    if (!socket) return 'gone';
    if (this.leases.size >= maxTaps) return 'full';
    const tap = Tap.of(socket, target.client);
    if (!tap) return 'gone';
    const lease = { tap, until };
    this.leases.set(key, lease);
    this.timer ??= setInterval(
      guarded(this.log, () => this.expire()),
      leaseMs / 5,
    ).unref();
    return lease;
  }

  private expire(): void {
    const now = performance.now();
    for (const [key, lease] of this.leases) if (lease.until <= now) this.drop(key, lease);
    if (this.leases.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private drop(key: string, { tap }: Lease): void {
    this.leases.delete(key);
    tap.end();
  }
}

const keyOf = ({ side, id, client = '' }: Target) => `${side} ${id} ${client}`;
