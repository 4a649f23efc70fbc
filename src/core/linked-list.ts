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

  /** Iterates over the links. The one at which the iteration is may be removed. */
  *[Symbol.iterator](): Iterator<Link<T>> {
    for (let link = this.first; link; ) {
      const { after }: Link<T> = link;
      yield link;
      link = after;
    }
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

  /**
   * Removes a link of this list. Call it at most once for each link. The link then refers to no other: a removed link in the old generation
   * would keep the next one alive, that one the one after it, and so on until the next full garbage collection.
   */
  remove(link: Link<T>): void {
    const { before, after } = link;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.last = before;
    link.before = link.after = undefined;
    this.length--;
  }
}
