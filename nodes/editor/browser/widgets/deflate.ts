import type { DeflateOptions } from '../../../../src/options/kinds';
import type { Property } from '../../properties';
import { asText, parse } from '../../values';
import { word } from '../translate';
import { mirror } from './mirror';
import type { Widget } from './widget';

/** The parameters, and whether each is a boolean. */
const parameters: Record<keyof DeflateOptions, 'boolean' | 'bits'> = {
  clientNoContextTakeover: 'boolean',
  serverNoContextTakeover: 'boolean',
  clientMaxWindowBits: 'bits',
  serverMaxWindowBits: 'bits',
};

/** The parameters of permessage-deflate: an optional choice or number each. */
export const deflate = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const element = $('<div class="ix-deflate"></div>');
    const cells = Object.entries(parameters).map(([name, kind]) => {
      const label = $('<label></label>')
        .text(word(`deflate.${name}`))
        .appendTo(element);
      const cell =
        kind === 'boolean'
          ? $('<select>').append(option('', 'form.unset'), option('true', 'form.yes'), option('false', 'form.no'))
          : $('<input type="text">').attr('placeholder', '8–15');
      const id = `${input.attr('id')}-${name}`;
      label.attr('for', id);
      cell.attr('id', id).addClass('ix-control').on('change keyup paste input', changed).appendTo(element);
      return { name, kind, cell };
    });
    return {
      element,
      show(text) {
        const given = text === '' ? {} : parse(text);
        if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
        const values = given as Record<string, unknown>;
        for (const { name, cell } of cells) cell.val(asText(values[name]));
        // A value that no cell can show (an unknown parameter, an environment variable in a choice) is shown as text.
        return Object.keys(values).every((name) =>
          cells.some((one) => one.name === name && String(one.cell.val() ?? '') === asText(values[name])),
        );
      },
      read() {
        const given = cells.flatMap(({ name, kind, cell }) => {
          const value = String(cell.val() ?? '').trim();
          if (value === '') return [];
          return [[name, kind === 'boolean' ? value === 'true' : /^\d+$/.test(value) ? Number(value) : value] as const];
        });
        return given.length > 0 ? JSON.stringify(Object.fromEntries(given)) : '';
      },
    };
  });

const option = (value: string, key: string) => $('<option>').val(value).text(word(key));
