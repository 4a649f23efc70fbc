import type { Node } from '@node-red/registry';
import { briefs, type Change, guarded, type HookStatus, type Reason, type Refusal, reasonOf, refusals, type State } from '../../src/index';
import type { RED, Socket } from './red';
import { nodeLog } from './sockets';

type Appearance = { readonly fill: 'green' | 'yellow' | 'red' | 'grey'; readonly shape: 'dot' | 'ring'; readonly key: string };

/** Fill, shape and text of each state. Colours are declared only here and in the two constants below. */
const appearances: { readonly [S in State]: Appearance } = {
  idle: { fill: 'grey', shape: 'ring', key: 'stopped' },
  opening: { fill: 'yellow', shape: 'ring', key: 'connecting' },
  open: { fill: 'green', shape: 'dot', key: 'connected' },
  // Without a failure the next attempt begins at once.
  waiting: { fill: 'yellow', shape: 'ring', key: 'connecting' },
  closing: { fill: 'yellow', shape: 'ring', key: 'closing' },
  cleared: { fill: 'grey', shape: 'ring', key: 'cleared' },
};
const unverified: Appearance = { fill: 'yellow', shape: 'dot', key: 'unverified' };
const failed: Omit<Appearance, 'key'> = { fill: 'red', shape: 'ring' };
const delivering: Omit<Appearance, 'key'> = { fill: 'green', shape: 'dot' };
const retrying: Omit<Appearance, 'key'> = { fill: 'yellow', shape: 'ring' };

/** Minimum time between two statuses of a node, in ms. Each status is sent to every open editor. */
const minIntervalMs = 250;

/** Maximum time for which a failed command or a refusal hides the state of a socket, ms. */
const hidesStateMs = 10_000;

/** Shows the newest status of a node, at once after a pause and otherwise at a limited rate. */
export class StatusLine {
  private timer: NodeJS.Timeout | undefined;
  private latest: (() => void) | undefined;
  /** Shows the socket's state again after a command succeeds that follows a failed one. */
  private showState = () => this.node.status({});
  private failed = false;
  /** Ends what hides the state of a socket for a time. */
  private expiry: NodeJS.Timeout | undefined;
  private isRefusalShown = false;
  private follows = false;
  private openRequests = 0;

  constructor(
    private readonly RED: RED,
    private readonly node: Node,
  ) {
    node.on('close', () => {
      clearTimeout(this.timer);
      clearTimeout(this.expiry);
    });
  }

  /** Follows the state of a socket. A node without a socket shows its last answer. */
  follow(socket: Socket): void {
    this.follows = true;
    this.change(socket.side, socket.status);
    const off = socket.changes.on((change) => this.change(socket.side, change));
    this.node.on('close', off);
  }

  /** Shows that no socket is selected, and that the node does not take one from its messages. */
  unselected(side: Socket['side'] | undefined): void {
    const key = side === undefined ? 'noSocket' : side === 'client' ? 'noClient' : 'noServer';
    this.showState = () => this.node.status({ ...retrying, text: `ix-websocket.status.${key}` });
    this.show(this.showState);
    // The node that comes in its place may have nothing to show.
    this.node.on('close', () => this.node.status({}));
  }

  /** Shows the reason of a rejection or failure in a few words. */
  fail(error: unknown): void {
    const text = typeof error === 'string' ? gist(error) : this.reason(reasonOf(error));
    this.failed = true;
    this.show(() => this.node.status({ ...failed, text }));
    if (this.follows) this.expire();
  }

  succeed(): void {
    if (!this.failed) return;
    this.failed = false;
    if (!this.isRefusalShown) this.show(this.showState);
  }

  /** Shows the number of open requests; without any, the state of the socket. */
  requests(count: number): void {
    this.openRequests = count;
    if (this.failed) return;
    if (count === 0) return this.show(this.showState);
    this.show(() => this.node.status({ ...delivering, text: this.filled('status.requests', { count }) }));
  }

  /** Shows how many messages of a recording were played. */
  playing(played: number, count: number): void {
    if (this.failed) return;
    this.show(() => this.node.status({ ...delivering, text: this.filled('status.playing', { played, count }) }));
  }

  /** Shows the state of the socket again. */
  played(): void {
    if (!this.failed) this.show(this.showState);
  }

  /** Reports to Status nodes that the sockets of a node were cleared, then removes the status: the node starts again or is gone. */
  cleared(side: Socket['side']): void {
    this.node.status(this.appearance(side, { state: 'cleared' }));
    this.node.status({});
  }

