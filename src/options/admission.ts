import { fields } from './field';

/** Options that select and identify the connections that a server accepts. Each rejection is an HTTP response to the upgrade request. */
export const admissionOptions = fields({
  allowedOrigins: {
    kind: 'origins',
    label: 'Allowed origins',
    icon: 'globe',
    help:
      'Web pages that may connect; others are refused with 403. ' +
      'List origins such as https://example.com, same host (the host that the connection is made to, on any port), or * for any origin. ' +
      'Clients that are no browsers are allowed: those without an Origin header, and with same host those that send an Origin and nothing that browsers send.',
    default: ['same host'],
    defaultText: 'same host',
    section: 'access',
    added: true,
  },
  auth: {
    kind: 'choice',
    label: 'Authentication',
    icon: 'id-card-o',
    help: 'Credentials that a client must present; without them it is refused with 401.',
    choices: { none: 'None', basic: 'Basic (user and password)', bearer: 'Bearer token' },
    default: 'none',
    section: 'access',
    added: true,
  },
  user: {
    kind: 'text',
    label: 'User',
    icon: 'user',
    help: 'User name that clients must send (Basic authentication). Stored as a credential; Open events contain it.',
    section: 'access',
    neededIf: { auth: 'basic' },
    shownIf: { auth: 'basic' },
    credential: 'text',
    added: true,
  },
  password: {
    kind: 'text',
    label: 'Password',
    icon: 'lock',
    help: 'Password that clients must send (Basic authentication). Stored as a credential.',
    section: 'access',
    neededIf: { auth: 'basic' },
    shownIf: { auth: 'basic' },
    credential: 'password',
    added: true,
  },
  token: {
    kind: 'text',
    label: 'Token',
    icon: 'ticket',
    help: 'Token that the header Authorization: Bearer must contain. Stored as a credential.',
    section: 'access',
    neededIf: { auth: 'bearer' },
    shownIf: { auth: 'bearer' },
    credential: 'password',
    added: true,
  },
  tokenParameter: {
    kind: 'parameter',
    label: 'Token parameter',
    icon: 'link',
    help: 'Query parameter that may contain the token instead, because browsers cannot set headers. Its value is shown as *** everywhere.',
    defaultText: 'none',
    section: 'access',
    shownIf: { auth: 'bearer' },
    added: true,
  },
  tokenSubProtocol: {
    kind: 'subProtocolPrefix',
    label: 'Token subprotocol',
    icon: 'comment-o',
    help:
      'Prefix of an offered subprotocol that may contain the token instead, as it is or in base64url: with bearer. that is bearer.TOKEN. ' +
      'It is never answered, and its value is shown as *** everywhere. Clients must offer a second subprotocol with it.',
    defaultText: 'none',
    section: 'access',
    shownIf: { auth: 'bearer' },
    rare: true,
    added: true,
  },
  trustProxy: {
    kind: 'networks',
    label: 'Trusted proxies',
    icon: 'exchange',
    help:
      'Reverse proxies in front of this server: addresses, or networks such as 10.0.0.0/8. Their X-Forwarded-For and X-Forwarded-Host headers are trusted ' +
      'for the client address (remoteIp, limit per address) and for the check of origins.',
    default: [],
    defaultText: 'none',
    section: 'access',
    rare: true,
    added: true,
  },
});

/** The only path that is served. */
export const path = {
  kind: 'pathPattern',
  label: 'Path',
  icon: 'road',
  help:
    'Path on which connections are accepted; others are refused with 404. Empty accepts any path. ' +
    'A part :name, as in /ocpp/:id, matches any text, which events have in params; /* at the end matches all paths below. ' +
    "Required on Node-RED's port, where it is relative to httpNodeRoot and other paths are not touched.",
  defaultText: 'any',
  section: 'connection',
  neededIf: { listenOn: 'node-red' },
  added: true,
} as const;

/** The answer to a client none of whose subprotocols the server has. */
export const subProtocolFallback = {
  kind: 'choice',
  label: 'Without a common subprotocol',
  icon: 'comments',
  help: 'What a client is answered that offers none of these subprotocols. Most clients end a connection without the subprotocol that they offered. The core nodes take the first.',
  choices: { none: 'none', first: 'the first that it offers' },
  default: 'none',
  section: 'connection',
  rare: true,
  added: true,
} as const;

/** The path of health checks. */
export const healthPath = {
  kind: 'path',
  label: 'Health path',
  icon: 'stethoscope',
  help: 'A path at which a GET or HEAD is answered 200, with the number of connections as JSON, for load balancers and monitors. It needs no login.',
  defaultText: 'none',
  ownPort: true,
  section: 'connection',
  rare: true,
  added: true,
} as const;

export const maxConnectionsPerIp = {
  kind: 'number',
  label: 'Max. per address',
  icon: 'user-times',
  help: 'Maximum number of open connections from one address (IPv6: one /64); further ones are refused with 429. Empty or 0 means no limit.',
  defaultText: 'off',
  min: 0,
  max: 2147483647,
  integer: true,
  section: 'limits',
  added: true,
} as const;

export const maxRefusalsPerAddress = {
  kind: 'number',
  label: 'Failed logins',
  icon: 'ban',
  help: 'Failed logins from one address (IPv6: one /64) after which it is refused with 429. The block lasts 1 s and doubles with each further one, up to 60 s. A correct login resets the count. 0: off.',
  default: 5,
  min: 0,
  max: 1000,
  integer: true,
  section: 'limits',
  rare: true,
  added: true,
} as const;
