import { valueTypesOf } from '../../../settings';
import type { Property } from '../../properties';
import { asText } from '../../values';
import { word } from '../translate';
import type { Widget } from './widget';

/** The type for a value from the message. It is stored as an empty type, but a typed input needs a name. */
const fromMessage = 'ix-message';

/** The type of a typed field. It makes the typed input, so it comes before the value. */
export function typeOfValue({ key, values }: Property, input: JQuery): Widget {
  const first = { value: fromMessage, label: word('form.inMessage'), hasValue: false };
  input.typedInput({ default: fromMessage, types: [first, ...valueTypesOf(values)] });
  input.typedInput('width', '100%');
  const name = word(`${key}.label`);
  input.siblings('.red-ui-typedInput-container').find('input').attr('aria-label', name);
  return {
    show: (type) => input.typedInput('type', asText(type) || fromMessage),
    read: () => typeIn(input),
  };
}

/** The value of a typed field. */
export const typedValue = (input: JQuery): Widget => ({
  show: (value) => input.typedInput('value', asText(value)),
  read: () => (typeIn(input) === '' ? '' : input.typedInput('value')),
});

function typeIn(input: JQuery): string {
  const type = input.typedInput('type');
  return type === fromMessage ? '' : type;
}
