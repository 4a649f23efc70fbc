// Kept before a test installs a fake clock, because a wait on a fake clock may never end.
const { setTimeout, clearTimeout } = globalThis;

/** Waits for a condition; rejects with its description after a timeout. */
export function within<T>(promise: Promise<T>, what: string, ms = 4000): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Resolves in the event-loop turn in which the condition holds. */
export async function until(holds: () => boolean, what: string, ms?: number): Promise<void> {
  let late = false;
  const turns = async () => {
    while (!holds() && !late) await new Promise(setImmediate);
  };
  await within(turns(), what, ms).finally(() => {
    late = true;
  });
}

/** A queue of arriving items, taken in order with waiting. */
export class Queue<T> {
  readonly all: T[] = [];
  private taken = 0;
  private waiting: (() => void)[] = [];

  push(item: T): void {
    this.all.push(item);
    for (const wake of this.waiting.splice(0)) wake();
  }

  async take(what = 'the next item', ms?: number): Promise<T> {
    const index = this.taken++;
    const arrives = async () => {
      while (this.all.length <= index) await new Promise<void>((resolve) => this.waiting.push(resolve));
    };
    await within(arrives(), what, ms);
    return this.all[index] as T;
  }

  /** True if every item was taken. */
  get isEmpty(): boolean {
    return this.taken >= this.all.length;
  }
}
