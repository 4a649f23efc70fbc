/** The elements of a form for one property, which show a value and return one. */
export interface Widget {
  show(value: unknown): void;
  /** The value as the flow is to hold it. */
  read(): unknown;
}
