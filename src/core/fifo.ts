/** Places in front that are free before they are given back. */
const minFree = 32;

/** A queue. `shift` of an array moves all that is left: for n items that takes n² steps. */
export class Fifo<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  /** The first, which stays. */
  get first(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Takes the first. */
  shift(): T | undefined {
    const { items, head } = this;
    if (head === items.length) return undefined;
    const item = items[head];
    items[head] = undefined;
    this.head++;
    // Whatever is moved here was preceded by as many that were taken.
    if (this.head >= minFree && this.head * 2 >= items.length) this.compact();
    return item;
  }

  /** Takes the last. */
  pop(): T | undefined {
    return this.length > 0 ? this.items.pop() : undefined;
  }

  private compact(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
