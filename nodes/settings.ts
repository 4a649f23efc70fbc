import { clientOptions } from '../src/options/client';
import { methodFields, receiverFields, requestFields, retainFields, startFields, stopFields, tagFields } from '../src/options/commands';
import type { Field, Fields } from '../src/options/field';
import type { Kind } from '../src/options/kinds';

/**
 * The settings of the nodes themselves, besides a socket's options. Declared like options, so that forms, help and README
 * follow; a `choice` is a select whose first entry is the default.
 */
export type Setting = Pick<Field, 'label' | 'help' | 'icon' | 'shownIf'> &
  (
    | { readonly kind: 'boolean'; readonly initial: boolean }
    | { readonly kind: 'text'; readonly initial: ''; readonly rare?: true }
    | {
        readonly kind: 'number';
        readonly unit?: 'ms' | 's';
        readonly min: number;
        readonly above?: true;
        readonly max?: number;
        readonly integer?: true;
        readonly default?: number;
        /** Shown by the form if the setting does not have a default. */
        readonly placeholder?: string;
        readonly rare?: true;
      }
    | {
        readonly kind: 'choice';
        /** The first is that of a new node. */
        readonly choices: Readonly<Record<string, string>>;
        /** The choice of a node that has none stored. Absent: the first. */
        readonly default?: string;
        /** The name of its words, if another node explains a setting of the same name differently. */
        readonly key?: string;
      }
  );

/** Options that name a config node of Node-RED: its type, by the option's kind. */
export const nodeTypes: { readonly [K in Kind]?: string } = { tlsConfig: 'tls-config', proxy: 'http proxy', protocol: 'ix-protocol' };

export const configSettings = {
  autoStart: {
    kind: 'boolean',
    label: 'Start automatically',
    icon: 'play',
    help: 'Start when the flows start. A client retries until it is connected, with the delays of the reconnection. A server retries until it listens, at most every 30 s. If unticked, wait for a start command.',
    initial: true,
  },
} as const satisfies Record<string, Setting>;

/** True if a node of this type works on one socket, which the node or its message names. */
export const needsSocket = (type: string) => /^ix-(client|server)-(?!.*(create|events|authorize|prepare)$)/.test(type);

/** Settings of the nodes that work on one socket. */
export const socketSettings = {
  fromMessage: {
    kind: 'boolean',
    label: 'From the message',
    help: 'The message selects the socket, by its id in msg.socket or in msg.payload.id of a socket object. Use this for sockets of a create node.',
    initial: false,
  },
} as const satisfies Record<string, Setting>;

export const commandSettings = {
  raise: {
    kind: 'boolean',
    label: 'Raise failures',
    icon: 'exclamation-triangle',
    help: 'Also report failures (refused, timed out, not connected …) as errors, which Catch nodes receive. The result is output in any case.',
    initial: false,
  },
} as const satisfies Record<string, Setting>;

/** The part of a message that a send node sends. */
const sends = {
  kind: 'choice',
  label: 'Send',
  icon: 'envelope-o',
  help: 'What is sent. The entire message is sent as JSON, without _msgid, _session, socket, req and res.',
  choices: { payload: 'The payload, or Message below', message: 'The entire message (msg), as JSON' },
} as const satisfies Setting;

const payloadIs = {
  kind: 'choice',
  label: 'Payload is',
  icon: 'question-circle-o',
  help: 'Meaning of msg.payload.',
  choices: {
    message: 'The message to send, as it is',
    command: 'A socket object: message, and tag, client or uri',
    auto: 'A socket object if it has message or str, otherwise the message',
  },
  default: 'auto',
} as const satisfies Setting;

/** Meaning of the payload, unless the entire message is sent. */
const sentPayloadIs = { ...payloadIs, shownIf: { sends: 'payload' } } as const satisfies Setting;

const clientSendSettings = { sends, payloadIs: sentPayloadIs } as const satisfies Record<string, Setting>;

/** Choices that each node with a To setting has. */
const toChoices = {
  sender: 'The sender of the message',
  all: 'All connections',
  tag: 'The groups (tags) in Target',
  client: 'The connections (client) in Target',
  uri: 'The request targets (uri) in Target',
} as const;

const serverSendSettings = {
  sends,
  payloadIs: sentPayloadIs,
  to: {
    kind: 'choice',
    label: 'To',
    icon: 'share-alt',
    help: 'Recipients of the message.',
    choices: {
      message: 'As set in the message (tag, client or uri), otherwise its sender, otherwise everyone',
      ...toChoices,
      others: 'All but the sender (within the group of tag, if set)',
      session: 'The connection in msg._session, otherwise everyone',
    },
  },
} as const satisfies Record<string, Setting>;

/** Nodes that change connections: without a selection they do nothing. */
const whichSettings = {
  to: {
    kind: 'choice',
    key: 'which',
    label: 'Connections',
    icon: 'share-alt',
    help: 'Connections that the node changes.',
    choices: { message: 'As set in the message (tag, client, uri or all), otherwise its sender', ...toChoices },
  },
} as const satisfies Record<string, Setting>;

/** The node that lists connections. */
const listSettings = {
  to: {
    kind: 'choice',
    key: 'about',
    label: 'Connections',
    icon: 'share-alt',
    help: 'Connections that the node lists.',
    choices: { message: 'As set in the message (tag, client or uri), otherwise its sender, otherwise all', ...toChoices },
  },
} as const satisfies Record<string, Setting>;

