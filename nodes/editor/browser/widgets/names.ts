import type { Property } from '../../properties';
import { shaped } from '../../values';
import { word } from '../translate';
import { editableList } from './list';
import { mirror, type View } from './mirror';
import type { Widget } from './widget';

/** The words of a list of names, and whether their order matters. */
interface Called {
  /** The texts of the button that adds a name, and of its field. */
  readonly add: string;
  readonly name: string;
  readonly placeholder?: string;
  readonly sortable?: boolean;
}

/** A list of names. */
export const names =
  (called: Called) =>
  (property: Property, input: JQuery): Widget =>
    mirror(property, input, (changed) => namesView(property, called, changed));

/** Subprotocols in the order of preference. */
export const subProtocols = names({ add: 'form.addSubprotocol', name: 'form.headerName', sortable: true });

/** The names of the secrets of a protocol. */
export const secretNames = names({ add: 'form.addSecret', name: 'form.headerName' });

export const networks = names({ add: 'form.addNetwork', name: 'form.network', placeholder: '10.0.0.0/8' });

export function namesView(property: Property, { add, name, placeholder, sortable = false }: Called, changed: () => void): View {
  const element = $('<div class="ix-list"></div>');
  const list = editableList<string>(element, { add: word(add), sortable, row, changed });
  return {
    element,
    show(text) {
      const given = text === '' ? [] : shaped(property, text);
      const shows = Array.isArray(given) && given.every((one) => typeof one === 'string');
      list.show(shows ? given : []);
      return shows;
    },
    read() {
      const given = list.read().filter(Boolean);
      return given.length > 0 ? JSON.stringify(given) : '';
    },
  };

  function row(element: JQuery, given = '') {
    const cell = $('<input type="text" class="ix-control">')
      .attr({ placeholder: placeholder ?? word(name), 'aria-label': word(name) })
      .val(given)
      .on('change keyup paste input', changed)
      .appendTo(element);
    return () => String(cell.val() ?? '').trim();
  }
}
