/** The minimum number of free slots at the front before they are released. */
const minFree = 32;

/** A queue. `shift` of an array moves all remaining items, so n items take n² steps. */
export class Fifo<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  /** The first item, which is not removed. */
  get first(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Removes and returns the first item. */
  shift(): T | undefined {
    const { items, head } = this;
    if (head === items.length) return undefined;
    const item = items[head];
    items[head] = undefined;
    this.head++;
    // At least as many items were removed before as are moved here, so the cost per item is constant.
    if (this.head >= minFree && this.head * 2 >= items.length) this.compact();
    return item;
  }

  /** Returns up to `count` items from the front, which are not removed. */
  peek(count: number): T[] {
    return this.items.slice(this.head, this.head + count) as T[];
  }

  /** Removes and returns the last item. */
  pop(): T | undefined {
    return this.length > 0 ? this.items.pop() : undefined;
  }

  private compact(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
