/**
 * What was handed over and not settled yet, first in, first out. Not a Set: that is made anew inside every so often, because of all that
 * was deleted; the old one refers to the new one, and so each keeps alive, for the garbage collector, what is long over, messages included.
 */
export class InFlight<T> {
  private items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  add(item: T): void {
    this.items.push(item);
  }

  /** @returns whether it was still there. */
  take(item: T): boolean {
    const at = this.items.indexOf(item);
    if (at === 0) this.items.shift();
    else if (at > 0) this.items.splice(at, 1);
    return at >= 0;
  }

  all(): T[] {
    return [...this.items];
  }
}
