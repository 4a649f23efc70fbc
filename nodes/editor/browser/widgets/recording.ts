import { framesOf } from '../../../../src/replay/format';
import type { Property } from '../../properties';
import { isEmpty } from '../../values';
import { word } from '../translate';
import { json } from './json';
import type { Widget } from './widget';

/** Node-RED accepts flows of 5 MB by default. */
const mostBytes = 3_000_000;

/** The JSON of a recording, which may be loaded from a file, with a summary of it. */
export function recording(property: Property, area: JQuery): Widget {
  const inner = json(property, area);
  const summary = $('<div class="ix-recorded" role="status" aria-live="polite"></div>');
  const file = $('<input type="file" accept=".json,application/json" tabindex="-1" aria-hidden="true">').hide();
  const button = $(
    '<button type="button" class="red-ui-button red-ui-button-small"><i class="fa fa-folder-open-o" aria-hidden="true"></i> </button>',
  )
    .append($('<span></span>').text(word('form.loadFile')))
    .on('click', () => void file.trigger('click'));
  area.after($('<div class="ix-recording"></div>').append(button, file, summary));
  const follow = () => void summary.text(summaryOf(inner.read()));
  file.on('change', () => {
    const [chosen] = (file[0] as HTMLInputElement).files ?? [];
    if (!chosen) return;
    if (chosen.size > mostBytes) return void summary.text(word('form.fileTooLarge'));
    void chosen.text().then((text) => area.val(text).trigger('change'));
    // The same file may be chosen again.
    file.val('');
  });
  area.on('change keyup paste input', follow);
  return {
    show(value) {
      inner.show(value);
      follow();
    },
    read: inner.read,
  };
}

/** Returns what a recording contains; `''` if it is none, which the validator reports. */
function summaryOf(value: unknown): string {
  if (isEmpty(value)) return '';
  try {
    const frames = framesOf(value);
    const received = frames.filter(({ direction }) => direction === 'in').length;
    const last = frames.reduce((latest, { at }) => Math.max(latest, at), 0);
    return word('form.recorded', { sent: frames.length - received, received, seconds: Math.round(last / 100) / 10 });
  } catch {
    return '';
  }
}
