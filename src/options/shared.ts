import { fields } from './field';

/** The longest delay of a Node.js timer (2³¹ − 1 ms). A longer one would fire at once. */
export const maxTimerMs = 2147483647;
export const maxTimerSecs = Math.floor(maxTimerMs / 1000);

/** Options with the same meaning on both sides. */
export const sharedOptions = fields({
  pingInterval: {
    kind: 'number',
    label: 'Ping interval',
    icon: 'heartbeat',
    help: 'Send a ping on connecting and at this interval. Without a pong within one interval, the connection is closed with 1011 (Ping timeout). Empty or 0: no pings.',
    defaultText: 'off',
    unit: 's',
    min: 0,
    max: maxTimerSecs,
    section: 'connection',
  },
  enablePong: {
    kind: 'boolean',
    label: 'Answer pings',
    icon: 'reply',
    help: "Reply to the peer's pings with pongs.",
    default: true,
    section: 'connection',
    rare: true,
  },
  subProtocols: {
    kind: 'subProtocols',
    label: 'Subprotocols',
    icon: 'comments-o',
    help: 'Client: the subprotocols to offer. Server: the subprotocols to accept, in order of preference; none is selected if the client offers none of them.',
    section: 'connection',
    sameHost: true,
    added: true,
  },
  protocol: {
    kind: 'protocol',
    label: 'Protocol',
    icon: 'comments',
    help: 'The protocol spoken after the handshake: login, automatic answers, heartbeat, requests. Empty: messages are sent and received unchanged. A message gives the name of a preset or a description.',
    section: 'connection',
    added: true,
  },
  secrets: {
    kind: 'secrets',
    label: 'Secrets',
    icon: 'key',
    help: 'The secrets that the protocol uses, such as a token. They are stored with the credentials.',
    section: 'connection',
    sameHost: true,
    credential: 'password',
    added: true,
  },
  closeTimeoutMs: {
    kind: 'number',
    label: 'Close timeout',
    icon: 'clock-o',
    help: 'How long the peer may take to answer a close frame. Then the connection is cut off.',
    unit: 'ms',
    default: 300,
    min: 10,
    max: 60000,
    section: 'connection',
    rare: true,
    added: true,
  },
  perMessageDeflateOptions: {
    kind: 'deflate',
    label: 'Compression parameters',
    icon: 'sliders',
    help: 'clientNoContextTakeover and serverNoContextTakeover (boolean), clientMaxWindowBits and serverMaxWindowBits (8 to 15), as in RFC 7692.',
    section: 'compression',
    rare: true,
    added: true,
  },
});

const maxPayload = {
  kind: 'number',
  label: 'Max. message size',
  icon: 'envelope-o',
  help: 'A larger incoming message closes the connection with 1009. 0 means no limit.',
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
    label: 'Max. buffered bytes',
    icon: 'hourglass-half',
    help: 'While more than this is buffered for one peer, a send to it fails at once. Each message counts with its bytes plus 1536. 0 means no limit.',
    unit: 'bytes',
    default: 16777216,
  },
  maxBufferedMessages: {
    ...waiting,
    label: 'Max. buffered messages',
    icon: 'hourglass-half',
    help: 'While this many messages are buffered for one peer, a send to it fails at once. 0 means no limit.',
    default: 10000,
  },
  sendTimeoutSecs: {
    kind: 'number',
    label: 'Send timeout',
    icon: 'clock-o',
    help: 'If the oldest buffered message is older than this, all messages buffered for that peer fail. 0 means no limit.',
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
    icon: 'tachometer',
    help: 'What to do when a peer reads too slowly, as defined by maxBufferedAmount, maxBufferedMessages and sendTimeoutSecs.',
    choices: { drop: 'Fail messages to it', close: 'Close it with 1013' },
    default: 'close',
    section: 'limits',
    rare: true,
    added: true,
  },
});

/** The rate at which messages leave a connection. */
export const paceOptions = fields({
  maxSendsPerSecond: {
    kind: 'number',
    label: 'Sends per second',
    icon: 'tachometer',
    help: 'Send at most this many messages per second on a connection, evenly spaced. Further messages wait. Automatic answers, heartbeats and pongs count too, and go first. Empty or 0 means no limit.',
    defaultText: 'off',
    min: 0,
    max: 1000000,
    section: 'limits',
    rare: true,
    added: true,
  },
  sendBurst: {
    kind: 'number',
    label: 'Send burst',
    icon: 'bolt',
    help: 'With maxSendsPerSecond: how many messages may be sent at once after a pause.',
    default: 1,
    min: 1,
    max: 1000000,
    integer: true,
    section: 'limits',
    rare: true,
    added: true,
  },
});

/** The limit for all receivers together. */
export const maxBufferedTotal = {
  ...waiting,
  label: 'Max. buffered in total',
  icon: 'hourglass',
  help: 'While more than this is buffered for all connections together, those with the largest buffers are closed with 1013. Empty: a quarter of the heap limit. 0 means no limit.',
  unit: 'bytes',
  max: Number.MAX_SAFE_INTEGER,
  defaultText: 'auto',
} as const;

export const maxPayloadOf = <const D extends number>(bytes: D) => ({ ...maxPayload, default: bytes });
