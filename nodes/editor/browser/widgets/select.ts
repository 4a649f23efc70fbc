import type { Property } from '../../properties';
import { asText, asValue, isEmpty, problemOf } from '../../values';
import { Turns } from './env-toggle';
import type { Widget } from './widget';

/** A select. An environment variable, or a value it does not offer, takes its place as a text. */
export function select(property: Property, input: JQuery): Widget {
  const turns = new Turns(input);
  const preset = property.field.default ?? property.initial;
  return {
    show(value) {
      const shown = asText(asValue(property, asText(isEmpty(value) ? preset : value)));
      if (problemOf(property, value) || input.find('option').filter((_, option) => $(option).val() === shown).length === 0) {
        turns.showText(shown);
      } else input.val(shown);
    },
    read: () => asValue(property, turns.inText ? turns.readText() : String(input.val() ?? '')),
  };
}
