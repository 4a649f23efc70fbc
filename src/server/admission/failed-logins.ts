import { addressGroup } from '../../net/address';

/** The maximum number of addresses with recorded failures. Above it the oldest is deleted. */
const maxAddresses = 10_000;
const firstBlockMs = 1000;
const maxBlockMs = 60_000;
/** The count of an address restarts at 0 after this time without wrong credentials, ms. */
const forgetMs = 600_000;

interface Failures {
  count: number;
  /** The time of the latest failure. */
  at: number;
  blockedUntil: number;
}

/**
 * Counts wrong credentials by address. An IPv6 address counts by its /64. After `limit` failures the address is blocked for 1 s.
 * Each further failure doubles the time, up to 60 s.
 */
export class FailedLogins {
  private readonly failures = new Map<string, Failures>();

  /** @param limit the failures before the first block; 0 disables blocking. */
  constructor(private readonly limit: number) {}

  /** Returns the remaining time for which an address is blocked, ms; 0 if it is not blocked. */
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
    // A Map keeps the order of insertion. The entry moves to the end, so the first entry is the oldest.
    this.failures.delete(group);
    this.failures.set(group, { count, at: now, blockedUntil: now + blockMs });
    if (this.failures.size <= maxAddresses) return;
    for (const oldest of this.failures.keys()) {
      this.failures.delete(oldest);
      break;
    }
  }

  /** Deletes the failures of an address after correct credentials. */
  succeeded(address: string): void {
    if (this.failures.size > 0) this.failures.delete(addressGroup(address));
  }
}
