/** An item of `InFlight`: a link of a chain. */
export interface Link<T> {
  isSettled: boolean;
  next: T | undefined;
}

/**
 * What was handed over and is not settled yet, first in, first out. Every operation is O(1) amortized, in whatever order items are settled: one
 * that is settled early stays in the chain until it is the oldest.
 *
 * Not a Set: it is copied every so often because of all that was deleted. The old copy refers to the new one, and keeps alive for the garbage collector
 * what is long over, messages included. For the same reason an item that leaves the chain refers to no other.
 */
export class InFlight<T extends Link<T>> {
  private first: T | undefined;
  private last: T | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The first that is not settled. Its `next` leads through the others, settled ones among them. */
  get oldest(): T | undefined {
    return this.first;
  }

  add(item: T): void {
    if (this.last) this.last.next = item;
    else this.first = item;
    this.last = item;
    this.count++;
  }

  /** @returns whether it was not settled before. */
  settle(item: T): boolean {
    if (item.isSettled) return false;
    item.isSettled = true;
    this.count--;
    let { first } = this;
    while (first?.isSettled) {
      const { next }: T = first;
      first.next = undefined;
      first = next;
    }
    this.first = first;
    if (!first) this.last = undefined;
    return true;
  }
}
