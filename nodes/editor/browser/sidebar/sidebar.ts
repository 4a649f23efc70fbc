/** The sidebar *WebSockets*: the sockets of the runtime, and the frames of one of them. It asks only while it is visible. */
import { type LiveAnswer, type LiveTarget, livePermissions } from '../../../live';
import { Rates } from '../../live/rates';
import { word } from '../translate';
import { api, statusOf } from './api';
import { Details, type Selected } from './details';
import { element, setText } from './dom';
import { reveal } from './flow';
import { FramesPanel } from './frames';
import { keyOf, labelOf, type Row, rowsOf } from './rows';
import { Sending } from './sending';
import { Tree, type TreeOwner } from './tree';

const id = 'ix-websockets';
const action = 'ix:show-websockets';
/** The time between two requests, ms. */
const interval = 1000;

/** Adds the tab, and the action that shows it. */
export function addSidebar(): void {
  // The page is loaded again when the package is enabled again.
  RED.actions.remove(action);
  RED.actions.add(action, () => RED.sidebar.show(id), { label: word('live.action') });
  $(addTab);
}

function addTab(): void {
  if (RED.sidebar.containsTab(id)) RED.sidebar.removeTab(id);
  const sidebar = new Sidebar();
  RED.sidebar.addTab({
    id,
    label: word('live.label'),
    name: word('live.label'),
    content: $(sidebar.element),
    iconClass: 'fa fa-exchange',
    enableOnEdit: true,
    action,
    onchange: () => sidebar.tick(),
  });
  sidebar.begin();
}

class Sidebar implements TreeOwner {
  readonly element = element('div', 'ix-live');
  readonly rates = new Rates();
  private readonly filter = element('input', 'ix-live-search') as HTMLInputElement;
  private readonly problem = element('div', 'ix-live-problem');
  private readonly empty = element('div', 'ix-live-empty');
  private readonly tree = new Tree(this);
  private readonly frames = new FramesPanel();
  private readonly details = new Details(
    this.rates,
    () => this.unselect(),
    () => this.tick(),
  );
  private readonly sending = new Sending();
  private readonly lower = element('div', 'ix-live-lower', this.details.element, this.frames.element);
  private readonly upper = element('div', 'ix-live-upper', this.tree.element);
  private readonly panes = element('div', 'ix-live-panes');
  private readonly folded = new Set<string>();
  private readonly servers = new Map<number, number>();
  /** The nodes of the unfolded servers. */
  private readonly unfolded = new Map<number, string>();
  private answer: LiveAnswer | undefined;
  private selected: Selected | undefined;
  private isAsking = false;
  private asksAgain = false;

  constructor() {
    this.filter.type = 'search';
    this.filter.placeholder = word('live.filter');
    this.filter.setAttribute('aria-label', word('live.filter'));
    this.filter.addEventListener('input', () => this.tick());
    this.problem.setAttribute('role', 'alert');
    this.problem.hidden = this.empty.hidden = this.lower.hidden = true;
    const filters = element('div', 'ix-live-bar ix-live-filters', this.filter);
    this.frames.footer.append(this.sending.element);
    this.panes.append(filters, this.problem, this.empty, this.upper, this.lower);
    this.element.append(this.panes);
  }

  begin(): void {
    const timer = setInterval(() => {
      // The package was disabled, or the tab was made again.
      if (!document.body.contains(this.element)) clearInterval(timer);
      else if (document.visibilityState === 'visible' && this.element.offsetParent !== null) this.tick();
    }, interval);
  }

  /** Asks at once; if a request runs, again after it. */
  tick(): void {
    if (!RED.user.hasPermission(livePermissions.read)) return this.tell(word('live.noRead'));
    this.asksAgain = this.isAsking;
    if (this.isAsking) return;
    this.isAsking = true;
    const done = () => {
      this.isAsking = false;
      if (this.asksAgain) this.tick();
    };
    this.ask().then(done, (error: unknown) => {
      this.asksAgain = false;
      this.tell(problemOf(statusOf(error)));
      done();
      // A fault of the sidebar itself belongs into the console.
      if (error instanceof Error) throw error;
    });
  }

  private async ask(): Promise<void> {
    const answer = await api.sockets(this.filter.value.trim(), this.servers);
    this.tell('');
    this.take(answer);
    if (!this.selected) return;
    try {
      await this.frames.poll();
    } catch (error) {
      if (statusOf(error) === 404) this.frames.tell(word('live.gone'));
      else if (statusOf(error) === 429) this.frames.tell(word('live.busy'));
      else throw error;
    }
  }

