import type { Property } from '../../properties';
import { word } from '../translate';
import { editableList, type Read } from '../widgets/list';
import { jsonView, mirror } from '../widgets/mirror';
import type { Widget } from '../widgets/widget';
import { checkCell, gather, line, patternCell, selectCell, typedCell, valueTypes } from './cells';

/** Automatic answers, of which the first that matches applies. */
export const rules = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const element = $('<div class="ix-list ix-parts-list"></div>');
    const row = (place: JQuery, given: unknown) => ruleRow(place, given, changed);
    return jsonView(element, editableList<unknown>(element, { add: word('protocol.addRule'), sortable: true, row, changed }));
  });

const consequences = {
  '': 'protocol.thenNothing',
  drop: 'protocol.thenDrop',
  reconnect: 'protocol.thenReconnect',
  close: 'protocol.thenClose',
};

function ruleRow(place: JQuery, given: unknown, changed: () => void): Read<unknown> {
  const rule = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  const body = $('<div class="ix-parts-body"></div>').appendTo($('<div class="ix-parts"></div>').appendTo(place));
  const when = patternCell(line(body, 'protocol.when'), word('protocol.when'), rule.when, changed);
  const send = typedCell(line(body, 'protocol.send'), word('protocol.send'), valueTypes, rule.send, changed, true);
  const after = line(body, 'protocol.then');
  const chosen = selectCell(after, word('protocol.then'), consequences, String(rule.then ?? ''), () => {
    follow();
    changed();
  });
  const where = $('<div class="ix-part-url"></div>').appendTo(after);
  const url = typedCell(where, word('protocol.newUrl'), ['str', 'jsonata', 'env'], rule.URL, changed, true);
  const follow = () => void where.toggle(chosen() === 'reconnect');
  follow();
  const emit = checkCell(line(body, 'protocol.emit'), word('protocol.emit'), rule.emit, changed);
  const URL = () => (chosen() === 'reconnect' ? url() : undefined);
  return gather({ when, send, then: () => chosen() || undefined, URL, emit }, given);
}
