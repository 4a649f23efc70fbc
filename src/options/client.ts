import { fields, type Values } from './field';
import { maxPayloadOf, maxTimerMs, maxTimerSecs, sendLimits, sharedOptions } from './shared';
import { tlsOptions } from './tls';

const { pingInterval, enablePong, subProtocols, perMessageDeflateOptions } = sharedOptions;

/** The options of a client (contract, section 4; plugin command `Websocket client`). */
export const clientOptions = fields({
  URL: {
    kind: 'url',
    label: 'URL',
    help: 'Where to connect: ws:// or wss://. A user and a password in it become Basic authentication; a fragment is dropped.',
    section: 'connection',
  },
  headers: {
    kind: 'headers',
    label: 'Headers',
    help: "Extra headers of the opening handshake. A Sec-WebSocket-Protocol entry counts as subProtocols; the handshake's own headers cannot be set.",
    default: {},
    section: 'connection',
  },
  subProtocols,
  pingInterval,
  enablePong,
  followRedirects: {
    kind: 'choice',
    label: 'Follow redirects',
    help:
      'Which redirects of the opening handshake are followed. Another host gets no credentials, no subprotocols, and of the headers only User-Agent and Accept-*. ' +
      'A redirect from a public to a private address is never followed.',
    choices: { 'same-host': 'to the same host', any: 'to any host', none: 'none' },
    default: 'same-host',
    section: 'connection',
    rare: true,
    added: true,
  },
  proxy: {
    kind: 'proxy',
    label: 'HTTP proxy',
    help:
      'An HTTP proxy node to connect through; one with an empty URL connects directly. ' +
      'Without a node the environment variables decide: HTTP_PROXY for ws://, HTTPS_PROXY for wss://, and NO_PROXY for hosts to connect to directly.',
    section: 'connection',
    rare: true,
    formOnly: true,
    added: true,
  },
  user: {
    kind: 'text',
    label: 'User',
    help: 'Basic authentication of the opening handshake. Kept with the credentials.',
    section: 'security',
    credential: 'text',
    added: true,
  },
  password: {
    kind: 'text',
    label: 'Password',
    help: 'Basic authentication of the opening handshake. Kept with the credentials.',
    section: 'security',
    credential: 'password',
    added: true,
  },
  ...tlsOptions,
  enableAutomaticReconnection: {
    kind: 'boolean',
    label: 'Reconnect',
    help: 'Connect again whenever a connection ends that this side did not stop.',
    default: true,
    section: 'reconnection',
  },
  minWaitBetweenReconnectionRetries: {
    kind: 'number',
    label: 'First wait',
    help: 'The wait after the first failed try; it doubles with each further failure.',
    unit: 'ms',
    default: 100,
    min: 1,
    max: maxTimerMs,
    section: 'reconnection',
    rare: true,
    added: true,
  },
  maxWaitBetweenReconnectionRetries: {
    kind: 'number',
    label: 'Longest wait',
    help: 'The cap of the wait between tries.',
    unit: 'ms',
    default: 10000,
    min: 100,
    max: maxTimerMs,
    section: 'reconnection',
  },
  jitter: {
    kind: 'boolean',
    label: 'Jitter',
    help: 'Wait a random part of the wait instead of all of it, so that many clients do not return in step.',
    default: false,
    section: 'reconnection',
    rare: true,
    added: true,
  },
  retryFirstConnect: {
    kind: 'boolean',
    label: 'Retry the first connect',
    help: 'A start that fails answers so, and goes on trying.',
    default: false,
    section: 'reconnection',
    rare: true,
    added: true,
  },
  handshakeTimeoutSecs: {
    kind: 'number',
    label: 'Handshake timeout',
    help: 'The deadline of each try that no start command waits for: reconnection and automatic start.',
    unit: 's',
    default: 60,
    min: 0,
    above: true,
    max: maxTimerSecs,
    section: 'reconnection',
    rare: true,
    added: true,
  },
  enablePerMessageDeflate: {
    kind: 'boolean',
    label: 'Compression',
    help: 'Offer permessage-deflate (RFC 7692).',
    default: false,
    section: 'compression',
  },
  perMessageDeflateOptions,
  maxPayload: maxPayloadOf(104857600),
  ...sendLimits,
});
export type ClientOptions = Values<typeof clientOptions>;
