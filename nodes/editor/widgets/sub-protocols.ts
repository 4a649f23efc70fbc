import type { Property } from '../properties';
import { shaped } from '../values';
import { word } from '../word';
import { editableList } from './list';
import { mirror } from './mirror';
import type { Widget } from './widget';

/** Subprotocols: a list of names, the best first. */
export const subProtocols = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const element = $('<div class="ix-list"></div>');
    const list = editableList<string>(element, { add: word('form.addSubprotocol'), sortable: true, row, changed });
    return {
      element,
      show(text) {
        const given = text === '' ? [] : shaped(property, text);
        const shows = Array.isArray(given) && given.every((name) => typeof name === 'string');
        list.show(shows ? given : []);
        return shows;
      },
      read() {
        const given = list.read().filter(Boolean);
        return given.length > 0 ? JSON.stringify(given) : '';
      },
    };

    function row(element: JQuery, name = '') {
      const cell = $('<input type="text" class="ix-control">')
        .attr({ placeholder: word('form.headerName'), 'aria-label': word('form.headerName') })
        .val(name)
        .on('change keyup paste input', changed)
        .appendTo(element);
      return () => String(cell.val() ?? '').trim();
    }
  });
