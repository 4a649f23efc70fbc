import type { ClientSocket } from '../client/client';
import { callerErrors } from '../core/errors';
import type { Fields } from '../options/field';
import type { Layer } from '../options/read';
import type { Registry } from '../registry';
import type { Unheard } from '../server/sends';
import type { ServerSocket } from '../server/server';

/** The reply of a command: the plugin's status object, or a text for the method commands. */
export type Status = object | string;

/** The To setting of a node. With `message`, each message selects the connections. */
export type To = 'message' | 'sender' | 'all' | 'others' | 'session' | 'tag' | 'client' | 'uri';

/** One call of a command. */
export interface Call {
  readonly registry: Registry;
  /** The plugin's socket object. */
  readonly payload: Layer;
  /** The socket of the node's config node; `'missing'` if it names one that does not exist. */
  readonly configured?: ClientSocket | ServerSocket | 'missing' | undefined;
  /** `msg.socket`. */
  readonly fallback?: unknown;
  /** The payload itself, or a field of the node, is the message to send, so the socket object holds none. */
  readonly hasMessage?: boolean | undefined;
  readonly message?: unknown;
  /** The message is data, whatever it holds. */
  readonly isWhole?: boolean | undefined;
  /** The connection of the server that the message came from. */
  readonly sender?: string | undefined;
  /** The connection that `msg._session` names. */
  readonly session?: string | undefined;
  /** The To setting. */
  readonly to?: To | undefined;
  /** The value beside the To setting: the tags, connections or request targets. */
  readonly target?: unknown;
  /** `msg.ask`: the question that is answered. Only the reply command uses it. */
  readonly ask?: unknown;
  /** Only request commands use it. */
  readonly asking?: Asking | undefined;
  /** Set if nobody takes the answer of a send. It is then called once in place of `reply`. */
  readonly unheard?: Unheard | undefined;
  /** Creates a socket that uses the node's config node and is owned by the node. Only create commands use it. */
  readonly create?: (<S extends 'client' | 'server'>(side: S, given: Layer) => number) | undefined;
}

/** The parts of a call that only requests use. */
export interface Asking {
  /** The settings of the node. */
  readonly timeout: unknown;
  readonly many: boolean;
  /** Outputs one of several answers. */
  part(done: Done): void;
  /** Called when the number of open requests of the node may have changed. */
  busy(): void;
  /** Registers a function that is called when the node closes. @returns a function that removes it. */
  onClose(end: () => void): () => void;
}

/** The result of a command: the reply, and the id of its socket. */
export interface Done {
  readonly status: Status;
  readonly socket?: number | undefined;
}

/** Takes the result of a command. */
export interface Caller {
  reply(done: Done): void;
}

/** One of the plugin's twelve commands, or an added one. */
export interface Command {
  /** A sentence that describes the command. */
  readonly summary: string;
  /** The properties that it reads from the socket object, besides `id`. */
  readonly fields: Fields;
  /** A description of each property of the reply. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The other properties of the reply if the command fails. */
  readonly rejection: object;
  /** It creates sockets: it uses the options of the node's config node, not the config node's socket. */
  readonly creates?: true;
  /** It sends messages: a payload that is not a socket object is the message, and a batch is sent element by element. */
  readonly sends?: true;
  /** It sends requests: it may output several messages for one input. */
  readonly asks?: true;
  /** The group of the words of its inputs, if other commands explain inputs of the same name differently. */
  readonly words?: string;
  /** Other names of properties of the reply, each with the property that it repeats. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Set if the plugin does not have this command. */
  readonly added?: true;
  /**
   * Runs the command, and calls `reply` of the caller once. Sends run hundreds of thousands of times a second, so it is a method, not a
   * promise.
   *
   * @throws SocketError for a caller error. It throws or rejects, and does not call `reply`.
   */
  run(call: Call, caller: Caller): Promise<void> | void;
}

/** The sockets by side. */
export interface Sides {
  client: ClientSocket;
  server: ServerSocket;
}

/**
 * Returns the socket of a call: from the node's config node, else by the id in the payload, else by `msg.socket`.
 *
 * @throws SocketError `ERR_NO_SOCKET`
 */
export function socketOf<S extends keyof Sides>(side: S, call: Call): Sides[S] {
  const { registry, payload, configured, fallback } = call;
  if (configured === 'missing') throw callerErrors.missingConfig(side);
  if (configured?.side === side) {
    if (configured.state === 'cleared') throw callerErrors.cleared(side);
    return configured as Sides[S];
  }
  if (payload.id !== undefined) return byId(side, registry, payload.id);
  if (fallback === undefined) throw callerErrors.noneNamed(side);
  return byId(side, registry, fallback);
}

function byId<S extends keyof Sides>(side: S, registry: Registry, id: unknown): Sides[S] {
  const number = typeof id === 'string' && /^\s*-?\d+\s*$/.test(id) ? Number(id) : id;
  const socket = typeof number === 'number' ? registry[side].find(number) : undefined;
  if (!socket) throw callerErrors.unknownId(side, id);
  return socket as Sides[S];
}
