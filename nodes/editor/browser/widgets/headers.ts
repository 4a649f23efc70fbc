import { isTyped } from '../../../../src/options/typed-value';
import type { Property } from '../../properties';
import { asText, isEnv, parse } from '../../values';
import { word } from '../translate';
import { editableList } from './list';
import { mirror } from './mirror';
import { computedTypes } from './url';
import type { Widget } from './widget';

type Header = readonly [name: string, value: unknown];

/** Request headers: a list of names, each with a string, an environment variable, or a value that is computed for each attempt. */
export const headers = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const element = $('<div class="ix-list"></div>');
    const list = editableList<Header>(element, { add: word('form.addHeader'), row: header, changed });
    return {
      element,
      show(text) {
        const given = text === '' ? {} : parse(text);
        const shows = typeof given === 'object' && given !== null && !Array.isArray(given);
        list.show(shows ? Object.entries(given).map(([name, value]) => [name, isTyped(value) ? value : asText(value)]) : []);
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
        .typedInput({ default: 'str', types: ['str', 'env', ...computedTypes] });
      const shown = isTyped(value) ? value : isEnv(value) ? { type: 'env', value: value.trim().slice(2, -1) } : { type: 'str', value };
      valueCell.typedInput('type', shown.type);
      valueCell.typedInput('value', asText(shown.value));
      row.find('.red-ui-typedInput-input').attr('aria-label', word('form.headerValue'));
      row.on('change keyup paste input', changed);
      return (): Header => {
        const text = String(valueCell.typedInput('value'));
        const type = valueCell.typedInput('type');
        if (computedTypes.includes(type) && text !== '') return [String(nameCell.val() ?? '').trim(), { type, value: text }];
        const variable = type === 'env' && text.trim().replace(/^\$\{(.*)\}$/, '$1');
        return [String(nameCell.val() ?? '').trim(), variable ? `\${${variable}}` : text];
      };
    }
  });
