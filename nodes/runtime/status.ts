import type { Node } from '@node-red/registry';
import type { Change, State } from '../../src/index';
import type { RED, Socket } from './red';

type Look = { readonly fill: 'green' | 'yellow' | 'red' | 'grey'; readonly shape: 'dot' | 'ring'; readonly key: string };

/** How each state looks: the only place with colours. */
const looks: { readonly [S in State]: Look } = {
  idle: { fill: 'grey', shape: 'ring', key: 'stopped' },
  opening: { fill: 'yellow', shape: 'ring', key: 'connecting' },
  open: { fill: 'green', shape: 'dot', key: 'connected' },
  waiting: { fill: 'yellow', shape: 'ring', key: 'waiting' },
  closing: { fill: 'yellow', shape: 'ring', key: 'closing' },
  cleared: { fill: 'grey', shape: 'ring', key: 'cleared' },
};
const failure: Omit<Look, 'key'> = { fill: 'red', shape: 'ring' };

/** At most so often a node tells its status: each goes to every open editor. */
const quietMs = 250;

/** Shows a node's status: the newest, at once when there was none for a while, and never too many. */
export class StatusLine {
  private timer: NodeJS.Timeout | undefined;
  private latest: (() => void) | undefined;
  /** The socket's state, shown again when a command succeeds after one that failed. */
  private standing = () => this.node.status({});
  private failed = false;

  constructor(
    private readonly RED: RED,
    private readonly node: Node,
  ) {
    node.on('close', () => clearTimeout(this.timer));
  }

  /** Follows a socket. The node may have none: then it shows its last answer. */
  follow(socket: Socket): void {
    this.change(socket.side, { state: socket.state });
    const off = socket.changes.on((change) => this.change(socket.side, change));
    this.node.on('close', off);
  }

  fail(sentence: string): void {
    const text = sentence.length > 60 ? `${sentence.slice(0, 57)}…` : sentence;
    this.failed = true;
    this.show(() => this.node.status({ ...failure, text }));
  }

  succeed(): void {
    if (!this.failed) return;
    this.failed = false;
    this.show(this.standing);
  }

  private change(side: Socket['side'], change: Change): void {
    const { fill, shape, key } = looks[change.state];
    this.standing = () => this.node.status({ fill: change.unverified ? 'yellow' : fill, shape, text: this.text(side, key, change) });
    this.show(this.standing);
  }

  private text(side: Socket['side'], key: string, { state, connections, wait, unverified }: Change): string {
    const word = (name: string, values?: Record<string, unknown>) => this.RED._(`ix-websocket.status.${name}`, values as never);
    if (side === 'server' && state === 'open') return word('listening', { connections: connections ?? 0 });
    if (wait !== undefined) return word('waiting', { seconds: wait / 1000 });
    return word(unverified ? 'unverified' : key);
  }

  private show(status: () => void): void {
    this.latest = status;
    if (this.timer) return;
    this.flush();
    this.timer = setInterval(() => {
      if (!this.latest) {
        clearInterval(this.timer);
        this.timer = undefined;
      } else this.flush();
    }, quietMs);
  }

  private flush(): void {
    const status = this.latest;
    this.latest = undefined;
    status?.();
  }
}
