import { isTyped } from '../../../../src/options/typed-value';
import type { Property } from '../../properties';
import { asText, asValue, parse } from '../../values';
import { word } from '../translate';
import { envButton, showsText } from './env-toggle';
import type { Widget } from './widget';

/** The types of a value that is computed for each attempt. */
export const computedTypes = ['jsonata', 'flow', 'global'];

const words = { button: 'ƒ', text: 'form.expression', control: 'form.control' };

/**
 * A URL: a text field, or a typed field for one that is computed. The text field remains the source of the value, and holds the JSON of
 * the typed field while that is shown.
 */
export function url(property: Property, input: JQuery): Widget {
  let field: ReturnType<typeof computedField> | undefined;
  let isComputed = false;
  const button = envButton(input.closest('.form-row'), () => switchTo(!isComputed), words);
  const switchTo = (toComputed: boolean) => {
    isComputed = toComputed;
    const given = parse(String(input.val() ?? ''));
    if (toComputed) {
      field ??= computedField(property, input, () => isComputed);
      field.show(given);
    } else if (isTyped(given)) input.val('').trigger('change');
    input.toggle(!toComputed);
    field?.cell.toggle(toComputed);
    showsText(button, toComputed, words);
  };
  return {
    show(value) {
      input.val(asText(value));
      if (isTyped(value) || isComputed) switchTo(isTyped(value));
    },
    read: () => asValue(property, String(input.val() ?? '')),
  };
}

/** Adds a typed field, which writes its JSON into the text field while it is used. It is made when it is needed: empty, it is invalid. */
function computedField({ key }: Property, input: JQuery, isUsed: () => boolean) {
  const typed = $('<input type="text" style="width: 100%">');
  const cell = $('<div class="ix-column ix-computed-url"></div>').append(typed).insertAfter(input);
  typed.typedInput({ default: 'jsonata', types: computedTypes });
  typed.typedInput('width', '100%');
  cell.find('.red-ui-typedInput-input').attr('aria-label', word(`${key}.label`));
  const changed = () => {
    if (!isUsed()) return;
    const value = String(typed.typedInput('value') ?? '');
    input.val(value.trim() === '' ? '' : JSON.stringify({ type: typed.typedInput('type'), value })).trigger('change');
  };
  typed.on('change', changed);
  cell.on('keyup paste input', changed);
  return {
    cell,
    /** Shows a typed value, or a text as an expression. */
    show(given: unknown) {
      const { type, value } = isTyped(given) ? given : { type: 'jsonata', value: given === '' ? '' : JSON.stringify(given) };
      typed.typedInput('type', type);
      typed.typedInput('value', asText(value));
      changed();
    },
  };
}
