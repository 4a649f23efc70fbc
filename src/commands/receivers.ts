import { optionError } from '../core/errors';
import { read } from '../options/read';
import type { Receivers } from '../server/members';
import type { Call } from './command';
import { receiverFields, whichFields } from './fields';

/**
 * Reads the connections that a message or a request for information is for. The default is all connections.
 *
 * @throws SocketError `ERR_OPTION`
 */
export function readReceivers({ payload, details, to = 'message' }: Pick<Call, 'payload' | 'details' | 'to'>): Receivers {
  if (to === 'all') return {};
  // Fast path: send to one connection.
  if (to === 'message' && typeof payload.client === 'string' && payload.client !== '' && payload.tag === undefined) {
    return { client: [payload.client] };
  }
  const { tag, client, uri } = read(receiverFields, payload);
  if (to === 'message') return { tag, client, uri };
  return { tag, except: client ?? (details && read(receiverFields, details).client) ?? [] };
}

/**
 * Reads the connections that a command changes. Here no selection is an error. Otherwise a flow that lost the name of a connection would
 * close every connection, or add every connection to a group.
 *
 * @throws SocketError `ERR_OPTION` if none is selected.
 */
export function readWhich({ payload }: Pick<Call, 'payload'>): Receivers {
  const { all, tag, client, uri } = read(whichFields, payload);
  if (all) return {};
  if (!tag && !client && !uri?.length) {
    throw optionError('No connections are selected. Set tag, client or uri, or set all to true.');
  }
  return { tag, client, uri };
}
