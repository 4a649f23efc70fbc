import type { Property } from '../properties';
import { asText, parsed } from '../values';
import { word } from '../word';
import { mirror } from './mirror';
import type { Widget } from './widget';

/** Request headers: a list of names and values. */
export const headers = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const element = $('<div class="ix-headers"></div>');
    const list = $('<div></div>').appendTo(element);
    const add = (name = '', value = '') => {
      const row = $('<div class="ix-header"></div>').appendTo(list);
      for (const [key, given] of [
        ['form.headerName', name],
        ['form.headerValue', value],
      ] as const) {
        $('<input type="text" class="ix-control">')
          .attr({ placeholder: word(key), 'aria-label': word(key) })
          .val(given)
          .on('change keyup paste input', changed)
          .appendTo(row);
      }
      $('<button type="button" class="red-ui-button red-ui-button-small"><i class="fa fa-remove"></i></button>')
        .attr({ title: word('form.removeHeader'), 'aria-label': word('form.removeHeader') })
        .on('click', () => {
          row.remove();
          changed();
        })
        .appendTo(row);
      return row;
    };
    $('<button type="button" class="red-ui-button red-ui-button-small"><i class="fa fa-plus"></i> </button>')
      .append(document.createTextNode(word('form.addHeader')))
      .on('click', () => add().find('input').first().trigger('focus'))
      .appendTo(element);
    return {
      element,
      show(text) {
        const given = text === '' ? {} : parsed(text);
        const shows = typeof given === 'object' && given !== null && !Array.isArray(given);
        list.empty();
        if (shows) for (const [name, value] of Object.entries(given)) add(name, asText(value));
        return shows;
      },
      read() {
        const rows = list
          .children()
          .get()
          .map((row) =>
            $(row)
              .find('input')
              .get()
              .map((cell) => String($(cell).val() ?? '')),
          );
        const given = rows.map(([name = '', value = '']) => [name.trim(), value] as const).filter(([name, value]) => name || value);
        return given.length > 0 ? JSON.stringify(Object.fromEntries(given)) : '';
      },
    };
  });
