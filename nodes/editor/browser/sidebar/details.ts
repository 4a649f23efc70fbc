import { type ActRequest, type ConnectionRow, type LiveClient, type LiveServer, type LiveTarget, livePermissions } from '../../../live';
import type { Rates } from '../../live/rates';
import { bytesText, rateText, timeText } from '../../live/text';
import { word } from '../translate';
import { api, statusOf } from './api';
import { element, iconButton, setIcon, setText } from './dom';
import { edit, isConfig, reveal } from './flow';
import { failureText, keyOf, labelOf, stateText } from './rows';

/** The selected line of the tree. */
export interface Selected {
  readonly target: LiveTarget;
  readonly socket: LiveServer | LiveClient;
  /** Absent for a socket, and for a connection that is not listed now. */
  readonly connection?: ConnectionRow | undefined;
  /** The time of the answer, ms since 1970. */
  readonly now: number;
}

/** Shows what is known about the selected line, with its buttons. */
export class Details {
  readonly element = element('div', 'ix-live-details');
  private readonly title = element('span', 'ix-live-title');
  private readonly list = element('dl', 'ix-live-facts');
  private readonly problem = element('div', 'ix-live-problem');
  private readonly startStop: HTMLButtonElement;
  private readonly buttons: Record<'reveal' | 'edit' | 'disconnect' | 'copy', HTMLButtonElement>;
  private readonly closing: HTMLButtonElement;
  private selected: Selected | undefined;

  constructor(
    private readonly rates: Rates,
    close: () => void,
    /** Called after an action, to show its effect at once. */
    private readonly acted: () => void,
  ) {
    const of = (run: (selected: Selected) => void) => () => this.selected && run(this.selected);
    this.startStop = iconButton(
      'play',
      word('live.start'),
      of((selected) => this.toggle(selected)),
    );
    this.buttons = {
      reveal: iconButton(
        'search',
        word('live.reveal'),
        of(({ socket }) => reveal(socket)),
      ),
      edit: iconButton(
        'pencil',
        word('live.edit'),
        of(({ socket }) => edit(socket)),
      ),
      disconnect: iconButton(
        'chain-broken',
        word('live.disconnect'),
        of(({ target }) => this.act({ ...target, do: 'disconnect' })),
      ),
      copy: iconButton(
        'clipboard',
        word('live.copyClient'),
        of((selected) => this.copy(selected)),
      ),
    };
    this.closing = iconButton('times', word('live.close'), close);
    this.problem.setAttribute('role', 'alert');
    this.problem.hidden = true;
    const { reveal: show, edit: form, disconnect, copy } = this.buttons;
    const tools = element('span', 'ix-live-tools', show, form, copy, disconnect, this.startStop, this.closing);
    this.element.append(element('div', 'ix-live-head', this.title, tools), this.problem, this.list);
  }

  show(selected: Selected): void {
    if (this.selected && keyOf(this.selected.target) !== keyOf(selected.target)) this.tell('');
    this.selected = selected;
    const { socket, target } = selected;
    const isConnection = target.client !== undefined;
    const mayWrite = RED.user.hasPermission(livePermissions.write);
    setText(this.title, isConnection ? (target.client ?? '') : labelOf(socket));
    const runs = socket.state !== 'idle' && socket.state !== 'cleared';
    setIcon(this.startStop, runs ? 'stop' : 'play', word(runs ? 'live.stop' : 'live.start'));
    this.startStop.hidden = isConnection || !mayWrite;
    this.startStop.disabled = socket.state === 'closing' || socket.state === 'cleared';
    this.buttons.disconnect.hidden = !isConnection || !mayWrite;
    this.buttons.copy.hidden = !isConnection;
    this.buttons.edit.hidden = isConnection || !isConfig(socket);
    this.showFacts(isConnection ? connectionFacts(selected) : socketFacts(selected), keyOf(target));
  }

  /** Gives the focus to the first button that has a meaning everywhere. */
  focus(): void {
    this.closing.focus();
  }

