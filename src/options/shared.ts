import { fields } from './field';

/** The longest delay of a Node.js timer (2³¹ − 1 ms). A longer one would fire at once. */
export const maxTimerMs = 2147483647;
export const maxTimerSecs = Math.floor(maxTimerMs / 1000);

/** Options with the same meaning on both sides. */
export const sharedOptions = fields({
  pingInterval: {
    kind: 'number',
    label: 'Ping interval',
    help: 'Ping the peer at once and then at this interval; no pong within one interval closes with 1011, Ping timeout. Empty or 0 sends none.',
    defaultText: 'off',
    unit: 's',
    min: 0,
    max: maxTimerSecs,
    section: 'connection',
  },
  enablePong: {
    kind: 'boolean',
    label: 'Answer pings',
    help: "Answer the peer's pings with pongs.",
    default: true,
    section: 'connection',
    rare: true,
  },
  subProtocols: {
    kind: 'subProtocols',
    label: 'Subprotocols',
    help: 'Clients offer these. Servers answer the first of theirs that the client offers, and none if there is none.',
    section: 'connection',
    added: true,
  },
  perMessageDeflateOptions: {
    kind: 'deflate',
    label: 'Compression parameters',
    help: 'clientNoContextTakeover and serverNoContextTakeover (boolean), clientMaxWindowBits and serverMaxWindowBits (8 to 15), as in RFC 7692.',
    section: 'compression',
    rare: true,
    added: true,
  },
});

const maxPayload = {
  kind: 'number',
  label: 'Largest message',
  help: 'A larger incoming message closes the connection with 1009. 0 is no limit.',
  unit: 'bytes',
  min: 0,
  max: 2147483647,
  integer: true,
  section: 'limits',
  added: true,
} as const;

const waiting = { kind: 'number', min: 0, max: 2147483647, integer: true, section: 'limits', rare: true, added: true } as const;

/** Limits of the messages that wait for one peer. A send beyond a limit fails, and no other send waits for that peer. */
export const sendLimits = fields({
  maxBufferedAmount: {
    ...waiting,
    label: 'Most bytes waiting',
    help: 'While more than this waits for one peer, a send to it fails at once. Each waiting message counts as its bytes and 1536 more. 0 is no limit.',
    unit: 'bytes',
    default: 16777216,
  },
  maxBufferedMessages: {
    ...waiting,
    label: 'Most messages waiting',
    help: 'While this many messages wait for one peer, a send to it fails at once. 0 is no limit.',
    default: 10000,
  },
  sendTimeoutSecs: {
    kind: 'number',
    label: 'Send timeout',
    help: 'When the oldest waiting message has waited longer than this, all messages that wait for that peer fail. 0 is no limit.',
    unit: 's',
    default: 60,
    min: 0,
    max: maxTimerSecs,
    section: 'limits',
    rare: true,
    added: true,
  },
  slowReaders: {
    kind: 'choice',
    label: 'Slow readers',
    help: 'What happens to a peer that reads too slowly, by maxBufferedAmount, maxBufferedMessages or sendTimeoutSecs.',
    choices: { drop: 'messages to it fail', close: 'it is closed with 1013' },
    default: 'close',
    section: 'limits',
    rare: true,
    added: true,
  },
});

/** The limit for all receivers together. */
export const maxBufferedTotal = {
  ...waiting,
  label: 'Most bytes waiting in all',
  help: 'While more than this waits for all connections together, those that hold most are closed with 1013. Empty is a quarter of the heap limit, 0 is no limit.',
  unit: 'bytes',
  max: Number.MAX_SAFE_INTEGER,
  defaultText: 'auto',
} as const;

export const maxPayloadOf = <const D extends number>(bytes: D) => ({ ...maxPayload, default: bytes });
