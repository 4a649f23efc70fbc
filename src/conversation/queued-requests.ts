import { keyOf } from './calls';

/** The requests that wait in a client's outbox. They have no place among the open ones yet, and only some have an id. */
export class QueuedRequests {
  private readonly all = new Set<(why: string) => void>();
  private readonly byKey = new Map<string, (why: string) => void>();

  get size(): number {
    return this.all.size;
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  /**
   * Adds a request.
   *
   * @param end reports its outcome. The request is removed first.
   * @returns a function that removes the request.
   */
  add(requestId: unknown, end: (errorStr: string) => void): () => void {
    const key = requestId === undefined ? undefined : keyOf(requestId);
    const ended = (errorStr: string) => {
      remove();
      end(errorStr);
    };
    const remove = () => {
      if (this.all.delete(ended) && key !== undefined) this.byKey.delete(key);
    };
    this.all.add(ended);
    if (key !== undefined) this.byKey.set(key, ended);
    return remove;
  }

  /** Ends the request of an id. Returns false if none has it. */
  end(key: string, errorStr: string): boolean {
    const end = this.byKey.get(key);
    end?.(errorStr);
    return end !== undefined;
  }

  endAll(errorStr: string): void {
    for (const end of [...this.all]) end(errorStr);
  }
}
