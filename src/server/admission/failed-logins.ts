import { addressGroup } from '../../net/address';

/** Addresses whose failures are remembered; the oldest is forgotten. */
const maxAddresses = 10_000;
const firstBlockMs = 1000;
const maxBlockMs = 60_000;
/** An address that showed nothing wrong for so long begins at 0 again. */
const forgetMs = 600_000;

interface Failures {
  count: number;
  /** When the newest was. */
  at: number;
  blockedUntil: number;
}

/**
 * Wrong credentials by address, an IPv6 address by its /64: after `limit` of them, and after each further one, the address is blocked, for 1 s and then twice as
 * long each time, up to 60 s.
 */
export class FailedLogins {
  private readonly failures = new Map<string, Failures>();

  /** @param limit 0: none is blocked. */
  constructor(private readonly limit: number) {}

  /** Returns for how many more milliseconds an address is blocked; 0 if it is not. */
  blockedFor(address: string, now = performance.now()): number {
    if (this.limit === 0) return 0;
    const failures = this.failures.get(addressGroup(address));
    return failures ? Math.max(0, failures.blockedUntil - now) : 0;
  }

  failed(address: string, now = performance.now()): void {
    if (this.limit === 0) return;
    const group = addressGroup(address);
    const before = this.failures.get(group);
    const count = before && now - before.at < forgetMs ? before.count + 1 : 1;
    const blockMs = count < this.limit ? 0 : Math.min(firstBlockMs * 2 ** (count - this.limit), maxBlockMs);
    // Put at the end again: the first one is the oldest.
    this.failures.delete(group);
    this.failures.set(group, { count, at: now, blockedUntil: now + blockMs });
    if (this.failures.size <= maxAddresses) return;
    for (const oldest of this.failures.keys()) {
      this.failures.delete(oldest);
      break;
    }
  }

  /** Right credentials: what was wrong before was a mistake. */
  succeeded(address: string): void {
    if (this.failures.size > 0) this.failures.delete(addressGroup(address));
  }
}
