import type { Property } from '../../properties';
import { word } from '../translate';
import { editableList, type Read } from '../widgets/list';
import { jsonView, mirror } from '../widgets/mirror';
import type { Widget } from '../widgets/widget';
import { gather, line, patternCell, secondsCell, selectCell, textCell, typedCell, valueTypes } from './cells';
import { addTrial } from './trial';

/** The opening conversation: steps in order, each with something to send or a message to wait for. */
export const steps = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const element = $('<div class="ix-list ix-parts-list"></div>');
    const row = (place: JQuery, given: unknown) => stepRow(place, given, changed);
    return jsonView(element, editableList<unknown>(element, { add: word('protocol.addStep'), sortable: true, row, changed }));
  });

interface Step {
  readonly send?: unknown;
  readonly wait?: unknown;
  readonly as?: unknown;
  readonly fail?: unknown;
  readonly timeout?: unknown;
}

function stepRow(place: JQuery, given: unknown, changed: () => void): Read<unknown> {
  const step: Step = typeof given === 'object' && given !== null ? given : {};
  const row = $('<div class="ix-parts"></div>').appendTo(place);
  const kinds = { send: 'protocol.send', wait: 'protocol.wait' };
  let read: Read<unknown>;
  const kind = selectCell(row, word('protocol.step'), kinds, step.wait === undefined ? 'send' : 'wait', () => {
    body.empty();
    build({});
    changed();
  });
  const body = $('<div class="ix-parts-body"></div>').appendTo(row);
  const build = (from: Step) => {
    const first = $('<div class="ix-part ix-part-wide"></div>').appendTo(body);
    if (kind() === 'send') {
      read = gather({ send: typedCell(first, word('protocol.value'), valueTypes, from.send, changed) }, from.send && given);
      return;
    }
    const wait = patternCell(first, word('protocol.pattern'), from.wait, changed, 'awaited');
    const fail = patternCell(line(body, 'protocol.fail'), word('protocol.fail'), from.fail, changed, 'optional');
    const as = textCell(line(body, 'protocol.as'), word('protocol.as'), from.as, changed);
    const timeout = secondsCell(line(body, 'protocol.timeout'), word('protocol.timeout'), from.timeout, changed, '10');
    addTrial(body, wait, fail);
    read = gather({ wait, as, fail, timeout }, from.wait && given);
  };
  build(step);
  return () => read();
}
