// Taken before any test puts a fake clock in their place: a wait that never ends would be worse than a slow one.
const { setTimeout, clearTimeout } = globalThis;

/** Waits for something that happens elsewhere; rejects with what was missing, never waits in silence. */
export function within<T>(promise: Promise<T>, what: string, ms = 4000): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Resolves in the turn of the event loop in which it holds. */
export async function until(holds: () => boolean, what: string, ms?: number): Promise<void> {
  let late = false;
  const turns = async () => {
    while (!holds() && !late) await new Promise(setImmediate);
  };
  await within(turns(), what, ms).finally(() => {
    late = true;
  });
}

/** Things that come one after the other: take them in order, waiting if need be. */
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

  /** Nothing that was not taken yet. */
  get isEmpty(): boolean {
    return this.taken >= this.all.length;
  }
}
