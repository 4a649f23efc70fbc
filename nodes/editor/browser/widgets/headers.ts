import type { Property } from '../../properties';
import { asText, isEnv, parse } from '../../values';
import { word } from '../translate';
import { editableList } from './list';
import { mirror } from './mirror';
import type { Widget } from './widget';

type Header = readonly [name: string, value: string];

/** Request headers: a list of names, each with a string or an environment variable. */
export const headers = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const element = $('<div class="ix-list"></div>');
    const list = editableList<Header>(element, { add: word('form.addHeader'), row: header, changed });
    return {
      element,
      show(text) {
        const given = text === '' ? {} : parse(text);
        const shows = typeof given === 'object' && given !== null && !Array.isArray(given);
        list.show(shows ? Object.entries(given).map(([name, value]) => [name, asText(value)]) : []);
        return shows;
      },
      read() {
        const given = list.read().filter(([name, value]) => name || value);
        return given.length > 0 ? JSON.stringify(Object.fromEntries(given)) : '';
      },
    };

    function header(row: JQuery, [name, value]: Header = ['', '']) {
      const nameCell = $('<input type="text" class="ix-control ix-header-name">')
        .attr({ placeholder: word('form.headerName'), 'aria-label': word('form.headerName') })
        .val(name)
        .appendTo(row);
      const valueCell = $('<input type="text" class="ix-header-value" style="width: 100%">')
        .attr('placeholder', word('form.headerValue'))
        .appendTo($('<div class="ix-header-value-cell"></div>').appendTo(row))
        .typedInput({ default: 'str', types: ['str', 'env'] });
      const variable = isEnv(value) ? value.trim().slice(2, -1) : undefined;
      valueCell.typedInput('type', variable === undefined ? 'str' : 'env');
      valueCell.typedInput('value', variable ?? value);
      row.find('.red-ui-typedInput-input').attr('aria-label', word('form.headerValue'));
      row.on('change keyup paste input', changed);
      return (): Header => {
        const text = String(valueCell.typedInput('value'));
        const variable = valueCell.typedInput('type') === 'env' && text.trim().replace(/^\$\{(.*)\}$/, '$1');
        return [String(nameCell.val() ?? '').trim(), variable ? `\${${variable}}` : text];
      };
    }
  });
