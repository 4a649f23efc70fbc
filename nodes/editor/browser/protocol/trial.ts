import { messageOf } from '../../../../src/core/errors';
import { word } from '../translate';
import type { Cell } from './cells';
import { matches } from './check';

/** Adds a field for a sample message, and shows whether the patterns of a step match it. */
export function addTrial(place: JQuery, wait: Cell, fail: Cell): void {
  const trial = $('<details class="ix-trial"></details>').appendTo(place);
  $('<summary></summary>').text(word('protocol.try')).appendTo(trial);
  const sample = $('<textarea rows="3" class="ix-control" spellcheck="false"></textarea>')
    .attr({ 'aria-label': word('protocol.sample'), placeholder: word('protocol.sample') })
    .appendTo(trial);
  const result = $('<div role="status" aria-live="polite"></div>').appendTo(trial);
  let latest = 0;
  const compare = () => {
    const asked = ++latest;
    verdict(String(sample.val() ?? ''), wait(), fail())
      .catch((error) => ['ix-bad', messageOf(error)] as const)
      .then(([mark, text]) => {
        if (asked === latest) result.attr('class', mark).text(text);
      })
      .catch((error) => console.error(error));
  };
  sample.on('change keyup paste input', compare);
  place.on('change', compare);
}

async function verdict(text: string, wait: unknown, fail: unknown): Promise<readonly [mark: string, text: string]> {
  if (text.trim() === '') return ['', ''];
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return ['ix-bad', word('protocol.notJson')];
  }
  // `wait` is tested before `fail`, as in the runtime.
  if (wait !== undefined && (await matches(wait, message))) return ['ix-good', word('protocol.matches')];
  if (fail !== undefined && (await matches(fail, message))) return ['ix-doubtful', word('protocol.refuses')];
  return ['ix-bad', word('protocol.differs')];
}
