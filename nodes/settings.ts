import type { Kind } from '../src/options/kinds';

/**
 * What the nodes' own forms ask, beside a socket's options. Declared like options, so that forms, help and README
 * follow; a `choice` is a select whose first entry is the default.
 */
export type Setting =
  | { readonly kind: 'boolean'; readonly label: string; readonly help: string; readonly initial: boolean }
  | { readonly kind: 'text'; readonly label: string; readonly help: string; readonly initial: '' }
  | {
      readonly kind: 'number';
      readonly label: string;
      readonly help: string;
      readonly unit?: 'ms';
      readonly min: number;
      readonly max?: number;
      readonly integer: true;
      readonly default?: number;
      /** What the form shows where there is no default. */
      readonly placeholder?: string;
      readonly rare?: true;
    }
  | {
      readonly kind: 'choice';
      readonly label: string;
      readonly help: string;
      readonly choices: Readonly<Record<string, string>>;
    };

/** Options that are a config node of Node-RED's own: its type, by the option's kind. */
export const nodeTypes: { readonly [K in Kind]?: string } = { tlsConfig: 'tls-config', proxy: 'http proxy' };

export const configSettings = {
  autoStart: {
    kind: 'boolean',
    label: 'Start with the flows',
    help: 'Start when the flows start. A client then keeps trying, by the reconnection rules, from its first try. Off: wait for a start command.',
    initial: true,
  },
} as const satisfies Record<string, Setting>;

export const commandSettings = {
  raise: {
    kind: 'boolean',
    label: 'Raise failures',
    help: 'Report a failure (refused, timed out, not connected …) as an error too, so that Catch nodes see it. The answer is sent in any case.',
    initial: false,
  },
} as const satisfies Record<string, Setting>;

export const serverSendSettings = {
  to: {
    kind: 'choice',
    label: 'To',
    help: 'Whom to send to.',
    choices: {
      message: 'whom the message names (tag, client or uri), else everyone',
      all: 'everyone',
      others: 'everyone, or the group that tag names, but the connection that the message names',
    },
  },
} as const satisfies Record<string, Setting>;

export const eventsSettings = {
  output: {
    kind: 'choice',
    label: 'Message as',
    help: 'What msg.payload of a Message is. With data and JSON the event object stands in msg.details.',
    choices: {
      event: 'event: an object with the text or Buffer in str',
      data: 'data: the bare text or Buffer',
      json: 'JSON: the parsed value; what cannot be parsed comes out of the Error port',
    },
  },
  method: {
    kind: 'text',
    label: 'Method',
    help: 'Empty: always emit. A name: emit only while set method has set this name.',
    initial: '',
  },
  batchSize: {
    kind: 'number',
    label: 'Batch',
    help: 'Gather up to so many Messages into one message, whose payload is then a list; send nodes send each of them. Empty: no batches.',
    min: 2,
    integer: true,
    placeholder: 'off',
    rare: true,
  },
  batchMs: {
    kind: 'number',
    label: 'Batch time',
    help: 'Hand a batch on after this time, however small it is.',
    unit: 'ms',
    min: 1,
    max: 60000,
    integer: true,
    default: 10,
    rare: true,
  },
} as const satisfies Record<string, Setting>;
export type Output = keyof typeof eventsSettings.output.choices;
