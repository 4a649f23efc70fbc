import { type Command, type CommandName, clientOptions, commands, eventNames, type Fields, hookOptions, serverOptions } from '../src/index';

/** The two kinds of socket; each has a config node type, and flow nodes name theirs in a property called so. */
export type Side = 'client' | 'server';

/** What every type has. */
interface Row {
  /** The palette's and the forms' name of the type. */
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
export interface CommandRow extends Row {
  readonly kind: 'command';
  /** None for the method commands, which are about no socket. */
  readonly side: Side | undefined;
  readonly command: Command;
}
export interface EventsRow extends Row {
  readonly kind: 'events';
  readonly side: Side;
  /** The outputs, in the order of the plugin's type codes. */
  readonly outputs: readonly string[];
}
export interface HookRow extends Row {
  readonly kind: 'hook';
  /** Events of both sides are wired into it. */
  readonly side: undefined;
  readonly fields: Fields;
  readonly outputs: readonly string[];
}
export type CatalogRow = ConfigRow | CommandRow | EventsRow | HookRow;

/** The palette category of all types. */
export const category = 'IX WebSocket';

/** Colours: a side each, and one for what belongs to neither. */
export const colours: Record<Side | 'none', string> = { client: '#C0DEED', server: '#D7D7A0', none: '#D8BFD8' };

const command = (name: CommandName, label: string, icon: string): CommandRow => ({
  kind: 'command',
  label,
  icon,
  side: name.startsWith('client') ? 'client' : name.startsWith('server') ? 'server' : undefined,
  command: commands[name],
  summary: commands[name].summary,
});

const commandRows: { readonly [N in CommandName as `ix-${N}`]: CommandRow } = {
  'ix-client-create': command('client-create', 'client create', 'ix-create.svg'),
  'ix-client-start': command('client-start', 'client start', 'ix-start.svg'),
  'ix-client-stop': command('client-stop', 'client stop', 'ix-stop.svg'),
  'ix-client-send': command('client-send', 'client send', 'ix-send.svg'),
  'ix-client-clear': command('client-clear', 'client clear', 'ix-clear.svg'),
  'ix-server-create': command('server-create', 'server create', 'ix-create.svg'),
  'ix-server-start': command('server-start', 'server start', 'ix-start.svg'),
  'ix-server-stop': command('server-stop', 'server stop', 'ix-stop.svg'),
  'ix-server-send': command('server-send', 'server send', 'ix-send.svg'),
  'ix-server-tag': command('server-tag', 'server tag', 'ix-tag.svg'),
  'ix-server-disconnect': command('server-disconnect', 'server disconnect', 'ix-disconnect.svg'),
  'ix-server-clear': command('server-clear', 'server clear', 'ix-clear.svg'),
  'ix-set-method': command('set-method', 'set method', 'ix-method.svg'),
  'ix-get-method': command('get-method', 'get method', 'ix-method.svg'),
};

/** The node types, a row each. A type's name never changes once released. */
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
  'ix-client-events': {
    kind: 'events',
    side: 'client',
    label: 'client events',
    summary: 'Outputs the messages that a WebSocket client receives, and reports when it connects, disconnects or fails.',
    icon: 'ix-client.svg',
    outputs: eventNames,
  },
  'ix-server-events': {
    kind: 'events',
    side: 'server',
    label: 'server events',
    summary: 'Outputs the messages that a WebSocket server receives, and reports when clients connect, disconnect or are refused.',
    icon: 'ix-server.svg',
    outputs: eventNames,
  },
  ...commandRows,
  'ix-4d-hook': {
    kind: 'hook',
    side: undefined,
    label: '4D hook',
    summary: 'Posts each incoming event to 4D over HTTP and carries out the actions in the response.',
    icon: 'ix-hook.svg',
    fields: hookOptions,
    outputs: ['Answer', 'Undelivered'],
  },
} as const satisfies Record<string, CatalogRow>;
export type NodeType = keyof typeof catalog;
