import type { Property } from '../../properties';
import { asText, asValue } from '../../values';
import type { Widget } from './widget';

/** A text field for strings, numbers and lists. Not `type="number"`, which does not accept `${NAME}`. */
export const text = (property: Property, input: JQuery): Widget => ({
  show: (value) => void input.val(asText(value)),
  read: () => asValue(property, String(input.val() ?? '')),
});
