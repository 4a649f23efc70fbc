import { fields } from './field';
import { maxTimerSecs } from './shared';

/** Fields of a single command. The socket does not keep their values. */
export const stopFields = fields({
  code: {
    kind: 'closeCode',
    label: 'Close code',
    help: 'Close code sent to the peer: 1000 to 1003, 1007 to 1014, or 3000 to 4999.',
    default: 1000,
  },
  reason: {
    kind: 'closeReason',
    label: 'Close reason',
    help: 'Close reason sent to the peer: at most 123 bytes in UTF-8.',
    default: 'Normal closure',
  },
});

export const startFields = fields({
  timeout: {
    kind: 'number',
    label: 'Timeout',
    help: 'Time limit of this connection attempt, including DNS, TCP, TLS and HTTP.',
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
    help: 'Connections in this group (or any of these), as assigned by websocket server tag. Takes precedence over client and uri.',
    added: true,
  },
  client: {
    kind: 'names',
    label: 'Connection',
    help: 'This connection (or these), identified by the client property of an event. Takes precedence over uri.',
    added: true,
  },
  uri: {
    kind: 'names',
    label: 'URI',
    help: 'Connections whose request target equals this value (or one of these). An empty string or list is ignored.',
  },
});

/** Selects connections for commands that change them. There, all connections must be selected explicitly. */
export const whichFields = fields({
  ...receiverFields,
  all: {
    kind: 'boolean',
    label: 'All',
    help: 'If true, all connections, regardless of tag, client and uri. One of these four is required.',
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
    help: 'The group or groups to add the connections to. A name has at most 128 characters; a connection is in at most 1000 groups.',
    maxLength: maxTagLength,
    added: true,
  },
  remove: {
    kind: 'names',
    label: 'Remove',
    help: 'The group or groups to remove the connections from, before add is applied. A closed connection leaves all its groups.',
    maxLength: maxTagLength,
    added: true,
  },
});

export const methodFields = fields({
  method: {
    kind: 'text',
    label: 'Method',
    help: 'The name of the method, at most 255 characters; an empty string clears it.',
    maxLength: 255,
  },
});
