import { fields } from '../options/field';
import { maxTimerSecs } from '../options/shared';

/** Fields of a single command. The socket does not keep their values. */
export const stopFields = fields({
  code: {
    kind: 'closeCode',
    label: 'Close code',
    help: 'Sent to the peer: 1000 to 1003, 1007 to 1014, or 3000 to 4999.',
    default: 1000,
  },
  reason: {
    kind: 'closeReason',
    label: 'Close reason',
    help: 'Sent to the peer: at most 123 bytes in UTF-8.',
    default: 'Normal closure',
  },
});

export const startFields = fields({
  timeout: {
    kind: 'number',
    label: 'Timeout',
    help: 'The deadline of this start, over name, TCP, TLS and HTTP.',
    unit: 's',
    default: 30,
    min: 0,
    above: true,
    max: maxTimerSecs,
  },
});

/** Selects connections of a server. Without any of these, send and information apply to all connections. See `whichFields`. */
export const receiverFields = fields({
  tag: {
    kind: 'names',
    label: 'Tag',
    help: 'The connections in this group, or in any of these, as server tag has put them there. Goes before client and uri.',
    added: true,
  },
  client: {
    kind: 'names',
    label: 'Connection',
    help: 'Exactly this connection, or these, by the name that events give. Goes before uri.',
    added: true,
  },
  uri: {
    kind: 'names',
    label: 'URI',
    help: 'The connections with this request target, or one of these, exactly as received. Empty text or an empty list counts as absent.',
  },
});

/** Selects connections for commands that change them. There, all connections must be selected explicitly. */
export const whichFields = fields({
  ...receiverFields,
  all: {
    kind: 'boolean',
    label: 'All',
    help: 'True: every connection, whoever else is named. One of tag, client, uri and all must be given.',
    default: false,
    added: true,
  },
});

/** The maximum length of a tag, characters. */
const maxTagLength = 128;

export const tagFields = fields({
  add: {
    kind: 'names',
    label: 'Add',
    help: 'The group to put them into, or the groups. The name of a group has at most 128 characters, and a connection is in at most 1000 groups.',
    maxLength: maxTagLength,
    added: true,
  },
  remove: {
    kind: 'names',
    label: 'Remove',
    help: 'The group to take them out of, or the groups, before they are put into those of add. A connection that ends leaves all of its groups.',
    maxLength: maxTagLength,
    added: true,
  },
});

export const methodFields = fields({
  method: { kind: 'text', label: 'Method', help: 'The name of the method, at most 255 characters; empty text for none.', maxLength: 255 },
});
