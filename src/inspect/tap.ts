import type { ClientSocket } from '../client/client';
import type { Connection } from '../connection/connection';
import type { ServerSocket } from '../server/server';
import type { FrameRow, FramesAnswer } from './answers';
import { Frames } from './frames';
import { Redaction } from './redaction';

/** The frames of one client, of one server, or of one connection of a server, from its creation until `end`. */
export class Tap {
  private readonly redaction = new Redaction();
  private readonly frames = new Frames(this.redaction);
  private readonly offs = new Set<() => void>();
  private unwatch = () => {};

  /** Returns `undefined` if the server has no such connection. */
  static of(socket: ClientSocket | ServerSocket, client?: string): Tap | undefined {
    if (socket.side === 'server' && client !== undefined && !socket.members.get(client)) return undefined;
    return new Tap(socket, client);
  }

  private constructor(socket: ClientSocket | ServerSocket, client?: string) {
    if (socket.side === 'client') this.followClient(socket);
    else this.followServer(socket, client);
  }

  after(seq: number, max?: number): FramesAnswer {
    return this.frames.after(seq, max);
  }

  whole(seq: number): FrameRow | undefined {
    return this.frames.whole(seq);
  }

  end(): void {
    this.unwatch();
    for (const off of this.offs) off();
    this.offs.clear();
  }

  private followClient(client: ClientSocket): void {
    const begin = (connection: Connection | undefined) => {
      this.redaction.follow(client);
      if (connection) this.attach(connection);
    };
    begin(client.line?.connection);
    this.unwatch = watch(client, (line) => begin(line.connection));
  }

  private followServer(server: ServerSocket, client?: string): void {
    this.redaction.follow(server);
    const one = client === undefined ? undefined : server.members.get(client);
    if (one) return this.attach(one.connection);
    for (const { connection, ref } of server.members.choose()) this.attach(connection, ref.client);
    this.unwatch = watch(server.setup, ({ connection, ref }) => this.attach(connection, ref.client));
  }

  private attach(connection: Connection, client?: string): void {
    const off = connection.observe({
      onFrame: (isOut, kind, data) => this.frames.add(isOut, kind, data, client),
      onEnd: () => void this.offs.delete(off),
    });
    this.offs.add(off);
  }
}

/** Calls `seen` with each new line or connection, besides those that look already. Returns the function that ends it. */
function watch<T>(place: { watching: ((one: T) => void) | undefined }, seen: (one: T) => void): () => void {
  const others = lookers.get(place) ?? new Set();
  lookers.set(place, others);
  others.add(seen as (one: never) => void);
  place.watching = (one) => {
    for (const each of others) (each as (one: T) => void)(one);
  };
  return () => {
    others.delete(seen as (one: never) => void);
    if (others.size === 0) place.watching = undefined;
  };
}
const lookers = new WeakMap<object, Set<(one: never) => void>>();
