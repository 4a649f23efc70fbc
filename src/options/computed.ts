/** The bindings of an expression. */
export type Bindings = Readonly<Record<string, unknown>>;

/**
 * A value of an option that is computed for each attempt to connect. Only a config node brings one, since expressions must not come from
 * messages: nothing in a message is an object of this class.
 */
export class Computed {
  /** @param problem why the expression cannot be used, if it does not parse. */
  constructor(
    readonly evaluate: (bindings: Bindings) => Promise<unknown>,
    readonly problem?: string,
  ) {}
}
