/** Items by their size, which changes by one at a time: finds one of the largest in constant time. */
export class SizeRanking<T> {
  /** By size. */
  private readonly items: Set<T>[] = [];
  private largestSize = 0;

  /** One of the largest items, the one that has had its size for longest. */
  get largest(): T | undefined {
    for (const item of this.items[this.largestSize] ?? []) return item;
    return undefined;
  }

  /** Records an item's new size. 0 removes it. */
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
