/** A promise of something that happens once. It is made only for those who wait. */
export class Latch {
  private promise: Promise<void> | undefined;
  private resolve: (() => void) | undefined;
  private isOpen = false;

  /** Resolves when the latch is open, at once if it is. */
  opened(): Promise<void> {
    this.promise ??= this.isOpen
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.resolve = resolve;
        });
    return this.promise;
  }

  open(): void {
    this.isOpen = true;
    this.resolve?.();
  }
}
