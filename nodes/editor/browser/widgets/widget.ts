/** The elements of a form for one property, which show a value and return one. */
export interface Widget {
  show(value: unknown): void;
  /** Returns the value for the flow. */
  read(): unknown;
}
