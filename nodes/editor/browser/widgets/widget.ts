/** What a form has for one property: an element or a few, that show a value and give one back. */
export interface Widget {
  show(value: unknown): void;
  /** The value as the flow is to hold it. */
  read(): unknown;
}
