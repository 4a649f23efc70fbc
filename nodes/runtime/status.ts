import type { Node } from '@node-red/registry';
import { briefs, type Change, guarded, type HookStatus, type Reason, reasonOf, type State } from '../../src/index';
import type { RED, Socket } from './red';
import { nodeLog } from './sockets';

type Appearance = { readonly fill: 'green' | 'yellow' | 'red' | 'grey'; readonly shape: 'dot' | 'ring'; readonly key: string };

/** How each state looks: with the two below it, the only place with colours. */
const appearances: { readonly [S in State]: Appearance } = {
  idle: { fill: 'grey', shape: 'ring', key: 'stopped' },
  opening: { fill: 'yellow', shape: 'ring', key: 'connecting' },
  open: { fill: 'green', shape: 'dot', key: 'connected' },
  // Before a first failure there is no wait: it tries again at once.
  waiting: { fill: 'yellow', shape: 'ring', key: 'connecting' },
  closing: { fill: 'yellow', shape: 'ring', key: 'closing' },
  cleared: { fill: 'grey', shape: 'ring', key: 'cleared' },
};
const unverified: Appearance = { fill: 'yellow', shape: 'dot', key: 'unverified' };
const failed: Omit<Appearance, 'key'> = { fill: 'red', shape: 'ring' };
const delivering: Omit<Appearance, 'key'> = { fill: 'green', shape: 'dot' };
const retrying: Omit<Appearance, 'key'> = { fill: 'yellow', shape: 'ring' };

/** At most so often a node tells its status: each goes to every open editor. */
const minIntervalMs = 250;

/** Shows a node's status: the newest, at once when there was none for a while, and never too many. */
export class StatusLine {
  private timer: NodeJS.Timeout | undefined;
  private latest: (() => void) | undefined;
  /** The socket's state, shown again when a command succeeds after one that failed. */
  private showState = () => this.node.status({});
  private failed = false;

  constructor(
    private readonly RED: RED,
    private readonly node: Node,
  ) {
    node.on('close', () => clearTimeout(this.timer));
  }

  /** Follows a socket. The node may have none: then it shows its last answer. */
  follow(socket: Socket): void {
    this.change(socket.side, socket.status);
    const off = socket.changes.on((change) => this.change(socket.side, change));
    this.node.on('close', off);
  }

  /** Shows why something was refused or failed, in a few words. */
  fail(error: unknown): void {
    const text = typeof error === 'string' ? gist(error) : this.reason(reasonOf(error));
    this.failed = true;
    this.show(() => this.node.status({ ...failed, text }));
  }

  succeed(): void {
    if (!this.failed) return;
    this.failed = false;
    this.show(this.showState);
  }

  /** Tells the Status nodes that the sockets of a node are gone with it. It does not stay there: the node begins anew, or is gone too. */
  cleared(side: Socket['side']): void {
    this.node.status(this.appearance(side, { state: 'cleared' }));
    this.node.status({});
  }

  /** Shows what waits for 4D, and what keeps it from being delivered. */
  queue({ waiting, limit, full, failure, lost }: HookStatus & { readonly lost: Reason | undefined }): void {
    this.showState = () => {
      const why = full ? this.words({ brief: 'full' }) : failure || lost ? this.words((failure ?? lost) as Reason) : '';
      const appearance = full || (lost && !failure) ? failed : failure ? retrying : delivering;
      this.node.status({ ...appearance, text: this.filled(why ? 'status.held' : 'status.queued', { why, waiting, limit }) });
    };
    this.show(this.showState);
  }

  private change(side: Socket['side'], change: Change): void {
    // Put into words only when it is shown: a server changes with each connection, and translating takes longer than accepting one.
    this.showState = () => this.node.status(this.appearance(side, change));
    this.show(this.showState);
  }

  private appearance(
    side: Socket['side'],
    { state, connections = 0, wait, failure, ...change }: Change,
  ): Omit<Appearance, 'key'> & { text: string } {
    const { key, ...appearance } = change.unverified ? unverified : appearances[state];
    if (state === 'idle' && failure) return { ...failed, text: this.reason(failure) };
    if (state === 'open' && side === 'server') return { ...appearance, text: this.filled('status.listening', { connections }) };
    if (wait === undefined) return { ...appearance, text: `ix-websocket.status.${key}` };
    const why = failure ? this.words(failure) : '';
    return { ...appearance, text: this.filled('status.waiting', { why, seconds: Math.max(Math.round(wait / 100), 1) / 10 }) };
  }

  private reason(reason: Reason): string {
    return briefs[reason.brief].includes('__') ? this.words(reason) : `ix-websocket.failures.${reason.brief}`;
  }

  private words({ brief, option, http_status: status, code }: Reason): string {
    return this.filled(`failures.${brief}`, { option, status, code });
  }

  /** A text with values in it, in the language of the runtime. Those without are left to the editor, which has its own. */
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

/** What went wrong, of a sentence that begins with what was tried and ends with what to do. */
function gist(sentence: string): string {
  const begin = sentence.indexOf(': ') + 1;
  const rest = begin > 0 ? sentence.slice(begin + 1) : sentence;
  const end = rest.search(/ \(|[.;] |\.$/);
  const why = end < 0 ? rest : rest.slice(0, end);
  return why.length > 40 ? `${why.slice(0, 39)}…` : why;
}
