import { optionError } from '../core/errors';
import { read } from '../options/read';
import type { Receivers } from '../server/members';
import type { Call } from './command';
import { receiverFields, whichFields } from './fields';

/**
 * Whom a message is for, or what information is about: everyone, unless the payload names some.
 *
 * @throws SocketError `ERR_OPTION`
 */
export function readReceivers({ payload, details, to = 'message' }: Pick<Call, 'payload' | 'details' | 'to'>): Receivers {
  if (to === 'all') return {};
  // The commonest by far: the answer to one connection.
  if (to === 'message' && typeof payload.client === 'string' && payload.client !== '' && payload.tag === undefined) {
    return { client: [payload.client] };
  }
  const { tag, client, uri } = read(receiverFields, payload);
  if (to === 'message') return { tag, client, uri };
  return { tag, except: client ?? (details && read(receiverFields, details).client) ?? [] };
}

/**
 * Which connections something is to be done to. Here nobody named is a mistake and not everyone: a flow that lost the name on the way
 * would close every connection, or let everyone into a group.
 *
 * @throws SocketError `ERR_OPTION`
 */
export function readWhich({ payload }: Pick<Call, 'payload'>): Receivers {
  const { all, tag, client, uri } = read(whichFields, payload);
  if (all) return {};
  if (!tag && !client && !uri?.length) {
    throw optionError(
      'One of the options tag, client, uri and all must say which connections are meant; got none of them. Every connection is all: true.',
    );
  }
  return { tag, client, uri };
}
