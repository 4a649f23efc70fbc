/** The position of an item in a list. */
export interface Link<T> {
  readonly item: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

/** A doubly linked list. Items are appended at the end and removed at any position, both in constant time. */
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

  /** Removes a link of this list. Call it at most once for each link. */
  remove(link: Link<T>): void {
    if (link.before) link.before.after = link.after;
    else this.first = link.after;
    if (link.after) link.after.before = link.before;
    else this.last = link.before;
    this.length--;
  }
}
