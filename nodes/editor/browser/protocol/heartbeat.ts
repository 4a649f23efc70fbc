import type { Property } from '../../properties';
import { parse } from '../../values';
import { word } from '../translate';
import { mirror } from '../widgets/mirror';
import type { Widget } from '../widgets/widget';
import { type Cell, checkCell, gather, line, patternCell, secondsCell, typedCell, valueTypes } from './cells';

/** The heartbeat of a protocol. */
export const heartbeat = (property: Property, input: JQuery): Widget =>
  mirror(property, input, (changed) => {
    const element = $('<div class="ix-parts-body"></div>');
    let read: () => unknown = () => undefined;
    return {
      element,
      show(text) {
        const given = text.trim() === '' ? undefined : parse(text);
        const shows = given === undefined || (typeof given === 'object' && given !== null && !Array.isArray(given));
        element.empty();
        if (shows) read = gather(cellsOf(element, (given ?? {}) as Record<string, unknown>, changed), given);
        return shows;
      },
      read() {
        const value = read();
        return typeof value === 'object' && value !== null && Object.keys(value).length > 0 ? JSON.stringify(value, null, 2) : '';
      },
    };
  });

function cellsOf(place: JQuery, { send, every, idle, expect, within }: Record<string, unknown>, changed: () => void): Record<string, Cell> {
  const label = (name: string) => word(`protocol.${name}`);
  const everyPlace = line(place, 'protocol.every');
  const cells = {
    every: typedCell(everyPlace, label('every'), ['num', 'jsonata'], every, changed, true),
    send: typedCell(line(place, 'protocol.send'), label('send'), valueTypes, send, changed, true),
    expect: patternCell(line(place, 'protocol.expect'), label('expect'), expect, changed, 'optional'),
    within: secondsCell(line(place, 'protocol.within'), label('within'), within, changed),
    idle: checkCell(line(place, 'protocol.idle'), label('idle'), idle, changed),
  };
  return cells;
}
