import type { Property } from '../../properties';
import { word } from '../translate';
import { pem } from './pem';
import type { Widget } from './widget';

/** The meaning of an absent option and the alternative, with their words and those of an own choice. */
const whoCalls = { absent: 'SYSTEM', absentKey: 'form.caSystem', other: 'NONE', otherKey: 'form.caNone', ownKey: 'form.caPem' };
const whoListens = {
  absent: 'NONE',
  absentKey: 'form.caNoneServer',
  other: 'SYSTEM',
  otherKey: 'form.caSystemServer',
  ownKey: 'form.caPemServer',
};

/** The trusted CAs: a choice, with a field for own CAs. The field holds the value. */
export function authority(property: Property, area: JQuery, type: string): Widget {
  const inner = pem(property, area);
  const { absent, absentKey, other, otherKey, ownKey } = type === 'ix-server' ? whoListens : whoCalls;
  const select = $('<select class="ix-control">')
    .attr('id', `${area.attr('id')}-choice`)
    .append($('<option>').val('').text(word(absentKey)), $('<option>').val(other).text(word(otherKey)))
    .append($('<option>').val('PEM').text(word(ownKey)))
    .insertBefore(area);
  area.attr('aria-label', word('form.pem'));
  area
    .closest('.form-row')
    .children('label')
    .attr('for', `${area.attr('id')}-choice`);
  const warning = $('<div class="form-tips ix-tip"></div>').text(word('form.unverified')).appendTo(area.closest('.form-row'));

  const follow = () => {
    area.toggle(select.val() === 'PEM');
    warning.toggle(type !== 'ix-server' && select.val() === 'NONE');
  };
  select.on('change', () => {
    area.val(select.val() === 'PEM' ? '' : String(select.val())).trigger('change');
    follow();
  });
  return {
    show(value) {
      inner.show(value);
      const text = String(area.val()).trim().toUpperCase();
      select.val(text === '' || text === absent ? '' : text === other ? text : 'PEM');
      follow();
    },
    read: inner.read,
  };
}
