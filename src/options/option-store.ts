import type { Fields, Values } from './field';
import { type Layer, pick, read } from './read';

/**
 * The options of one socket: those of its config node, which are read anew each time because they may follow the
 * environment, and above them what create and start commands gave.
 */
export class OptionStore<F extends Fields> {
  private given: Layer;

  constructor(
    private readonly fields: F,
    private readonly base: () => Layer,
    given: Layer,
    /** What has to be seen to once it is known who gave what. */
    private readonly settle: (values: Values<F>, base: Layer, given: Layer) => Values<F> = (values) => values,
  ) {
    this.given = pick(fields, given);
  }

  /** @throws SocketError `ERR_OPTION` */
  get values(): Values<F> {
    const base = this.base();
    return this.settle(read(this.fields, base, this.given), base, this.given);
  }

  /** The store as it will be with these changes; this one stays as it is. */
  with(changes: Layer): OptionStore<F> {
    return new OptionStore(this.fields, this.base, { ...this.given, ...pick(this.fields, changes) }, this.settle);
  }
}
