import { type Link, LinkedList } from './linked-list';

/** An item with its place among those of its size. */
export interface Ranked<T> {
  rank: Link<T> | undefined;
}

/** Ranks items by a size that changes by one at a time. Finds one of the largest in constant time. */
export class SizeRanking<T extends Ranked<T>> {
  /** The items by size. */
  private readonly items: LinkedList<T>[] = [];
  private largestSize = 0;

  /** The item that has had the largest size for the longest time. */
  get largest(): T | undefined {
    return this.items[this.largestSize]?.first?.item;
  }

  /** Records the new size of an item. 0 removes the item. */
  resize(item: T, before: number, size: number): void {
    if (item.rank) this.items[before]?.remove(item.rank);
    item.rank = size > 0 ? this.of(size).add(item) : undefined;
    if (size > this.largestSize) this.largestSize = size;
    else if (before === this.largestSize && this.items[before]?.size === 0) this.largestSize = size;
  }

  private of(size: number): LinkedList<T> {
    const known = this.items[size];
    if (known) return known;
    const made = new LinkedList<T>();
    this.items[size] = made;
    return made;
  }
}
