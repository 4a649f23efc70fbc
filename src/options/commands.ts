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

/** Keeps a sent message for connections that join later (contract-2, section 16). */
export const retainFields = fields({
  retain: {
    kind: 'boolean',
    label: 'Retain',
    icon: 'thumb-tack',
    help: 'If true, the message is also kept for connections that come later: for all, or for those that join the groups of tag. An empty message removes what is kept. It excludes client and uri.',
    default: false,
    added: true,
  },
  key: {
    kind: 'text',
    label: 'Key',
    icon: 'key',
    help: 'With retain: the name of the value, at most 256 characters. Only the newest message of each key is kept (history).',
    default: '',
    maxLength: 256,
    added: true,
  },
});

/** The maximum length of a tag, characters. */
export const maxTagLength = 128;

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
  session: {
    kind: 'any',
    label: 'Session',
    icon: 'id-badge',
    help: 'A JSON value that all later events of the connections have, at most 64 KiB. null removes it.',
    added: true,
  },
});

/** An answer to a question about an upgrade, or about an attempt of a client (contract-2, section 15). */
export const replyFields = fields({
  accept: { kind: 'boolean', label: 'Accept', help: 'True to go on, false to refuse. A question about an upgrade needs it.', added: true },
  status: {
    kind: 'number',
    label: 'Status',
    help: 'Upgrade: HTTP status of the refusal, 401 by default.',
    min: 300,
    max: 599,
    integer: true,
    added: true,
  },
  reason: { kind: 'text', label: 'Reason', help: 'Body of the refusal, and the reason in the Error event.', added: true },
  headers: {
    kind: 'headers',
    label: 'Headers',
    help: 'Upgrade: headers of the response. Attempt: headers to add; null removes one.',
    added: true,
  },
  subProtocol: { kind: 'text', label: 'Subprotocol', help: 'Upgrade: one of those that the client offered.', added: true },
  tags: { kind: 'names', label: 'Tags', help: 'Upgrade: groups of the connection, from its Open on.', added: true },
  user: { kind: 'text', label: 'User', help: 'Upgrade: name of the user, for events and information.', added: true },
  session: {
    kind: 'any',
    label: 'Session',
    help: 'Upgrade: a JSON value for all events of the connection. The peer does not receive it.',
    added: true,
  },
  URL: { kind: 'url', label: 'URL', help: 'Attempt: address to connect to, this once.', added: true },
  subProtocols: { kind: 'subProtocols', label: 'Subprotocols', help: 'Attempt: subprotocols to offer.', added: true },
  vars: {
    kind: 'any',
    label: 'Variables',
    help: 'Attempt: an object whose properties are variables of the expressions of the protocol.',
    added: true,
  },
  wait: {
    kind: 'number',
    label: 'Wait',
    help: 'Attempt: time until the next attempt after a refusal.',
    unit: 'ms',
    min: 0,
    max: 3600000,
    added: true,
  },
});

/** A request in the protocol of the socket (contract-2, section 12). */
export const requestFields = fields({
  method: {
    kind: 'any',
    label: 'Method',
    icon: 'question-circle-o',
    help: 'Method of the request, as the protocol defines it.',
    added: true,
  },
  params: { kind: 'any', label: 'Params', icon: 'list', help: 'Parameters of the request.', added: true },
  timeout: {
    kind: 'number',
    label: 'Timeout',
    help: 'Time limit of the answer, from the input on. With many, time limit of the first part.',
    unit: 's',
    min: 0,
    above: true,
    max: maxTimerSecs,
    added: true,
  },
  requestId: { kind: 'any', label: 'Request id', help: 'Id of the request. If it is absent, the protocol chooses one.', added: true },
  many: {
    kind: 'boolean',
    label: 'Many answers',
    help: 'Output one message for each answer, with part 1, 2, …; the last one has last: true.',
    added: true,
  },
  keep: { kind: 'boolean', label: 'Keep', help: 'Ask again after each reconnection, until cancelled.', default: false, added: true },
  cancel: { kind: 'any', label: 'Cancel', help: 'Id of an open request to end. Nothing is asked then.', added: true },
});

export const methodFields = fields({
  method: {
    kind: 'text',
    label: 'Method',
    help: 'The name of the method, at most 255 characters; an empty string clears it.',
    maxLength: 255,
  },
});
