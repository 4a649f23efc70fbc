import type { Step } from '../../../src/core/progress';
import type { Composed } from '../../composed';
import { type ProbeAnswer, type ProbedSide, type ProbeFailure, probePermission, probeRoute } from '../../probe';
import { writtenForms } from '../live/composed';
import { propertyOf } from '../properties';
import { Composer } from './composer';
import { problemText } from './problem';
import { word } from './translate';

/** The part of a form that a test can read. */
export interface Probed {
  /** The current options of the form. */
  options(): Record<string, unknown>;
  /** Returns the row of an option. */
  row(name: string): JQuery;
  /** Brings an option into view, and gives it the focus. */
  show(name: string): void;
}

type Mark = 'good' | 'plain' | 'doubtful' | 'bad';
const icons: Record<Mark, string> = { good: 'check', plain: 'angle-right', doubtful: 'exclamation-triangle', bad: 'times' };

/** The description of each step. */
const marks: Record<Step['step'], Mark> = {
  name: 'good',
  proxy: 'good',
  tcp: 'good',
  certificate: 'plain',
  unreadableDate: 'doubtful',
  expired: 'doubtful',
  tls: 'good',
  unverified: 'doubtful',
  http: 'plain',
  redirect: 'plain',
  protocol: 'good',
  compressed: 'good',
  uncompressed: 'plain',
  pong: 'good',
  noPong: 'doubtful',
  said: 'plain',
  heard: 'plain',
  sent: 'good',
  notSent: 'bad',
  answered: 'plain',
  noAnswer: 'doubtful',
  conversed: 'good',
  closed: 'doubtful',
  listening: 'good',
  own: 'plain',
  ownPath: 'plain',
};

const suspect = 'ix-suspect';

/**
 * Adds the button that probes a form's unsaved options, and shows the result.
 *
 * @returns a function that ends a running probe when the form is closed.
 */
export function makeProbe(node: EditedNode, form: JQuery, probed: Probed): () => void {
  const side: ProbedSide = node.type === 'ix-client' ? 'client' : 'server';
  const button = form.find('.ix-probe > button');
  const answer = form.find('.ix-answer');
  if (!RED.user.hasPermission(probePermission(side))) {
    button.closest('.ix-probe').remove();
    return () => {};
  }
  let request: JQuery.jqXHR | undefined;
  const cancel = () => {
    const asked = request;
    request = undefined;
    asked?.abort();
  };
  const composer = new Composer({
    send: (say) =>
      ask(say).then(
        () => ({ isGood: true, text: '' }),
        () => ({ isGood: false, text: '' }),
      ),
    node: () => node,
  });
  composer.showForms(writtenForms.filter((form) => form !== 'request'));
  const ask = (say?: Composed) => {
    cancel();
    form.find(`.${suspect}`).removeClass(suspect);
    button.prop('disabled', true);
    composer.element.remove();
    answer.empty().append(line('plain', word('probe.running')).addClass('ix-running'));
    const asked = $.ajax({
      url: probeRoute(side),
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ id: node.id, z: node.z, options: probed.options(), say }),
    });
    request = asked;
    return asked
      .done((message: ProbeAnswer) => {
        composer.element.remove();
        answer.empty().append(...report(node.type, message, probed));
        if (side === 'client' && !message.failure) answer.after(composer.element);
      })
      .fail(({ status }) => {
        if (request === asked) answer.empty().append(line('bad', word(rejections[status] ?? 'probe.silent')));
      })
      .always(() => {
        button.prop('disabled', false);
        answer[0]?.scrollIntoView({ block: 'nearest' });
      });
  };
  button.on('click', () => void ask());
  // A result applies to the probed options only.
  form.on('change input', () => {
    cancel();
    composer.element.remove();
    answer.empty();
    form.find(`.${suspect}`).removeClass(suspect);
  });
  return cancel;
}

const rejections: Record<number, string> = { 401: 'probe.forbidden', 403: 'probe.forbidden', 429: 'probe.busy' };

const line = (mark: Mark, text: string) =>
  $('<div></div>')
    .addClass(`ix-line ix-${mark}`)
    .append($(`<i class="fa fa-${icons[mark]} ix-mark" aria-hidden="true"></i>`), $('<span></span>').text(text));

function report(type: string, { steps, failure }: ProbeAnswer, probed: Probed): JQuery[] {
  const lines = steps.map(({ step, values }) => line(marks[step], word(`steps.${step}`, shown(values))));
  if (!failure) return [...lines, line('good', word('probe.works')).addClass('ix-sum')];
  const { option } = failure;
  lines.push(line('bad', word('probe.fails')).addClass('ix-sum'), line('plain', sentence(type, failure)));
  if (option === undefined) return lines;
  probed.row(option).addClass(suspect);
  const link = $('<button type="button" class="ix-link"></button>').text(word(`${propertyOf(type, option).key}.label`));
  return [...lines, line('plain', `${word('probe.lookAt')} `).append(link.on('click', () => probed.show(option)))];
}

function sentence(type: string, { errorStr, option = '', key = '', values = {}, path = '' }: ProbeFailure): string {
  if (errorStr !== undefined) return errorStr;
  if (key.startsWith('constraints.')) return problemText(propertyOf(type, option), { key, values, path });
  return word(key, { ...values, ...(option && { label: word(`${propertyOf(type, option).key}.label`) }) });
}

/** Formats points in time in the reader's language. */
const shown = (values: Readonly<Record<string, string | number>>): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      name === 'validTo' && !Number.isNaN(Date.parse(String(value)))
        ? new Date(value).toLocaleDateString(RED.i18n.lang(), { dateStyle: 'long' })
        : value,
    ]),
  );
