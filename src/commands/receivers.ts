import { optionError } from '../core/errors';
import { maxTagLength, receiverFields, retainFields, whichFields } from '../options/commands';
import { type Layer, read } from '../options/read';
import type { Receivers } from '../server/members';
import type { Call } from './command';

type Choice = Pick<Call, 'payload' | 'to' | 'target' | 'sender' | 'session'>;

const everyone: Receivers = {};
const nobody: Receivers = { client: [] };

/** The latest single receiver. A connection often gets several messages in a row, and each would need two new objects. */
let latest: Receivers & { readonly client: readonly [string] } = { client: [''] };

function only(client: string): Receivers {
  if (latest.client[0] !== client) latest = { client: [client] };
  return latest;
}

/**
 * Returns the connections that a message or a request for information is for. A message that selects none is for its sender; one without a
 * sender is for all connections.
 *
 * @throws SocketError `ERR_OPTION`
 */
export function readReceivers(call: Choice): Receivers {
  const { payload, to = 'message', sender } = call;
  if (to !== 'message') return chosen(call);
  // Fast path: send to one connection.
  if (typeof payload.client === 'string' && payload.client !== '' && payload.tag === undefined) return only(payload.client);
  // Fast path: what a peer sent selects nothing.
  if (payload.tag === undefined && payload.client === undefined && payload.uri === undefined) {
    return sender === undefined ? everyone : only(sender);
  }
  const { tag, client, uri } = read(receiverFields, payload);
  if (sender === undefined || tag || client || uri?.length) return { tag, client, uri };
  return only(sender);
}

/**
 * Returns the connections that a command changes. Here no selection is an error. Otherwise a flow that lost the name of a connection would
 * close every connection, or add every connection to a group.
 *
 * @throws SocketError `ERR_OPTION` if none is selected.
 */
export function readWhich(call: Choice): Receivers {
  const { payload, to = 'message', sender } = call;
  if (to !== 'message') return chosen(call);
  const { all, tag, client, uri } = read(whichFields, payload);
  if (all) return everyone;
  if (tag || client || uri?.length) return { tag, client, uri };
  if (sender !== undefined) return { client: [sender] };
  throw optionError('No connections are selected. Set tag, client or uri, or set all to true.');
}

/** Returns the connections that the node itself selects. @throws SocketError `ERR_OPTION` */
function chosen({ payload, to, target, sender, session }: Choice): Receivers {
  switch (to) {
    case 'all':
      return everyone;
    case 'others': {
      const { tag, client } = read(receiverFields, payload);
      return { tag, except: client ?? (sender === undefined ? [] : [sender]) };
    }
    case 'session':
      return session === undefined ? everyone : only(session);
    case 'sender':
      if (sender !== undefined) return only(sender);
      throw optionError('The message has no sender. Send a message that a server has received, or change To of the node.', undefined, 'to');
    default:
      return targeted(to as 'tag' | 'client' | 'uri', target);
  }
}

/** An empty target selects nobody, so that a flow that lost it does not send to everyone. */
function targeted(to: 'tag' | 'client' | 'uri', target: unknown): Receivers {
  const names = read(receiverFields, { [to]: target })[to];
  if (names === undefined) {
    throw optionError(`The target is not set. Set it to the ${to} to send to: a string or a list of strings.`, undefined, 'target');
  }
  return names.length > 0 && names.some((name) => name !== '') ? { [to]: names } : nobody;
}

/**
 * Returns the key under which a message is kept, or `undefined` if it is not to be kept.
 *
 * @throws SocketError `ERR_OPTION` for a message that is for single connections only.
 */
export function readRetain(payload: Layer, { tag, client, uri }: Receivers): string | undefined {
  if (!read({ retain: retainFields.retain }, payload).retain) return undefined;
  if (client?.length || uri?.length) {
    const fact = 'A message with retain is for all connections, or for the groups of tag';
    const option = payload.client !== undefined ? 'client' : payload.uri !== undefined ? 'uri' : 'retain';
    throw optionError(`${fact}. Leave out client and uri, or set To of the node to all connections.`, undefined, option);
  }
  if (tag) read(keptTags, { tag });
  return read({ key: retainFields.key }, payload).key;
}

/** A connection can only join a group whose name has this length. */
const keptTags = { tag: { ...receiverFields.tag, maxLength: maxTagLength } };