  private take(answer: LiveAnswer): void {
    if (this.answer?.run !== answer.run) this.rates.clear();
    for (const socket of [...answer.servers, ...answer.clients]) {
      this.rates.note(keyOf(socket), socket.traffic, answer.now);
      if (socket.side !== 'server') continue;
      for (const row of socket.rows ?? []) this.rates.note(keyOf({ ...socket, client: row.client }), row.traffic, answer.now);
    }
    this.rates.sweep();
    this.answer = this.withRows(answer);
    this.keepUnfolded(this.answer);
    this.follow(this.answer);
    this.render();
  }

  /** Keeps the connections of a server that was unfolded after the request was sent: its answer does not have them. */
  private withRows(answer: LiveAnswer): LiveAnswer {
    const known = new Map(this.answer?.run === answer.run ? this.answer.servers.map((server) => [server.id, server]) : []);
    const servers = answer.servers.map((server) => {
      const { rows, offset } = known.get(server.id) ?? {};
      return server.rows || !rows || !this.servers.has(server.id) ? server : { ...server, rows, offset };
    });
    return { ...answer, servers };
  }

  /** Keeps a server unfolded that a deploy or a restart has given another id. */
  private keepUnfolded({ servers }: LiveAnswer): void {
    for (const [old, node] of [...this.unfolded]) {
      const same = servers.filter((server) => server.node === node);
      const next = same.find((server) => server.id === old) ?? same[0];
      if (!next || next.id === old) continue;
      this.unfold(old, false);
      this.unfold(next.id, true);
    }
  }

  private unfold(server: number, isOpen: boolean): void {
    const node = this.answer?.servers.find((each) => each.id === server)?.node;
    if (isOpen && node !== undefined) {
      this.servers.set(server, 0);
      this.unfolded.set(server, node);
    } else {
      this.servers.delete(server);
      this.unfolded.delete(server);
    }
  }

  /** Finds the selected socket in an answer. A deploy gives it another id, but its node keeps its own. */
  private follow({ servers, clients, now }: LiveAnswer): void {
    if (!this.selected) return;
    const { target, socket } = this.selected;
    const sockets = target.side === 'server' ? servers : clients;
    const found = sockets.find((each) => each.id === target.id && each.node === socket.node);
    const next = found ?? (target.client === undefined ? sockets.find(({ node }) => node === socket.node) : undefined);
    if (!next) return;
    if (next.id !== target.id) return this.choose({ target: { ...target, id: next.id }, socket: next, now });
    const rows = next.side === 'server' ? next.rows : undefined;
    const connection = rows?.find(({ client }) => client === target.client) ?? this.selected.connection;
    this.selected = { target, socket: next, connection, now };
    this.details.show(this.selected);
  }

  private render(): void {
    if (!this.answer) return;
    const rows = rowsOf(this.answer, { folded: this.folded, servers: this.servers });
    this.tree.show(rows, this.selected ? keyOf(this.selected.target) : '');
    this.empty.hidden = rows.length > 0;
    if (rows.length === 0) setText(this.empty, word(this.filter.value.trim() === '' ? 'live.none' : 'live.noMatch'));
  }

  fold(row: Row, isOpen: boolean): void {
    if (row.target?.side === 'server') {
      this.unfold(row.target.id, isOpen);
      this.tick();
    } else if (isOpen) this.folded.delete(row.key);
    else this.folded.add(row.key);
    this.render();
  }

  page(server: number, offset: number): void {
    this.servers.set(server, offset);
    this.tick();
  }

  select({ target }: Row): void {
    const selected = target && this.find(target);
    if (!selected) return;
    this.choose(selected);
    this.render();
    this.tick();
    // In a low sidebar the tree is hidden now, with the line that had the focus.
    if (this.upper.offsetParent === null) this.details.focus();
  }

  reveal({ target }: Row): void {
    const found = target && this.find(target);
    if (found) reveal(found.socket);
  }

  private choose(selected: Selected): void {
    this.selected = selected;
    const { target, socket } = selected;
    this.lower.hidden = false;
    this.panes.classList.add('ix-live-selected');
    this.details.show(selected);
    this.sending.look(selected);
    this.frames.look(target, target.client ?? labelOf(socket));
  }

  private unselect(): void {
    this.selected = undefined;
    this.lower.hidden = true;
    this.panes.classList.remove('ix-live-selected');
    this.render();
    this.tree.focusLine();
  }

  private find(target: LiveTarget): Selected | undefined {
    if (!this.answer) return undefined;
    const { servers, clients, now } = this.answer;
    if (target.side === 'client') {
      const socket = clients.find(({ id }) => id === target.id);
      return socket && { target, socket, now };
    }
    const socket = servers.find(({ id }) => id === target.id);
    return socket && { target, socket, connection: socket.rows?.find(({ client }) => client === target.client), now };
  }

  private tell(sentence: string): void {
    setText(this.problem, sentence);
    this.problem.hidden = sentence === '';
  }
}

const problemOf = (status: number) => word(status === 401 || status === 403 ? 'live.noRead' : 'live.silent');
