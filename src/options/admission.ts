import { fields } from './field';

/** Options that select and identify the connections that a server accepts. Each rejection is an HTTP response to the upgrade request. */
export const admissionOptions = fields({
  allowedOrigins: {
    kind: 'origins',
    label: 'Allowed origins',
    help:
      'Whose web pages may connect; those of others are refused with 403. ' +
      'A list of origins, such as https://example.com; same host is the host that the connection is made to, on any port; * is any origin. ' +
      'Programs and devices that send no Origin pass.',
    default: ['same host'],
    defaultText: 'same host',
    section: 'access',
    added: true,
  },
  auth: {
    kind: 'choice',
    label: 'Authentication',
    help: 'What an upgrade has to show; one that does not is refused with 401.',
    choices: { none: 'nothing', basic: 'Basic: user and password', bearer: 'Bearer: a token' },
    default: 'none',
    section: 'access',
    added: true,
  },
  user: {
    kind: 'text',
    label: 'User',
    help: 'With Basic authentication: who may come in. Kept with the credentials; Open events name it.',
    section: 'access',
    credential: 'text',
    added: true,
  },
  password: {
    kind: 'text',
    label: 'Password',
    help: 'With Basic authentication: the password of the user. Kept with the credentials.',
    section: 'access',
    credential: 'password',
    added: true,
  },
  token: {
    kind: 'text',
    label: 'Token',
    help: 'With Bearer authentication: what the header Authorization has to hold after the word Bearer. Kept with the credentials.',
    section: 'access',
    credential: 'password',
    added: true,
  },
  tokenParameter: {
    kind: 'parameter',
    label: 'Token parameter',
    help: 'With Bearer authentication: the query parameter that may hold the token too, since browsers cannot set headers. Its value is shown as *** everywhere.',
    defaultText: 'none',
    section: 'access',
    added: true,
  },
  trustProxy: {
    kind: 'networks',
    label: 'Trusted proxies',
    help:
      'Proxies before this server: addresses, or networks such as 10.0.0.0/8. What they say in X-Forwarded-For and X-Forwarded-Host is believed: ' +
      "the client's address, for remoteIp and maxConnectionsPerIp, and the host that its page has to be from.",
    default: [],
    defaultText: 'none',
    section: 'access',
    rare: true,
    added: true,
  },
});

/** The only path that is served. */
export const path = {
  kind: 'path',
  label: 'Path',
  help:
    'The only path that is served; an upgrade to another is refused with 404. Empty serves any. ' +
    "On Node-RED's port it is needed and begins at httpNodeRoot; other paths are left to others.",
  defaultText: 'any',
  section: 'connection',
  added: true,
} as const;

/** The path of health checks. */
export const healthPath = {
  kind: 'path',
  label: 'Health path',
  help: 'A path at which a GET or HEAD is answered 200, with the number of connections as JSON, for load balancers and monitors. It needs no login.',
  defaultText: 'none',
  ownPort: true,
  section: 'connection',
  rare: true,
  added: true,
} as const;

export const maxConnectionsPerIp = {
  kind: 'number',
  label: 'Most per address',
  help: 'Open connections from one address (IPv6: one /64); one more is refused with 429. Empty or 0 is no limit.',
  defaultText: 'off',
  min: 0,
  max: 2147483647,
  integer: true,
  section: 'limits',
  added: true,
} as const;

export const maxRefusalsPerAddress = {
  kind: 'number',
  label: 'Wrong logins',
  help: 'Wrong credentials from one address (IPv6: one /64) before it is answered 429: for 1 s, and twice as long for each further one, up to 60 s. Right credentials begin at 0 again. 0 is off.',
  default: 5,
  min: 0,
  max: 1000,
  integer: true,
  section: 'limits',
  rare: true,
  added: true,
} as const;
