import { guarded, type Log } from '../../src/index';

/** Maximum bytes of a batch, since a peer decides the size of a message. Each item counts with an overhead. */
const maxBytes = 4 * 1024 * 1024;
const bytesPerItem = 500;

/** Marks the message of a batch with its length. A symbol, since a flow may have a `batch` of its own; Node-RED copies it with the message. */
const batchMark = Symbol('ix-websocket batch');

export function markBatch(msg: object, length: number): void {
  (msg as { [batchMark]?: number })[batchMark] = length;
}

/** Returns the messages of a batch, unless the flow has put another payload in their place. May throw for an object that cannot be read. */
export function batchOf(msg: { readonly payload?: unknown }): readonly unknown[] | undefined {
  const length = (msg as { readonly [batchMark]?: number })[batchMark];
  if (length === undefined) return undefined;
  const { payload } = msg;
  return Array.isArray(payload) && payload.length === length ? payload : undefined;
}

/** Returns a message without its mark. */
export function unmarkBatch<M extends object>(msg: M): M {
  delete (msg as { [batchMark]?: number })[batchMark];
  return msg;
}

/** Gathers items that arrive in quick succession and delivers them together. */
export class Batch<T> {
  private items: T[] = [];
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param maxSize maximum number of items delivered together.
   * @param ms maximum time that the first item waits.
   */
  constructor(
    private readonly maxSize: number,
    private readonly ms: number,
    private readonly handOn: (items: T[]) => void,
    private readonly log: Log,
  ) {}

  /** @param bytes the estimated size of the item. */
  add(item: T, bytes: number): void {
    this.bytes += bytes + bytesPerItem;
    if (this.items.push(item) >= this.maxSize || this.bytes >= maxBytes) this.flush();
    else this.timer ??= setTimeout(guarded(this.log, this.flush), this.ms);
  }

  readonly flush = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { items } = this;
    if (items.length === 0) return;
    this.items = [];
    this.bytes = 0;
    try {
      this.handOn(items);
    } catch (error) {
      this.log.error(error);
    }
  };
}