const requestSettings = {
  payloadIs: {
    ...payloadIs,
    key: 'asked',
    // The first one is that of a new node: what its help describes works without a change.
    choices: {
      auto: 'A request if it has method, message or cancel, otherwise the message to send',
      command: 'A request: method and params, or message',
      message: 'The message to send, into which the id is put',
    },
  },
  answerAs: {
    kind: 'choice',
    label: 'Output',
    icon: 'sign-out',
    help: 'Content of msg.payload of an answer.',
    choices: { status: 'An object with success, result and the failure', result: 'The result; the object is in msg.details' },
  },
  many: {
    kind: 'boolean',
    label: 'Many answers',
    icon: 'list-ol',
    help: 'Output one message for each answer. Do not wire them into http response, which takes one message.',
    initial: false,
  },
  timeout: {
    kind: 'number',
    label: 'Timeout',
    icon: 'clock-o',
    help: 'Time limit of the answer, from the input on.',
    unit: 's',
    min: 0,
    default: 30,
  },
} as const satisfies Record<string, Setting>;

/** The settings of single command nodes. */
export const nodeSettings: { readonly [type: string]: Readonly<Record<string, Setting>> } = {
  'ix-client-send': clientSendSettings,
  'ix-server-send': serverSendSettings,
  'ix-client-request': requestSettings,
  'ix-server-request': requestSettings,
  'ix-server-tag': whichSettings,
  'ix-server-disconnect': whichSettings,
  'ix-server-connections': listSettings,
};

export const eventsSettings = {
  output: {
    kind: 'choice',
    label: 'Message as',
    icon: 'file-text-o',
    help: 'Content of msg.payload for a received message. With data, auto and JSON, the event object is in msg.details.',
    choices: {
      data: 'data: the message only (string or Buffer)',
      auto: 'auto: the parsed value of JSON text, otherwise the message only',
      json: 'JSON: the parsed value; invalid JSON goes to the Error output',
      event: 'event: an object with the message in str',
      message: 'entire message: a JSON object becomes msg itself',
    },
    default: 'event',
  },
  method: {
    kind: 'text',
    label: 'Method',
    icon: 'filter',
    help: 'Empty: always output events. A name: output events only while it is the current method (see set method).',
    initial: '',
    rare: true,
  },
  batchSize: {
    kind: 'number',
    label: 'Batch size',
    icon: 'cubes',
    help: 'Collect up to this many Messages into one message with an array as payload; send nodes send each element. Empty: no batches.',
    min: 2,
    integer: true,
    placeholder: 'off',
    rare: true,
  },
  batchMs: {
    kind: 'number',
    label: 'Max. batch delay',
    icon: 'clock-o',
    help: 'Output an incomplete batch after this time.',
    unit: 'ms',
    min: 1,
    max: 60000,
    integer: true,
    default: 10,
    rare: true,
  },
} as const satisfies Record<string, Setting>;
export type Output = keyof typeof eventsSettings.output.choices;

/** The declaration of a typed field, without what only config nodes use. */
const typed = ({ kind, label, help, icon }: Field, more: Partial<Field> = {}): Field => ({
  kind,
  label,
  help,
  icon: icon ?? 'pencil',
  ...more,
});

const message: Field = {
  kind: 'text',
  label: 'Message',
  icon: 'envelope-o',
  help: 'Message to send. Strings are sent as text, Buffers as binary data, other values as JSON.',
  shownIf: { payloadIs: ['message', 'auto'] },
};
const sentMessage: Field = { ...message, shownIf: { ...message.shownIf, sends: 'payload' } };
const target: Field = {
  kind: 'names',
  label: 'Target',
  icon: 'crosshairs',
  help: 'Groups, connections or request targets: a string or a list of strings.',
  shownIf: { to: ['tag', 'client', 'uri'] },
};
const request = { method: typed(requestFields.method), params: typed(requestFields.params), message };
const stop = { code: typed(stopFields.code), reason: typed(stopFields.reason) };

/** The condition of keeping a message: it is not for single connections. */
const notSingle = { shownIf: { to: ['message', 'all', 'others', 'tag'] } };

/** The typed fields of each command node. A field takes precedence over the message. */
export const typedFields: { readonly [type: string]: Fields } = {
  'ix-client-send': { message: sentMessage },
  'ix-server-send': {
    message: sentMessage,
    target,
    retain: typed(retainFields.retain, notSingle),
    key: typed(retainFields.key, notSingle),
  },
  'ix-client-request': request,
  'ix-server-request': {
    ...request,
    client: typed(receiverFields.client, { help: 'The connection to ask, identified by the client property of an event.' }),
  },
  'ix-server-tag': { target, add: typed(tagFields.add), remove: typed(tagFields.remove), session: typed(tagFields.session) },
  'ix-server-disconnect': { target, ...stop },
  'ix-server-connections': { target },
  'ix-client-start': { URL: typed(clientOptions.URL), headers: typed(clientOptions.headers), timeout: typed(startFields.timeout) },
  'ix-client-stop': stop,
  'ix-server-stop': stop,
  'ix-set-method': { method: typed(methodFields.method) },
};

/** The types of values that a typed field offers besides the value in the message. */
const valueTypes = ['msg', 'flow', 'global', 'str', 'num', 'json', 'jsonata', 'env'] as const;
export const valueTypesOf = (kind?: Kind): readonly string[] => (kind === 'boolean' ? ['bool', ...valueTypes] : valueTypes);
