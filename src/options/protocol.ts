import { fields } from './field';

const json = { kind: 'json', section: 'conversation', added: true } as const;

/** The properties of an `ix-protocol` node: a protocol as data (contract-2, section 10). They are checked when a socket uses them. */
export const protocolOptions = fields({
  preset: {
    kind: 'text',
    label: 'Preset',
    icon: 'book',
    help: 'The preset that filled the fields. Only the fields count.',
    section: 'messages',
    added: true,
  },
  format: {
    kind: 'choice',
    label: 'Format',
    icon: 'file-code-o',
    help: 'The encoding of messages. With a format other than text, send nodes accept objects, and events have the decoded message in data.',
    choices: {
      text: 'text: messages as they are',
      json: 'JSON',
      records: 'JSON texts, each ended by the separator',
      msgpack: 'MessagePack',
      cbor: 'CBOR',
      'socket.io': 'Socket.IO',
      stomp: 'STOMP',
    },
    default: 'text',
    section: 'messages',
    added: true,
  },
  separator: {
    kind: 'text',
    label: 'Separator',
    icon: 'minus',
    help: 'The text that ends each message of the format records.',
    defaultText: '\\u001e',
    section: 'messages',
    rare: true,
    added: true,
  },
  subProtocols: {
    kind: 'subProtocols',
    label: 'Subprotocols',
    icon: 'comments-o',
    help: 'Offered by clients, and accepted by servers, that name none themselves.',
    section: 'messages',
    added: true,
  },
  secrets: {
    kind: 'names',
    label: 'Secrets',
    icon: 'key',
    help: 'The names that $secret uses. Enter their values in the client or server.',
    section: 'messages',
    added: true,
  },
  onOpen: {
    ...json,
    label: 'Opening conversation',
    icon: 'sign-in',
    help: 'A list of steps, each {"send": value} or {"wait": pattern, "as": name, "fail": pattern, "timeout": seconds}. The connection is open after the last step.',
  },
  answers: {
    ...json,
    label: 'Automatic answers',
    icon: 'reply-all',
    help: 'A list of rules {"when": pattern, "send": value, "then": "reconnect", "close" or "drop", "URL": value, "emit": false}. The first that matches applies.',
  },
  heartbeat: {
    ...json,
    label: 'Heartbeat',
    icon: 'heartbeat',
    help: 'An object {"send": value, "every": seconds, "idle": false, "expect": pattern, "within": seconds}.',
  },
  rpc: {
    ...json,
    label: 'Requests',
    icon: 'question-circle-o',
    help: 'An object that describes requests and their answers: {"request": value, "answer": {"when": pattern, "id": path, "value": path}, …}.',
  },
});
