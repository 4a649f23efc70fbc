/**
 * The English words that no declaration has: those of the forms, of the node status, and of the help's frame.
 * Everything else that is translated comes from the declarations.
 */

import type { Step } from '../../../src/core/progress';
import type { Section } from '../../../src/options/field';
import type { DeflateOptions } from '../../../src/options/kinds';

export const sectionWords: Record<Section, string> = {
  messages: 'Messages',
  conversation: 'Conversation',
  connection: 'Connection',
  access: 'Access',
  security: 'Security',
  reconnection: 'Reconnection',
  compression: 'Compression',
  delivery: 'Delivery',
  limits: 'Limits',
};

export const unitWords = { s: 'seconds', ms: 'milliseconds', bytes: 'bytes', bits: 'bits' } as const;

/** The parameters of permessage-deflate, as the form calls them. */
export const deflateWords: Record<keyof DeflateOptions, string> = {
  clientNoContextTakeover: 'Client forgets between messages',
  serverNoContextTakeover: 'Server forgets between messages',
  clientMaxWindowBits: "Client's window, bits",
  serverMaxWindowBits: "Server's window, bits",
};

export const formWords = {
  client: 'Client',
  server: 'Server',
  invalid: '__label__ must be __constraint__.',
  needed: '__label__ is needed.',
  clientNeeded: 'No client is selected. Select one, or tick From the message.',
  serverNeeded: 'No server is selected. Select one, or tick From the message.',
  environment: 'Use an environment variable',
  control: 'Choose a value',
  more: 'More options',
  headerName: 'Name',
  headerValue: 'Value',
  addHeader: 'Add a header',
  addSubprotocol: 'Add a subprotocol',
  addOrigin: 'Add an origin',
  origin: 'Origin',
  addNetwork: 'Add a proxy',
  network: 'Address or network',
  remove: 'Remove',
  move: 'Drag, or press Alt with ↑ or ↓',
  unset: 'as negotiated',
  yes: 'yes',
  no: 'no',
  pem: 'path of a PEM file, or PEM text',
  keyInFlow: 'This private key is kept readable in the flow file. A path or an environment variable keeps it out.',
  caSystem: 'the trust of the system',
  caNone: 'nobody: verify nothing',
  caNoneServer: 'ask for no client certificate',
  caSystemServer: 'demand one that the system trusts',
  caPem: 'these CAs',
  caPemServer: 'demand one from these CAs',
  unverified: 'Anyone can pretend to be the server: nothing is verified. For tests only.',
  originsSame: 'those of the same host, on any port',
  originsAny: 'any',
  originsListed: 'these',
  tlsOn: 'on: the URL begins with wss://',
  tlsOff: 'off: the URL begins with ws://',
  sharedPort: "The port is Node-RED's, and so is its TLS: the settings of Node-RED say what they are.",
  tlsUnknown: 'as the URL says: on with wss://',
} as const;

/** What the forms say of a try of their options. */
export const probeWords = {
  client: 'Test connection',
  server: 'Try listening',
  running: 'Trying …',
  works: 'It works.',
  fails: 'It does not work.',
  lookAt: 'Look at:',
  tooLong: 'There was no result after __seconds__ s.',
  busy: 'Several tests are running. Try again in a moment.',
  forbidden: 'You may not test: that needs the permission to change this node.',
  silent: 'Node-RED did not answer.',
  noVariable: 'The environment variable __name__ is not set, or not deployed yet.',
  notDeployed: 'The node that __label__ names is not deployed yet.',
  portOfServer: 'Port __port__ is in use by the server __name__ of this Node-RED.',
  pathOfServer: 'The path __path__ is in use by the server __name__ of this Node-RED.',
  portOfNodeRed: 'Port __port__ is in use by Node-RED itself.',
} as const;

/** What a try says of each step that it took. */
export const stepWords: Record<Step['step'], string> = {
  name: 'The name __host__ was found: __address__.',
  proxy: 'The proxy __proxy__ opened the way to the server.',
  tcp: 'Connected to __address__, port __port__.',
  certificate: 'Certificate of __subject__, issued by __issuer__, valid to __validTo__.',
  unreadableDate: 'Its last day of validity cannot be read: clients may refuse it.',
  expired: 'The certificate expired on __validTo__: clients will not accept it.',
  tls: 'The TLS handshake succeeded (__protocol__).',
  unverified: 'The certificate was not verified: anyone can pretend to be the server.',
  http: 'The server answered __status__ __text__.',
  redirect: 'It sent us on to __url__.',
  protocol: 'Subprotocol agreed on: __protocol__.',
  compressed: 'Messages are compressed.',
  uncompressed: 'The server does not compress messages.',
  pong: 'A ping was answered after __ms__ ms.',
  noPong: 'A ping was not answered within __seconds__ s.',
  closed: 'The server closed the connection at once: __code__ __reason__',
  listening: 'It can listen on __uri__.',
  ownPath: 'The path __path__ is in use by this very server, as it is deployed. A deploy frees it first.',
  own: 'Port __port__ is in use by this very server, as it is deployed. A deploy frees it first.',
};

/** What stands below a node, by the keys that the runtime's status table uses. */
export const statusWords = {
  stopped: 'stopped',
  connecting: 'connecting',
  connected: 'connected',
  listening: '__connections__ connected',
  waiting: '__why__, again in __seconds__ s',
  closing: 'closing',
  cleared: 'cleared',
  noClient: 'no client selected',
  noServer: 'no server selected',
  unverified: 'connected, unverified',
  queued: '__waiting__ of __limit__ waiting',
  held: '__why__; __waiting__ of __limit__ waiting',
} as const;
