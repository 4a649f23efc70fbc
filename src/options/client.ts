import { fields, type Values } from './field';
import { maxPayloadOf, maxTimerMs, maxTimerSecs, sendLimits, sharedOptions } from './shared';
import { tlsOptions } from './tls';

const { pingInterval, enablePong, subProtocols, protocol, secrets, perMessageDeflateOptions } = sharedOptions;

/** The options of a client (contract, section 4; plugin command `Websocket client`). */
export const clientOptions = fields({
  URL: {
    kind: 'url',
    label: 'URL',
    help: 'The ws:// or wss:// address to connect to. A user name and password in it are sent as Basic authentication; a #fragment is ignored.',
    section: 'connection',
  },
  headers: {
    kind: 'headers',
    label: 'Headers',
    help: 'Additional HTTP headers of the opening handshake. Sec-WebSocket-Protocol counts as Subprotocols. The headers that WebSocket itself uses cannot be set.',
    default: {},
    section: 'connection',
  },
  subProtocols,
  protocol,
  secrets,
  pingInterval,
  enablePong,
  followRedirects: {
    kind: 'choice',
    label: 'Follow redirects',
    help:
      'Redirects of the opening handshake to follow. Another host receives no credentials, no subprotocols, and only the headers User-Agent and Accept-*. ' +
      'A redirect from a public to a private address is never followed.',
    choices: { 'same-host': 'To the same host', any: 'To any host', none: 'None' },
    default: 'same-host',
    section: 'connection',
    rare: true,
    added: true,
  },
  proxy: {
    kind: 'proxy',
    label: 'HTTP proxy',
    help:
      'The HTTP proxy node to connect through. A proxy node with an empty URL means a direct connection. ' +
      'If none is selected, the environment variables HTTP_PROXY (ws://), HTTPS_PROXY (wss://) and NO_PROXY (hosts without a proxy) apply.',
    section: 'connection',
    rare: true,
    formOnly: true,
    added: true,
  },
  user: {
    kind: 'text',
    label: 'User',
    help: 'User name for Basic authentication. Stored as a credential.',
    section: 'security',
    credential: 'text',
    added: true,
  },
  password: {
    kind: 'text',
    label: 'Password',
    help: 'Password for Basic authentication. Stored as a credential.',
    section: 'security',
    credential: 'password',
    added: true,
  },
  ...tlsOptions,
  enableAutomaticReconnection: {
    kind: 'boolean',
    label: 'Reconnect',
    help: 'Reconnect automatically, unless the flow stopped the connection.',
    default: true,
    section: 'reconnection',
  },
  minWaitBetweenReconnectionRetries: {
    kind: 'number',
    label: 'Initial delay',
    help: 'Delay after the first failed attempt. It doubles with each further failure.',
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
    label: 'Maximum delay',
    help: 'Upper limit of the delay between attempts.',
    unit: 'ms',
    default: 10000,
    min: 100,
    max: maxTimerMs,
    section: 'reconnection',
  },
  jitter: {
    kind: 'boolean',
    label: 'Jitter',
    help: 'Wait a random part of the delay, so that many clients do not reconnect at the same moment.',
    default: false,
    section: 'reconnection',
    rare: true,
    added: true,
  },
  retryFirstConnect: {
    kind: 'boolean',
    label: 'Retry initial connection',
    help: 'If the first attempt fails, report the failure and keep trying.',
    default: false,
    section: 'reconnection',
    rare: true,
    added: true,
  },
  handshakeTimeoutSecs: {
    kind: 'number',
    label: 'Handshake timeout',
    help: 'Time limit of an automatic connection attempt (start with the flows, reconnection). A start command has a timeout of its own.',
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
    help: 'Offer message compression to the server (permessage-deflate, RFC 7692).',
    default: false,
    section: 'compression',
  },
  perMessageDeflateOptions,
  maxPayload: maxPayloadOf(104857600),
  ...sendLimits,
});
export type ClientOptions = Values<typeof clientOptions>;
