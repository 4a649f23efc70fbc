import type { Socket } from 'node:net';
import { type Link, LinkedList } from '../../core/linked-list';
import { TurnoverMap } from '../../core/turnover-map';

const ownEntry = Symbol('pending connection');

interface Entry<T> {
  readonly pending: T;
  /** With TLS: the address pair. */
  readonly pair: string | undefined;
  /** Its place in the list. Absent after it was deleted. */
  link: Link<Entry<T>> | undefined;
}

interface OwnSocket<T> extends Socket {
  [ownEntry]?: Entry<T>;
}

/**
 * The connections that are not admitted yet, by their sockets. A TLS socket and its TCP socket share an address pair, which is unique among
 * the open connections of a listener. It finds a TLS socket the first time; after that, and without TLS, the socket itself leads to it.
 */
export class PendingConnections<T extends { readonly socket: Socket }> {
  private readonly all = new LinkedList<Entry<T>>();
  private readonly byPair = new TurnoverMap<string, Entry<T>>();

  constructor(private readonly hasTls: boolean) {}

  add(pending: T): void {
    const { socket } = pending;
    const entry: Entry<T> = { pending, pair: this.hasTls ? pairOf(socket) : undefined, link: undefined };
    entry.link = this.all.add(entry);
    (socket as OwnSocket<T>)[ownEntry] = entry;
    if (entry.pair !== undefined) this.byPair.add(entry.pair, entry);
  }

  /** @param socket a TCP socket, or the TLS socket of one. */
  of(socket: Socket): T | undefined {
    const own = socket as OwnSocket<T>;
    const entry = own[ownEntry] ?? (this.hasTls ? this.byPair.get(pairOf(socket)) : undefined);
    if (!entry?.link) return undefined;
    own[ownEntry] = entry;
    return entry.pending;
  }

  /** @returns false if it was deleted before. */
  delete({ socket }: T): boolean {
    const entry = (socket as OwnSocket<T>)[ownEntry];
    if (!entry?.link) return false;
    this.all.remove(entry.link);
    entry.link = undefined;
    // A new connection may have the pair of one whose close was not handled yet.
    if (entry.pair !== undefined && this.byPair.get(entry.pair) === entry) this.byPair.delete(entry.pair);
    return true;
  }

  [Symbol.iterator](): Iterator<T> {
    return Array.from(this.all, ({ item }) => item.pending).values();
  }
}

const pairOf = ({ localAddress, localPort, remoteAddress, remotePort }: Socket) =>
  `${localAddress}|${localPort}|${remoteAddress}|${remotePort}`;
