import type { Property } from '../../properties';
import { asText, asValue, isEmpty } from '../../values';
import { EnvToggle } from './env-toggle';
import type { Widget } from './widget';

/** A checkbox. A text field replaces it for an environment variable. */
export function checkbox(property: Property, input: JQuery): Widget {
  const envToggle = new EnvToggle(input);
  return {
    show(value) {
      const read = isEmpty(value) ? property.field.default === true : asValue(property, asText(value));
      if (typeof read === 'boolean') input.prop('checked', read);
      else envToggle.showText(asText(value));
    },
    read: () => (envToggle.inText ? asValue(property, envToggle.readText()) : input.prop('checked')),
  };
}
