/** An item of `InFlight`, a linked list. */
export interface Link<T> {
  isSettled: boolean;
  next: T | undefined;
}

/**
 * Keeps the unsettled items, first in, first out. Every operation is O(1) amortized, whatever the order of settling. An item that is
 * settled early stays in the list until it is the oldest.
 *
 * A Set is unsuitable: after many deletions V8 copies its table, and the old table refers to the new one. The garbage collector then keeps
 * finished items alive, including their messages. For the same reason, an item that leaves the list refers to no other item.
 */
export class InFlight<T extends Link<T>> {
  private first: T | undefined;
  private last: T | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The oldest unsettled item. Its `next` leads to the others, which may include settled ones. */
  get oldest(): T | undefined {
    return this.first;
  }

  add(item: T): void {
    if (this.last) this.last.next = item;
    else this.first = item;
    this.last = item;
    this.count++;
  }

  /** Marks an item as settled. @returns true if it was not settled before. */
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
