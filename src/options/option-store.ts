import type { Fields, Values } from './field';
import { type Layer, pick, read } from './read';

/**
 * The options of one socket. Those of its config node are read again each time, because they may depend on the environment. The options of
 * create and start commands override them.
 */
export class OptionStore<F extends Fields> {
  private given: Layer;

  constructor(
    private readonly fields: F,
    private readonly base: () => Layer,
    given: Layer,
    /** Adjusts the values according to the layer that each option came from. */
    private readonly settle: (values: Values<F>, base: Layer, given: Layer) => Values<F> = (values) => values,
  ) {
    this.given = pick(fields, given);
  }

  /** @throws SocketError `ERR_OPTION` */
  get values(): Values<F> {
    const base = this.base();
    return this.settle(read(this.fields, base, this.given), base, this.given);
  }

  /** Returns a store with these changes. This store is not modified. */
  with(changes: Layer): OptionStore<F> {
    return new OptionStore(this.fields, this.base, { ...this.given, ...pick(this.fields, changes) }, this.settle);
  }
}
