import { commands } from '../commands';
import type { Call, Command, Status } from '../commands/command';
import type { Endpoint } from '../core/endpoint';
import { callerErrors, optionError, refusalOf, type SocketError, show } from '../core/errors';
import type { Layer } from '../options/read';
import type { Registry } from '../registry';
import { unmarked } from './json';

/** The socket and connection of an event. */
export interface Source {
  readonly socket: number;
  /** The connection, on a server. */
  readonly client: string | undefined;
  /** The socket object, if it existed when the event came. An id alone could belong to a later socket. */
  readonly endpoint: Endpoint | undefined;
}

/** Returns the socket that has an id now. */
export const endpointOf = (registry: Registry, socket: number): Endpoint | undefined => registry[sideOf(socket)].find(socket);

const sideOf = (socket: number) => (socket < 0 ? 'server' : 'client');

const verbs: Readonly<Record<string, { readonly client?: Command; readonly server: Command }>> = {
  send: { client: commands['client-send'], server: commands['server-send'] },
  close: { client: commands['client-stop'], server: commands['server-disconnect'] },
  tag: { server: commands['server-tag'] },
};

/** Properties that select connections of a server. An action without any concerns the connection of the event. */
const receivers = ['tag', 'client', 'uri'];

/** Returns whether a value selects nothing. An empty variable of 4D must not select every connection. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.every(isEmpty));

/** Maximum number of actions in one answer. The status of an action takes far more memory than the `{}` that asks for it. */
const maxActions = 1000;

/** Carries out the actions of an answer in order, and returns the status of each. Never rejects. */
export async function carryOut(registry: Registry, source: Source, actions: readonly unknown[]): Promise<Status[]> {
  const accepted = actions.slice(0, maxActions);
  // Begun one after the other in this turn: a close behind a send closes after it, and neither waits for the other's end.
  const statuses = await Promise.all(accepted.map((action) => one(registry, source, action)));
  return actions.length > maxActions ? [...statuses, tooMany(actions.length)] : statuses;
}

const tooMany = (count: number): Status =>
  failed(optionError(`A response may contain ${maxActions} actions; got ${count}. The others were not carried out. Send fewer.`));

const failed = (error: SocketError): Status => ({ success: false, errorStr: error.message, errorCode: error.code });

async function one(registry: Registry, source: Source, action: unknown): Promise<Status> {
  try {
    const { command, payload } = read(registry, source, action);
    return await new Promise<Status>((resolve, reject) => {
      const call: Call = { registry, payload };
      command.run(call, { reply: ({ status }) => resolve(status) })?.catch(reject);
    });
  } catch (cause) {
    return failed(refusalOf(cause));
  }
}

/** @throws SocketError `ERR_OPTION` */
function read(registry: Registry, { socket, client, endpoint }: Source, action: unknown): { command: Command; payload: Layer } {
  const side = sideOf(socket);
  const isServer = side === 'server';
  const { do: verb, ...given } = (typeof action === 'object' && action !== null ? action : {}) as Record<string, unknown>;
  const command = typeof verb === 'string' && Object.hasOwn(verbs, verb) ? verbs[verb]?.[side] : undefined;
  if (!command) {
    const known = isServer ? 'send, close or tag' : 'send or close, since the event is of a client';
    throw optionError(`The property do of an action must be ${known}; got ${show(verb)}.`, undefined, 'do');
  }
  if (endpoint !== endpointOf(registry, socket)) throw callerErrors.unknownId(side, socket);
  const { all, ...rest } = given;
  const isEveryone = isServer && all === true;
  // Of nobody named a command makes everyone: what names nobody is taken away, and the event's own connection is named.
  for (const name of receivers) if (isEveryone || isEmpty(rest[name])) delete rest[name];
  const isNamed = isEveryone || receivers.some((name) => rest[name] !== undefined);
  if (isServer && !isNamed && client === undefined) {
    throw optionError('The action selects no connection, and its event belongs to none. Set client, tag, uri or all.');
  }
  // Of the socket that the event came from, whatever the action says.
  const payload: Layer = { ...rest, ...(isEveryone && { all }), ...(isServer && !isNamed && { client }), id: socket };
  return { command, payload: 'message' in payload ? { ...payload, message: unmarked(payload.message) } : payload };
}
