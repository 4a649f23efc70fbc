import { guarded, type Log } from '../../src/index';

/** Gathers what comes in quick succession, and hands it on together. */
export class Batch<T> {
  private items: T[] = [];
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param most so many are handed on at once.
   * @param ms the first one waits no longer than this.
   */
  constructor(
    private readonly most: number,
    private readonly ms: number,
    private readonly handOn: (items: T[]) => void,
    private readonly log: Log,
  ) {}

  add(item: T): void {
    if (this.items.push(item) >= this.most) this.flush();
    else this.timer ??= setTimeout(guarded(this.log, this.flush), this.ms);
  }

  readonly flush = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { items } = this;
    if (items.length === 0) return;
    this.items = [];
    try {
      this.handOn(items);
    } catch (error) {
      this.log.error(error);
    }
  };
}
