import type { Property } from '../../properties';
import { word } from '../translate';
import { mirror } from './mirror';
import { namesView } from './names';
import type { Widget } from './widget';

/** The allowed origins: a choice, with a list for single ones. */
export const origins = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const choice = (value: string, key: string) => $('<option>').val(value).text(word(key));
    const select = $('<select class="ix-control">')
      .attr('aria-label', word(`${property.key}.label`))
      .append(choice('same', 'form.originsSame'), choice('any', 'form.originsAny'), choice('listed', 'form.originsListed'));
    const list = namesView(property, { add: 'form.addOrigin', name: 'form.origin', placeholder: 'https://example.com' }, changed);
    const element = $('<div class="ix-origins"></div>').append(select, list.element);
    const follow = () => void list.element.toggle(select.val() === 'listed');
    select.on('change', () => {
      follow();
      changed();
    });
    return {
      element,
      show(text) {
        if (text === '[]') return false; // An empty list is not one of the choices.
        const shows = list.show(text);
        const listed = list.read();
        select.val(listed === '' || listed === '["same host"]' ? 'same' : listed === '["*"]' ? 'any' : 'listed');
        follow();
        return shows;
      },
      read() {
        if (select.val() === 'any') return '["*"]';
        return select.val() === 'same' ? '' : list.read();
      },
    };
  });
