import type { Property } from '../../properties';
import { asText, asValue } from '../../values';
import type { Widget } from './widget';

/** A text field: texts, numbers and lists. Not `type="number"`, which could not hold `${NAME}`. */
export const text = (property: Property, input: JQuery): Widget => ({
  show: (value) => void input.val(asText(value)),
  read: () => asValue(property, String(input.val() ?? '')),
});
