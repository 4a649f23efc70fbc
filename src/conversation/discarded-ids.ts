/** The maximum number of ids that are remembered. The oldest id is forgotten at the limit. */
export const maxDiscarded = 1000;

/** The ids of requests whose further answers are discarded. */
export class DiscardedIds {
  private readonly ids = new Set<string>();

  get size(): number {
    return this.ids.size;
  }

  clear(): void {
    this.ids.clear();
  }

  add(id: string): void {
    this.ids.add(id);
    if (this.ids.size <= maxDiscarded) return;
    for (const oldest of this.ids) {
      this.ids.delete(oldest);
      return;
    }
  }

  /** Returns true if an id is remembered. @param isLast it has no further answers, so it is forgotten. */
  has(id: string, isLast: boolean): boolean {
    if (!this.ids.has(id)) return false;
    if (isLast) this.ids.delete(id);
    return true;
  }
}
