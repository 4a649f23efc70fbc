import type { ClientSocket } from '../client/client';
import { callerErrors } from '../core/errors';
import type { Fields } from '../options/field';
import type { Layer } from '../options/read';
import type { Registry } from '../registry';
import type { ServerSocket } from '../server/server';

/** What a command answers: the plugin's status object, or for the method commands a text. */
export type Status = object | string;

/** Whom the messages of a server send are for, as the node says: `message` leaves it to the message. */
export type To = 'message' | 'all' | 'others';

/** One call of a command. */
export interface Call {
  readonly registry: Registry;
  /** The plugin's socket object. */
  readonly payload: Layer;
  /** The socket of the node's config node; `'missing'` if it names one that does not exist. */
  readonly configured?: ClientSocket | ServerSocket | 'missing' | undefined;
  /** `msg.socket`. */
  readonly fallback?: unknown;
  /** `msg.details`: the event that a message came from, where its payload is the bare text. */
  readonly details?: Layer | undefined;
  /** The To setting of a send node. */
  readonly to?: To | undefined;
  /** Create: makes the socket with the node's config node behind it, and has the node own it. */
  readonly create?: (<S extends 'client' | 'server'>(side: S, given: Layer) => number) | undefined;
}

/** What a command did: the answer, and the id it answers for. */
export interface Done {
  readonly status: Status;
  readonly socket?: number | undefined;
}

/** One of the plugin's twelve commands, or of ours. */
export interface Command {
  /** What it does, a sentence. */
  readonly summary: string;
  /** What it reads of the socket object, besides `id`. */
  readonly fields: Fields;
  /** What its answer holds, in words, by property. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The rest of the answer when it is refused. */
  readonly rejection: object;
  /** Ours: the plugin has no such command. */
  readonly added?: true;
  /**
   * Carries it out, and calls `reply` once. A callback, not a promise: a send is done hundreds of thousands of times a second.
   *
   * @throws SocketError, or rejects with it, instead of replying, if the flow asked wrongly.
   */
  run(call: Call, reply: (done: Done) => void): Promise<void> | void;
}

/** The sockets by side. */
export interface Sides {
  client: ClientSocket;
  server: ServerSocket;
}

/**
 * The socket that a call is about: the id in the payload, else the node's config node, else `msg.socket`.
 *
 * @throws SocketError `ERR_NO_SOCKET`
 */
export function socketOf<S extends keyof Sides>(side: S, call: Call): Sides[S] {
  const { registry, payload, configured, fallback } = call;
  if (payload.id !== undefined) return byId(side, registry, payload.id);
  if (configured === 'missing') throw callerErrors.missingConfig(side);
  if (configured?.side === side) {
    if (configured.state === 'cleared') throw callerErrors.cleared(side);
    return configured as Sides[S];
  }
  if (fallback === undefined) throw callerErrors.noneNamed(side);
  return byId(side, registry, fallback);
}

function byId<S extends keyof Sides>(side: S, registry: Registry, id: unknown): Sides[S] {
  const number = typeof id === 'string' && /^\s*-?\d+\s*$/.test(id) ? Number(id) : id;
  const socket = typeof number === 'number' ? registry[side].find(number) : undefined;
  if (!socket) throw callerErrors.unknownId(side, id);
  return socket as Sides[S];
}
