/** An item's place in a list. */
export interface Link<T> {
  readonly item: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

/** A doubly linked list: items join at its end and leave from anywhere, in constant time. */
export class LinkedList<T> {
  first: Link<T> | undefined;
  private last: Link<T> | undefined;
  private length = 0;

  get size(): number {
    return this.length;
  }

  add(item: T): Link<T> {
    const link: Link<T> = { item, before: this.last, after: undefined };
    if (this.last) this.last.after = link;
    else this.first = link;
    this.last = link;
    this.length++;
    return link;
  }

  /** Takes out a link of this list; to be called once for each. */
  remove(link: Link<T>): void {
    if (link.before) link.before.after = link.after;
    else this.first = link.after;
    if (link.after) link.after.before = link.before;
    else this.last = link.before;
    this.length--;
  }
}
