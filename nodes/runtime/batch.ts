import { guarded, type Log } from '../../src/index';

/** The most bytes that are gathered: a peer decides how large a message is. An item counts for some more than its own. */
const maxBytes = 4 * 1024 * 1024;
const bytesPerItem = 500;

/** Gathers what comes in quick succession, and hands it on together. */
export class Batch<T> {
  private items: T[] = [];
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param maxSize so many are handed on at once.
   * @param ms the first one waits no longer than this.
   */
  constructor(
    private readonly maxSize: number,
    private readonly ms: number,
    private readonly handOn: (items: T[]) => void,
    private readonly log: Log,
  ) {}

  /** @param bytes about the bytes of the item. */
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