  private showFacts(facts: readonly (readonly [key: string, text: string | undefined])[], key: string): void {
    const rate = this.rates.rate(key);
    const all = [
      ...facts,
      ['live.in', `${rateText(rate.in)}/s, ${bytesText(rate.bytesIn)}/s`],
      ['live.out', `${rateText(rate.out)}/s, ${bytesText(rate.bytesOut)}/s`],
    ] as const;
    const shown = all.filter(([, text]) => text !== undefined && text !== '');
    const names = shown.map(([name]) => name).join();
    if (this.list.dataset.names !== names) {
      this.list.dataset.names = names;
      this.list.replaceChildren(
        ...shown.flatMap(([name]) => [element('dt', '', word(name)), element('dd', name === 'live.error' ? 'ix-live-error' : '')]),
      );
    }
    shown.forEach(([, text], at) => {
      setText(this.list.children[2 * at + 1] as HTMLElement, text ?? '');
    });
  }

  private toggle({ target, socket }: Selected): void {
    this.act({ ...target, do: socket.state === 'idle' ? 'start' : 'stop' });
  }

  private act(asked: ActRequest): void {
    this.tell('');
    api.act(asked).then(
      ({ success, errorStr }) => {
        if (!success && this.selected && keyOf(this.selected.target) === keyOf(asked)) this.tell(errorStr ?? word('live.gone'));
        this.acted();
      },
      (error: unknown) => this.tell(actProblem(statusOf(error))),
    );
  }

  private copy({ target }: Selected): void {
    RED.clipboard.copyText(target.client ?? '', $(this.buttons.copy), word('live.copied'));
  }

  private tell(sentence: string): void {
    setText(this.problem, sentence);
    this.problem.hidden = sentence === '';
  }
}

/** Returns why an action was not carried out, by the HTTP status. */
export function actProblem(status: number): string {
  if (status === 401 || status === 403) return word('live.noWrite');
  return word(status === 404 ? 'live.gone' : 'live.silent');
}

type Facts = (readonly [key: string, text: string | undefined])[];

function socketFacts({ socket, now }: Selected): Facts {
  const { url, waiting } = socket;
  const common: Facts = [
    ['live.address', url],
    ['live.state', stateText(socket, now)],
    ['live.error', errorText(socket)],
    ['live.waiting', waiting > 0 ? bytesText(waiting) : undefined],
  ];
  if (socket.side === 'server') return common;
  const { protocol, queued, limit, requests, roundTrip } = socket;
  return [
    ...common,
    ['live.protocol', protocol],
    ['live.queue', queued === undefined ? undefined : `${queued} / ${limit}`],
    ['live.requests', requests === undefined ? undefined : String(requests)],
    ['live.roundTrip', roundTrip === undefined ? undefined : `${roundTrip} ms`],
  ];
}

function errorText({ failure, error }: LiveServer | LiveClient): string | undefined {
  if (error) return error.at === undefined ? error.text : `${timeText(error.at)} ${error.text}`;
  return failure && failureText(failure);
}

function connectionFacts({ connection, socket }: Selected): Facts {
  if (!connection) return [['live.server', labelOf(socket)]];
  const { uri, remote, user, since, tags, tagCount, session, waiting, roundTrip, requests } = connection;
  const more = tagCount > tags.length ? ` … (${tagCount})` : '';
  return [
    ['live.server', labelOf(socket)],
    ['live.path', uri],
    ['live.address', remote],
    ['live.user', user],
    ['live.opened', new Date(since).toLocaleString(RED.i18n.lang())],
    ['live.tags', tags.length > 0 ? tags.join(', ') + more : undefined],
    ['live.session', session],
    ['live.waiting', waiting > 0 ? bytesText(waiting) : undefined],
    ['live.requests', requests === undefined ? undefined : String(requests)],
    ['live.roundTrip', roundTrip === undefined ? undefined : `${roundTrip} ms`],
  ];
}