  /** Shows how many events wait for 4D, and the failure that delays them. */
  queue({ waiting, limit, full, failure, away, lost }: HookStatus & { readonly lost: Reason | undefined }): void {
    this.showState = () => {
      const why = full ? this.words({ brief: 'full' }) : failure || lost ? this.words((failure ?? lost) as Reason) : '';
      const appearance = full || (lost && !failure) ? failed : failure ? retrying : delivering;
      const key = away ? 'status.away' : why ? 'status.held' : 'status.queued';
      this.node.status({ ...appearance, text: this.filled(key, { why, waiting, limit, since: away && timeOf(away) }) });
    };
    this.show(this.showState);
  }

  private change(side: Socket['side'], change: Change): void {
    // Translated only when shown: a server changes with each connection, and a translation takes longer than accepting one.
    this.showState = () => this.node.status(this.appearance(side, change));
    if (change.refusal) this.refused(change.refusal);
    else if (change.state !== 'open' || !(this.isRefusalShown || this.openRequests > 0)) this.show(this.showState);
  }

  /** Shows a refused upgrade for a time, while the number of connections may change. */
  private refused({ kind, http_status: status, detail }: Refusal): void {
    if (!(kind in refusals)) return;
    this.isRefusalShown = true;
    this.show(() => {
      const why = this.filled(`refusals.${kind}`, { detail });
      this.node.status({ ...failed, text: this.filled('status.refused', { why, status }) });
    });
    this.expire();
  }

  /** Shows the state again after a time. What follows meanwhile does not hide it for longer. */
  private expire(): void {
    const ended = () => {
      this.expiry = undefined;
      this.failed = this.isRefusalShown = false;
      this.show(this.showState);
    };
    this.expiry ??= setTimeout(guarded(nodeLog(this.node), ended), hidesStateMs).unref();
  }

  private appearance(
    side: Socket['side'],
    { state, connections = 0, wait, failure, ...change }: Change,
  ): Omit<Appearance, 'key'> & { text: string } {
    const { key, ...appearance } = change.unverified ? unverified : appearances[state];
    if (state === 'idle' && failure) return { ...failed, text: this.reason(failure) };
    if (state === 'open' && side === 'server') return { ...appearance, text: this.filled('status.listening', { connections }) };
    if (change.queued) return { ...appearance, text: this.filled('status.outbox', { queued: change.queued, limit: change.limit }) };
    if (wait === undefined) return { ...appearance, text: `ix-websocket.status.${key}` };
    const why = failure ? this.words(failure) : '';
    // A client that waits was perhaps connected before. A server that waits has never listened.
    return {
      ...(side === 'server' ? failed : appearance),
      text: this.filled('status.waiting', { why, seconds: Math.max(Math.round(wait / 100), 1) / 10 }),
    };
  }

  private reason(reason: Reason): string {
    return briefs[reason.brief].includes('__') ? this.words(reason) : `ix-websocket.failures.${reason.brief}`;
  }

  private words({ brief, option, http_status: status, code }: Reason): string {
    return this.filled(`failures.${brief}`, { option, status, code });
  }

  /** Returns a text with values, in the language of the runtime. The editor translates texts without values itself. */
  private filled(key: string, values: object): string {
    return this.RED._(`ix-websocket.${key}`, values as never);
  }

  private show(status: () => void): void {
    this.latest = status;
    if (this.timer) return;
    this.flush();
    const tick = () => {
      if (!this.latest) {
        clearInterval(this.timer);
        this.timer = undefined;
      } else this.flush();
    };
    this.timer = setInterval(guarded(nodeLog(this.node), tick), minIntervalMs);
  }

  private flush(): void {
    const status = this.latest;
    this.latest = undefined;
    status?.();
  }
}

/** Returns hours and minutes of the local time. */
const timeOf = (date: Date) => date.toTimeString().slice(0, 5);

/** Returns the reason from a sentence that begins with what was tried and ends with a remedy. */
function gist(sentence: string): string {
  const begin = sentence.indexOf(': ') + 1;
  const rest = begin > 0 ? sentence.slice(begin + 1) : sentence;
  const end = rest.search(/ \(|[.;] |\.$/);
  const why = end < 0 ? rest : rest.slice(0, end);
  return why.length > 40 ? `${why.slice(0, 39)}…` : why;
}
