import {
  bridgeOptions,
  type Command,
  type CommandName,
  clientOptions,
  commands,
  eventNames,
  type Fields,
  hookOptions,
  protocolOptions,
  recordingSources,
  replayOptions,
  serverOptions,
} from '../src/index';

/** The two kinds of socket. Each has a config node type, and flow nodes name theirs in a property of this name. */
export type Side = 'client' | 'server';

/** The palette categories of the flow nodes: nodes for every user, and nodes known to users of the 4D plugin. */
export const categories = { websocket: 'WebSocket', '4d': 'WebSocket 4D' } as const;

/** The properties of every type. */
interface Row {
  /** The name of the type in the palette and the forms. It contains the word that users search for. */
  readonly label: string;
  /** One sentence: the palette's tooltip and the first line of the help. */
  readonly summary: string;
  readonly icon: string;
}
export interface ConfigRow extends Row {
  readonly kind: 'config';
  readonly side: Side;
  readonly fields: Fields;
}
/** The properties of each flow node. */
interface FlowRow extends Row {
  readonly category: keyof typeof categories;
  /** The beginning of the label on the canvas, before the address of the socket. */
  readonly short?: string;
}
export interface CommandRow extends FlowRow {
  readonly kind: 'command';
  /** None for the method commands, which do not use a socket. */
  readonly side: Side | undefined;
  readonly command: Command;
  readonly input: string;
  readonly outputs: readonly string[];
}
export interface EventsRow extends FlowRow {
  readonly kind: 'events';
  readonly side: Side;
  /** The outputs, in the order of the plugin's type codes. */
  readonly outputs: readonly string[];
}
export interface HookRow extends FlowRow {
  readonly kind: 'hook';
  /** Accepts the events of both sides. */
  readonly side: undefined;
  readonly fields: Fields;
  readonly input: string;
  readonly outputs: readonly string[];
}
/** Takes commands from outside, and outputs them. */
export interface BridgeRow extends FlowRow {
  readonly kind: 'bridge';
  readonly side: undefined;
  readonly fields: Fields;
  readonly outputs: readonly string[];
}
/** Plays a recording. */
export interface ReplayRow extends FlowRow {
  readonly kind: 'replay';
  /** Has a client or a server. */
  readonly side: undefined;
  readonly fields: Fields;
  readonly input: string;
  readonly outputs: readonly string[];
}
/** Asks the flow for a decision. */
export interface DeciderRow extends FlowRow {
  readonly kind: 'decider';
  readonly side: Side;
  readonly outputs: readonly string[];
}
/** A config node that describes a protocol. */
export interface ProtocolRow extends Row {
  readonly kind: 'protocol';
  /** Used by clients and servers. */
  readonly side: undefined;
  readonly fields: Fields;
}
/** Returns true for the rows of config nodes. */
export const isConfigRow = (row: CatalogRow): row is ConfigRow | ProtocolRow => row.kind === 'config' || row.kind === 'protocol';
export type CatalogRow = ConfigRow | ProtocolRow | CommandRow | EventsRow | HookRow | BridgeRow | DeciderRow | ReplayRow;

/** Colours: one for each side, and one for nodes of neither side. No core node has the third. */
export const colours: Record<Side | 'none', string> = { client: '#C0DEED', server: '#D7D7A0', none: '#9FD8C6' };

const sideOf = (name: CommandName) => (name.startsWith('client') ? 'client' : name.startsWith('server') ? 'server' : undefined);

/** The labels of the input and the output of a command. */
const portsOf = ({ sends, asks }: Command) =>
  asks ? { input: 'Request', outputs: ['Answer'] } : { input: sends ? 'Message' : 'Command', outputs: ['Result'] };

function base(name: CommandName, icon: string) {
  const command: Command = commands[name];
  return { kind: 'command', icon, side: sideOf(name), command, summary: command.summary, ...portsOf(command) } as const;
}

/** Returns the row of a command for every user. Its label is made of the side and the short word. */
const command = (name: CommandName, short: string, icon: string): CommandRow => ({
  ...base(name, icon),
  category: 'websocket',
  label: `websocket ${sideOf(name)} ${short}`,
  short,
});

/** Returns the row of a command known to users of the 4D plugin. */
const command4d = (name: CommandName, label: string, icon: string): CommandRow => ({ ...base(name, icon), category: '4d', label });

