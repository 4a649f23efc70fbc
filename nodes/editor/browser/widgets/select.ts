import type { Property } from '../../properties';
import { asText, asValue, isEmpty, problemOf } from '../../values';
import { EnvToggle } from './env-toggle';
import type { Widget } from './widget';

/** A select. A text field replaces it for an environment variable or a value that it does not offer. */
export function select(property: Property, input: JQuery): Widget {
  const envToggle = new EnvToggle(input);
  const preset = property.field.default ?? property.initial;
  return {
    show(value) {
      const shown = asText(asValue(property, asText(isEmpty(value) ? preset : value)));
      if (problemOf(property, value) || input.find('option').filter((_, option) => $(option).val() === shown).length === 0) {
        envToggle.showText(shown);
      } else input.val(shown);
    },
    read: () => asValue(property, envToggle.inText ? envToggle.readText() : String(input.val() ?? '')),
  };
}
