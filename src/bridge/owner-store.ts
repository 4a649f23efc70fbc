import type { SocketEvent } from '../core/events';
import { eventNames } from '../core/events';
import { guarded, type Log } from '../core/log';
import type { Registry } from '../registry';
import { HttpFault } from './http-fault';
import { maxOwners, Owner } from './owners';

/** Maximum length of an owner's name, characters. */
const maxName = 64;

export interface WatchOptions {
  /** Seconds without a call or a poll after which the sockets of an owner are cleared; 0 disables it. */
  readonly leaseSecs: number;
  /** Returns the name of a config node whose events every owner gets, by the id of its socket. */
  readonly named: { nameOf(id: number): string | undefined };
  /** Clears a socket whose lease has ended. */
  readonly clear: (id: number) => Promise<void>;
}

/** The owners of a bridge. They survive a deploy of its node, so that no event is lost. */
export class OwnerStore {
  private readonly owners = new Map<string, Owner>();
  /** The owner of each socket that a call has made. */
  private readonly byId = new Map<number, Owner>();

  constructor(private readonly log: Log) {}

  /** Returns the owner of a name, and creates it if needed. @throws HttpFault 400 */
  of(name: unknown): Owner {
    const text = name ?? '';
    if (typeof text !== 'string' || text.length > maxName)
      throw new HttpFault(400, `The owner must be a text of at most ${maxName} characters.`);
    const found = this.owners.get(text);
    if (found) {
      found.latest = performance.now();
      return found;
    }
    if (this.owners.size >= maxOwners) throw new HttpFault(400, `There are ${maxOwners} owners already. Use one of them.`);
    const owner = new Owner(text, this.log);
    this.owners.set(text, owner);
    return owner;
  }

  touch(owner: Owner): void {
    owner.latest = performance.now();
  }

  /** The number of sockets of all owners. */
  get size(): number {
    return this.byId.size;
  }

  add(owner: Owner, id: number, keep: boolean): void {
    owner.sockets.set(id, { id, keep });
    this.byId.set(id, owner);
  }

  /** Forgets a socket that was cleared. */
  remove(id: number): void {
    this.byId.get(id)?.sockets.delete(id);
    this.byId.delete(id);
  }

  /** Returns whether a socket belongs to an owner. */
  owns(owner: Owner, id: number): boolean {
    return this.byId.get(id) === owner;
  }

  /** Clears the sockets of an owner. @returns their number. */
  async clear(name: string, clear: (id: number) => Promise<void>): Promise<number> {
    const ids = [...this.of(name).sockets.keys()];
    await Promise.all(ids.map(clear));
    for (const id of ids) this.remove(id);
    return ids.length;
  }

  async clearAll(clear: (id: number) => Promise<void>): Promise<void> {
    const ids = [...this.byId.keys()];
    await Promise.all(ids.map(clear));
    for (const id of ids) this.remove(id);
  }

  endPolls(): void {
    for (const owner of this.owners.values()) owner.endPoll();
  }

  /** Begins to queue events and to watch the leases. @returns a function that ends both. */
  watch(registry: Registry, options: WatchOptions): () => void {
    const queue = (event: SocketEvent) => this.queue(registry, options, event);
    const off = [registry.client.events.on(queue), registry.server.events.on(queue)];
    const { leaseSecs } = options;
    const look = guarded(this.log, () => this.endLeases(options));
    const timer = leaseSecs > 0 ? setInterval(look, Math.min(leaseSecs * 250, 5000)) : undefined;
    return () => {
      for (const each of off) each();
      clearInterval(timer);
    };
  }

  private queue(registry: Registry, { leaseSecs, named }: WatchOptions, { type, socket, payload }: SocketEvent): void {
    const owner = this.byId.get(socket);
    const name = owner ? undefined : named.nameOf(socket);
    if (!owner && name === undefined) return;
    const event = {
      type,
      event: eventNames[type],
      socket,
      ...('client' in payload && { client: payload.client }),
      ...(name !== undefined && { name }),
      method: registry.method,
      message: payload,
      time: new Date().toISOString(),
    };
    if (owner) return owner.push(event);
    const now = performance.now();
    for (const each of this.owners.values()) {
      if (each.isPolling || leaseSecs === 0 || now - each.latest < leaseSecs * 1000) each.push(event);
    }
  }

  private endLeases({ leaseSecs, clear }: WatchOptions): void {
    const now = performance.now();
    for (const owner of this.owners.values()) {
      if (owner.isPolling || now - owner.latest < leaseSecs * 1000) continue;
      for (const { id, keep } of [...owner.sockets.values()]) {
        if (keep) continue;
        this.remove(id);
        clear(id).catch((error) => this.log.error(error));
      }
    }
  }
}
