/** Ranks items by a size that changes by one at a time. Finds one of the largest in constant time. */
export class SizeRanking<T> {
  /** The items by size. */
  private readonly items: Set<T>[] = [];
  private largestSize = 0;

  /** The item that has had the largest size for the longest time. */
  get largest(): T | undefined {
    for (const item of this.items[this.largestSize] ?? []) return item;
    return undefined;
  }

  /** Records the new size of an item. 0 removes the item. */
  resize(item: T, before: number, size: number): void {
    this.items[before]?.delete(item);
    if (size > 0) {
      const others = this.items[size];
      if (others) others.add(item);
      else this.items[size] = new Set([item]);
    }
    if (size > this.largestSize) this.largestSize = size;
    else if (before === this.largestSize && this.items[before]?.size === 0) this.largestSize = size;
  }
}
