import type { Property } from '../../properties';
import { asValue } from '../../values';
import { sentenceOf } from '../problem';
import { indented } from './mirror';
import type { Widget } from './widget';

/** A text area of JSON. What is wrong with it is said below. */
export function json(property: Property, area: JQuery): Widget {
  const alert = $('<div class="ix-wrong" role="alert"></div>').hide();
  $('<div class="ix-column"></div>').insertAfter(area).append(area, alert);
  area.on('change keyup paste input', () => {
    const sentence = sentenceOf(property, String(area.val() ?? ''));
    alert.text(sentence ?? '').toggle(sentence !== undefined);
  });
  return {
    show: (value) => void area.val(indented(value)),
    read: () => asValue(property, String(area.val() ?? '')),
  };
}
