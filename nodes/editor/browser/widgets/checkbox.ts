import type { Property } from '../../properties';
import { asText, asValue, isEmpty } from '../../values';
import { Turns } from './env-toggle';
import type { Widget } from './widget';

/** A checkbox. An environment variable takes its place as a text. */
export function checkbox(property: Property, input: JQuery): Widget {
  const turns = new Turns(input);
  return {
    show(value) {
      const read = isEmpty(value) ? property.field.default === true : asValue(property, asText(value));
      if (typeof read === 'boolean') input.prop('checked', read);
      else turns.showText(asText(value));
    },
    read: () => (turns.inText ? asValue(property, turns.readText()) : input.prop('checked')),
  };
}
