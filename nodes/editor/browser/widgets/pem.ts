import type { Property } from '../../properties';
import { word } from '../translate';
import { text } from './text';
import type { Widget } from './widget';

/** A path, or PEM text, which has many lines. Warns about a private key that would be stored in the flow file. */
export function pem(property: Property, area: JQuery): Widget {
  const warning = $('<div class="form-tips ix-tip"></div>').text(word('form.keyInFlow')).appendTo(area.closest('.form-row'));
  area.on('change keyup paste input', () => {
    const value = String(area.val() ?? '');
    area.toggleClass('ix-many', value.includes('\n'));
    warning.toggle(value.includes('PRIVATE KEY'));
  });
  return text(property, area);
}
