/** Small controls of the rows of a protocol's form. */
import { isTyped } from '../../../../src/options/typed-value';
import { parse } from '../../values';
import { word } from '../translate';

/** Returns the value of a control: `undefined` if it is empty. */
export type Cell = () => unknown;

/** The types of a value that is sent. */
export const valueTypes = ['json', 'jsonata', 'str', 'bin', 'env', 'flow', 'global'] as const;
/** The type of an optional value that is not given. */
const nothing = 'ix-nothing';

const json = (value: unknown) => JSON.stringify(value) ?? '';

/** Adds a labelled line to a row. @returns the place of the control. */
export function line(row: JQuery, key: string): JQuery {
  $('<span class="ix-part-label"></span>').text(word(key)).appendTo(row);
  return $('<div class="ix-part"></div>').appendTo(row);
}

/** Adds a field with a type. An unchanged value keeps its form. */
export function typedCell(
  place: JQuery,
  label: string,
  types: readonly string[],
  given: unknown,
  changed: () => void,
  optional = false,
): Cell {
  const input = $('<input type="text" style="width: 100%">').appendTo(place);
  const none = { value: nothing, label: word('protocol.nothing'), hasValue: false };
  input.typedInput({ default: optional ? nothing : (types[0] ?? 'json'), types: [...(optional ? [none] : []), ...types] });
  input.typedInput('width', '100%');
  const shown = shownAs(given, types, optional);
  input.typedInput('type', shown.type);
  input.typedInput('value', shown.text);
  place.find('.red-ui-typedInput-input').attr('aria-label', label);
  input.on('change', changed);
  place.on('change keyup paste input', changed);
  const state = () => json([input.typedInput('type'), input.typedInput('value')]);
  const before = state();
  return () => (state() === before ? given : readTyped(input.typedInput('type'), String(input.typedInput('value'))));
}

function shownAs(given: unknown, types: readonly string[], optional: boolean): { type: string; text: string } {
  if (given === undefined || given === '') return { type: optional ? nothing : (types[0] ?? 'json'), text: '' };
  if (isTyped(given) && types.includes(given.type)) {
    return { type: given.type, text: typeof given.value === 'string' ? given.value : json(given.value) };
  }
  if (typeof given === 'string') return { type: types.includes('str') ? 'str' : (types[0] ?? 'json'), text: given };
  if (typeof given === 'number' && types.includes('num')) return { type: 'num', text: String(given) };
  return { type: 'json', text: json(given) };
}

function readTyped(type: string, text: string): unknown {
  if (type === nothing || text.trim() === '') return undefined;
  if (type === 'num') return parse(text);
  return { type, value: type === 'json' ? parse(text) : text };
}

/** Adds a field of a pattern: JSON, or for the message that a step awaits an expression too. Other patterns may be absent. */
export function patternCell(place: JQuery, label: string, given: unknown, changed: () => void, kind?: 'awaited' | 'optional'): Cell {
  const types = kind === 'awaited' ? ['json', 'jsonata'] : ['json'];
  const read = typedCell(place, label, types, given, changed, kind === 'optional');
  return () => {
    const value = read();
    return value !== given && isTyped(value) && value.type === 'json' ? value.value : value;
  };
}

/** Adds a text field. */
export function textCell(place: JQuery, label: string, given: unknown, changed: () => void, placeholder = ''): Cell {
  const before = given === undefined ? '' : String(given);
  const input = $('<input type="text" class="ix-control">').attr({ 'aria-label': label, placeholder }).val(before).appendTo(place);
  input.on('change keyup paste input', changed);
  return () => {
    const text = String(input.val() ?? '').trim();
    return text === before ? given : text === '' ? undefined : text;
  };
}

/** Adds a field of a number of seconds. A text that is not a number stays, and is marked. */
export function secondsCell(place: JQuery, label: string, given: unknown, changed: () => void, placeholder = ''): Cell {
  const read = textCell(place, label, given, changed, placeholder);
  place.find('input').addClass('ix-number').attr('inputmode', 'numeric');
  $('<span class="ix-unit"></span>').text(word('units.s')).appendTo(place);
  return () => {
    const value = read();
    return value === given ? given : parse(String(value ?? '')) || undefined;
  };
}

/** Adds a checkbox, which is stored only if it is ticked. */
export function checkCell(place: JQuery, label: string, given: unknown, changed: () => void): Cell {
  const input = $('<input type="checkbox">')
    .attr('aria-label', label)
    .prop('checked', given === true)
    .appendTo(place);
  input.on('change', changed);
  return () => (input.prop('checked') === (given === true) ? given : input.prop('checked') || undefined);
}

/** Adds a select of values, each with the key of its label. */
export function selectCell(place: JQuery, label: string, choices: Readonly<Record<string, string>>, given: string, changed: () => void) {
  const input = $('<select class="ix-control"></select>').attr('aria-label', label).appendTo(place);
  for (const [value, key] of Object.entries(choices)) $('<option></option>').val(value).text(word(key)).appendTo(input);
  input.val(given).on('change', changed);
  return () => String(input.val() ?? '');
}

/** Returns an object of the cells that have a value, or the given object if none has changed. */
export function gather(cells: Readonly<Record<string, Cell>>, given: unknown): () => unknown {
  const read = () => Object.fromEntries(Object.entries(cells).flatMap(([name, cell]) => (cell() === undefined ? [] : [[name, cell()]])));
  const before = json(read());
  return () => {
    const now = read();
    return given !== undefined && json(now) === before ? given : now;
  };
}
