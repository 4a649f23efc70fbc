import { randomUUID } from 'node:crypto';
import type { ClientSocket } from './client/client';
import { Decisions } from './core/decisions';
import type { Endpoint, ShutdownCode } from './core/endpoint';
import { Listeners, type SocketEvent } from './core/events';
import type { Log } from './core/log';
import type { ServerSocket } from './server/server';
import type { SharedHttp } from './server/shared-http';

/** The listeners that `Sockets` itself adds to the events of each socket. */
const ownListeners = 1;

/** The sockets of one side, by id. */
export class Sockets<E extends Endpoint> {
  /** The events of every socket of the side, including sockets created later. */
  readonly events: Listeners<SocketEvent>;
  private readonly byId = new Map<number, { endpoint: E; off: () => void }>();
  /** The newest id. Ids are not reused: a message about a cleared socket must not reach another one. */
  private latestId = 0;

  /** @param step 1 for ids that count up from 1 (clients); −1 for ids that count down from −1 (servers). */
  constructor(
    private readonly step: 1 | -1,
    log: Log,
  ) {
    this.events = new Listeners(log);
  }

  /** Creates a socket with the next id. If `make` throws, the next socket gets the id. */
  create(make: (id: number) => E): E {
    const id = this.latestId + this.step;
    const endpoint = make(id);
    this.latestId = id;
    this.byId.set(id, { endpoint, off: endpoint.events.on((event) => this.events.emit(event)) });
    return endpoint;
  }

  /** Returns true if a socket's events have one subscriber only, which therefore need not copy them. */
  hasOneSubscriber({ events }: Pick<Endpoint, 'events'>): boolean {
    return events.size === ownListeners + 1 && this.events.size === 0;
  }

  find(id: number): E | undefined {
    return this.byId.get(id)?.endpoint;
  }

  /** Closes a socket and removes it. Its last events are still emitted. */
  async clear(endpoint: E, shutdownCode?: ShutdownCode): Promise<void> {
    const held = this.byId.get(endpoint.id);
    if (held?.endpoint !== endpoint) return;
    try {
      await endpoint.clear(shutdownCode);
    } finally {
      held.off();
      if (this.byId.get(endpoint.id) === held) this.byId.delete(endpoint.id);
    }
  }

  /** Returns all sockets, in the order of their creation. */
  all(): E[] {
    return [...this.byId.values()].map(({ endpoint }) => endpoint);
  }

  get size(): number {
    return this.byId.size;
  }
}

/** All sockets of one Node-RED runtime, and the current method. */
export class Registry {
  readonly client: Sockets<ClientSocket>;
  readonly server: Sockets<ServerSocket>;
  /** The name that `Websocket SET METHOD` set; `''` if none. */
  method = '';
  /** Changes when Node-RED starts again. It shows a caller that kept an id that its socket is gone. */
  readonly run = randomUUID();

  /** The questions that sockets ask the flow. */
  readonly decisions: Decisions;

  /** @param shared the HTTP server that its servers may share. */
  constructor(
    log: Log,
    readonly shared?: SharedHttp,
  ) {
    this.decisions = new Decisions(log);
    this.client = new Sockets(1, log);
    this.server = new Sockets(-1, log);
  }
}
