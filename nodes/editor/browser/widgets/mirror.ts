import type { Property } from '../../properties';
import { asText, asValue, isEnv, problemOf } from '../../values';
import { problemText } from '../problem';
import { word } from '../translate';
import { envButton, showsText } from './env-toggle';
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
  const button = envButton(column.closest('.form-row'), () => switchTo(!input.is(':visible')));
  const switchTo = (toText: boolean) => {
    const asText = toText || !view.show(String(input.val() ?? ''));
    input.toggle(asText);
    view.element.toggle(!asText);
    showsText(button, asText);
  };
  input.on('change keyup paste', () => {
    const text = String(input.val() ?? '');
    const problem = problemOf(property, text);
    alert.text(problem ? problemText(property, problem) : '').toggle(problem !== undefined);
  });
  return {
    show(value) {
      const text = Array.isArray(value) ? JSON.stringify(value) : asText(value);
      input.val(text);
      switchTo(isEnv(text));
    },
    read: () => asValue(property, String(input.val() ?? '')),
  };
}
