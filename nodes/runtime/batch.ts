import { guarded, type Log } from '../../src/index';

/** Maximum bytes of a batch, since a peer decides the size of a message. Each item counts with an overhead. */
const maxBytes = 4 * 1024 * 1024;
const bytesPerItem = 500;

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