const commandRows: { readonly [N in CommandName as `ix-${N}`]: CommandRow } = {
  'ix-client-send': command('client-send', 'out', 'ix-send.svg'),
  'ix-server-send': command('server-send', 'out', 'ix-send.svg'),
  'ix-client-request': command('client-request', 'request', 'ix-request.svg'),
  'ix-server-request': command('server-request', 'request', 'ix-request.svg'),
  'ix-server-tag': command('server-tag', 'tag', 'ix-tag.svg'),
  'ix-server-disconnect': command('server-disconnect', 'disconnect', 'ix-disconnect.svg'),
  'ix-server-connections': command('server-connections', 'connections', 'ix-connections.svg'),
  'ix-client-start': command('client-start', 'start', 'ix-start.svg'),
  'ix-client-stop': command('client-stop', 'stop', 'ix-stop.svg'),
  'ix-server-start': command('server-start', 'start', 'ix-start.svg'),
  'ix-server-stop': command('server-stop', 'stop', 'ix-stop.svg'),
  'ix-client-create': command4d('client-create', 'client create', 'ix-create.svg'),
  'ix-client-clear': command4d('client-clear', 'client clear', 'ix-clear.svg'),
  'ix-server-create': command4d('server-create', 'server create', 'ix-create.svg'),
  'ix-server-clear': command4d('server-clear', 'server clear', 'ix-clear.svg'),
  'ix-reply': { ...base('reply', 'ix-reply.svg'), category: 'websocket', label: 'websocket reply' },
  'ix-set-method': command4d('set-method', 'set method', 'ix-method.svg'),
  'ix-get-method': command4d('get-method', 'get method', 'ix-method.svg'),
};

/** The node types, one row each, in the order of the palette. A released type name never changes. */
export const catalog = {
  'ix-client': {
    kind: 'config',
    side: 'client',
    label: 'WebSocket client',
    summary: 'An outgoing WebSocket connection that several nodes can use. It reconnects automatically when it is lost.',
    icon: 'ix-client.svg',
    fields: clientOptions,
  },
  'ix-server': {
    kind: 'config',
    side: 'server',
    label: 'WebSocket server',
    summary: 'A WebSocket server that several nodes can use: the port or path it listens on, and its connections.',
    icon: 'ix-server.svg',
    fields: serverOptions,
  },
  'ix-protocol': {
    kind: 'protocol',
    side: undefined,
    label: 'WebSocket protocol',
    summary: 'Describes a protocol as data: the opening conversation, automatic answers, a heartbeat and requests.',
    icon: 'ix-method.svg',
    fields: protocolOptions,
  },
  'ix-client-events': {
    kind: 'events',
    side: 'client',
    category: 'websocket',
    label: 'websocket client in',
    short: 'in',
    summary: 'Outputs the messages that a WebSocket client receives, and reports when it connects, disconnects or fails.',
    icon: 'ix-client.svg',
    outputs: eventNames,
  },
  'ix-server-events': {
    kind: 'events',
    side: 'server',
    category: 'websocket',
    label: 'websocket server in',
    short: 'in',
    summary: 'Outputs the messages that a WebSocket server receives, and reports when clients connect, disconnect or are refused.',
    icon: 'ix-server.svg',
    outputs: eventNames,
  },
  'ix-server-authorize': {
    kind: 'decider',
    side: 'server',
    category: 'websocket',
    label: 'websocket server authorize',
    short: 'authorize',
    summary: 'Asks the flow whether a client may connect to a WebSocket server. websocket reply gives the answer.',
    icon: 'ix-decide.svg',
    outputs: ['Question'],
  },
  'ix-client-prepare': {
    kind: 'decider',
    side: 'client',
    category: 'websocket',
    label: 'websocket client prepare',
    short: 'prepare',
    summary:
      'Asks the flow for URL, headers or a token before each attempt of a WebSocket client to connect. websocket reply gives the answer.',
    icon: 'ix-decide.svg',
    outputs: ['Question'],
  },
  ...commandRows,
  'ix-replay': {
    kind: 'replay',
    side: undefined,
    category: 'websocket',
    label: 'websocket replay',
    short: 'replay',
    summary: 'Sends the messages of a recording to a WebSocket server, or to the clients of one, at their times.',
    icon: 'ix-replay.svg',
    fields: { ...replayOptions, ...recordingSources },
    input: 'Command',
    outputs: ['Result'],
  },
  'ix-4d-hook': {
    kind: 'hook',
    side: undefined,
    category: '4d',
    label: '4D hook',
    summary: 'Posts each incoming event to 4D over HTTP and carries out the actions in the response.',
    icon: 'ix-hook.svg',
    fields: hookOptions,
    input: 'Event',
    outputs: ['Answer', 'Undelivered'],
  },
  'ix-4d-bridge': {
    kind: 'bridge',
    side: undefined,
    category: '4d',
    label: '4D bridge',
    summary: "Takes the plugin's commands over HTTP, and hands events to 4D that asks for them.",
    icon: 'ix-bridge.svg',
    fields: bridgeOptions,
    outputs: ['Call'],
  },
} as const satisfies Record<string, CatalogRow>;
export type NodeType = keyof typeof catalog;
