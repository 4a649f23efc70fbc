import type { Property } from '../../properties';
import { asText, asValue, isEnv, parse } from '../../values';
import { sentenceOf } from '../problem';
import { word } from '../translate';
import { envButton, showsText } from './env-toggle';
import type { editableList } from './list';
import type { Widget } from './widget';

/** A view that shows and changes the JSON of a text field. */
export interface View {
  readonly element: JQuery;
  /** @returns false if it cannot show the value; the text field is then shown. */
  show(text: string): boolean;
  /** Returns the text after a change. */
  read(): string;
}

/**
 * A text field with JSON, hidden behind a view that mirrors it. The field remains the only source of the value: Node-RED validates
 * it, and it is shown for an environment variable.
 */
export function mirror(property: Property, input: JQuery, viewOf: (changed: () => void) => View): Widget {
  const alert = $('<div class="ix-wrong" role="alert"></div>').hide();
  const view = viewOf(() => void input.val(view.read()).trigger('change'));
  view.element.attr({ role: 'group', 'aria-label': word(`${property.key}.label`) });
  const column = $('<div class="ix-column"></div>').insertAfter(input).append(input, view.element, alert);
  const switchWords = property.kind === 'json' ? jsonWords : undefined;
  const button = envButton(column.closest('.form-row'), () => switchTo(!input.is(':visible')), switchWords);
  const switchTo = (toText: boolean) => {
    const asText = toText || !view.show(String(input.val() ?? ''));
    input.toggle(asText);
    view.element.toggle(!asText);
    showsText(button, asText, switchWords);
  };
  input.on('change keyup paste', () => {
    const text = String(input.val() ?? '');
    const sentence = sentenceOf(property, text);
    alert.text(sentence ?? '').toggle(sentence !== undefined);
  });
  return {
    show(value) {
      const text = property.kind === 'json' ? indented(value) : Array.isArray(value) ? JSON.stringify(value) : asText(value);
      input.val(text);
      switchTo(isEnv(text));
    },
    read: () => asValue(property, String(input.val() ?? '')),
  };
}

const jsonWords = { button: '{ }', text: 'protocol.asJson', control: 'protocol.asFields' };

/** Returns JSON as a person writes it. */
export const indented = (value: unknown) => (typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : asText(value));

/** A view of a JSON list whose entries are rows. */
export const jsonView = (element: JQuery, list: ReturnType<typeof editableList<unknown>>): View => ({
  element,
  show(text) {
    const given = text.trim() === '' ? [] : parse(text);
    list.show(Array.isArray(given) ? given : []);
    return Array.isArray(given);
  },
  read: () => (list.read().length > 0 ? indented(list.read()) : ''),
});
