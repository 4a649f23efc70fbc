/** The position of an item in a list. */
export interface Link<T> {
  readonly item: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

/** A doubly linked list. Items are added and removed at any position, in constant time. */
export class LinkedList<T> {
  first: Link<T> | undefined;
  private last: Link<T> | undefined;
  private length = 0;

  get size(): number {
    return this.length;
  }

  /** Adds an item before a link of this list; without one, at the end. */
  add(item: T, after?: Link<T>): Link<T> {
    const before = after ? after.before : this.last;
    const link: Link<T> = { item, before, after };
    if (before) before.after = link;
    else this.first = link;
    if (after) after.before = link;
    else this.last = link;
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
