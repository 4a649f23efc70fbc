/**
 * The English texts without a declaration: those of the forms, of the node status, and of the help's frame.
 * All other translated texts come from the declarations.
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

/** The names of the permessage-deflate parameters in the form. */
export const deflateWords: Record<keyof DeflateOptions, string> = {
  clientNoContextTakeover: 'No client context takeover',
  serverNoContextTakeover: 'No server context takeover',
  clientMaxWindowBits: 'Client window, bits',
  serverMaxWindowBits: 'Server window, bits',
};

export const formWords = {
  client: 'Client',
  server: 'Server',
  invalid: '__label__ must be __constraint__.',
  invalidValue: 'The value does not fit its type.',
  inMessage: 'as in the message',
  needed: '__label__ is required.',
  clientNeeded: 'No client is selected. Select one, or tick From the message.',
  serverNeeded: 'No server is selected. Select one, or tick From the message.',
  oneSocket: 'Select a client or a server, and not both.',
  loadFile: 'Load from a file',
  fileTooLarge: 'The file is too large for a flow. Copy it to the machine of Node-RED, and set its path in File.',
  recorded: '__sent__ sent, __received__ received, in __seconds__ s',
  environment: 'Use an environment variable',
  control: 'Use a fixed value',
  expression: 'Compute the value for each attempt to connect',
  more: 'More options',
  headerName: 'Name',
  headerValue: 'Value',
  addHeader: 'Add a header',
  addSubprotocol: 'Add a subprotocol',
  addSecret: 'Add a secret',
  addOrigin: 'Add an origin',
  origin: 'Origin',
  addNetwork: 'Add a proxy',
  network: 'Address or network',
  remove: 'Remove',
  move: 'Drag, or press Alt with ↑ or ↓',
  unset: 'default',
  yes: 'yes',
  no: 'no',
  pem: 'PEM file path or PEM text',
  keyInFlow: 'This private key is stored unencrypted in the flow file. Use a file path or an environment variable instead.',
  caSystem: 'System trust store',
  caNone: 'None: do not verify (insecure)',
  caNoneServer: 'Request no client certificate',
  caSystemServer: 'Require one that the system trusts',
  caPem: 'These CAs',
  caPemServer: 'Require one from these CAs',
  unverified: 'The identity of the server is not verified, so anyone can impersonate it. Use this for tests only.',
  originsSame: 'Same host, on any port',
  originsAny: 'Any origin',
  originsListed: 'Only these',
  tlsOn: 'On, because the URL starts with wss://',
  tlsOff: 'Off, because the URL starts with ws://',
  sharedPort: 'Port and TLS are those of Node-RED. Configure them in its settings file.',
  tlsUnknown: 'As the URL says: on with wss://',
} as const;

/** The action that replaces the WebSocket nodes of Node-RED's core. */
export const convertWords = {
  action: 'Convert WebSocket nodes',
  done: 'Core WebSocket nodes were replaced: __nodes__ nodes, __sockets__ clients and servers. Deploy to use the new nodes. Undo restores the core nodes.',
  none: 'There are no core WebSocket nodes.',
  noneSelected: 'The selection has no core WebSocket nodes. Select nothing to convert all of them.',
  along: 'Nodes outside the selection that were replaced, because they use the same client or server: __count__.',
  missing: 'Not replaced: __node__. Its client or server does not exist.',
  address: 'Not replaced: __node__. Its URL does not start with ws:// or wss://.',
  locked: 'Not replaced: __node__. It or a node with the same client or server is on a locked flow.',
  foreign: 'Not replaced: __node__. Nodes of another type use its client or server.',
  verifyClient: 'The setting webSocketNodeVerifyClient does not apply to the new servers. Set who may connect in their tab Access.',
} as const;

/** The words of a command or URL that is pasted into the URL of a client. */
export const pasteWords = {
  hint: 'wss://… or a curl, wscat or websocat command',
  filled: 'Filled:',
  notTaken: 'Not taken:',
  undo: 'Undo',
  files: 'The certificate files must be on the machine that runs Node-RED.',
  inFlow: 'The header __name__ is stored unencrypted in the flow file. Use an environment variable instead.',
} as const;

/** The words of the quick start of a new server. */
export const quickWords = {
  label: 'Quick start',
  machine: 'This machine',
  network: 'My network',
  nodeRed: "On Node-RED's port",
  page: 'For a web page',
  origin: 'Address of the page',
  url: 'URL',
  copy: 'Copy',
  code: 'QR code of __url__',
  everyone: 'Everyone in the network can connect. To prevent it, set Authentication in the tab Access.',
  blocked: 'A page that was loaded by https:// can connect to wss:// only. Enable TLS in the tab Security.',
  openedLocally: 'The editor was opened on this machine. Others reach Node-RED by the address of this machine.',
  onlyLocal: 'Only programs on the machine of Node-RED can connect to this address.',
  noPort: 'The URL is not known before the server listens. websocket server start outputs it.',
} as const;

/** The words of the tour that is offered once after the installation. */
export const tourWords = {
  action: 'Show the tour of the WebSocket nodes',
  offer: 'The WebSocket nodes are installed. A short tour shows where to begin.',
  start: 'Take the tour',
  later: 'Not now',
  welcome: 'WebSocket nodes',
  welcomeText: 'Clients and servers, with an event for each open, close and error. The tour has five steps. Escape ends it.',
  nodes: 'Receive and send',
  nodesText:
    'An “in” node outputs what a client or server receives; an “out” node sends. Each uses a client or server that you add in its form. Type websocket above the palette to find the nodes.',
  examples: 'Begin with an example',
  examplesText:
    'Menu, Import, Examples, @ix-websocket/node-red: the first example is an echo server with its client. Deploy it and press the button of the inject node.',
  forms: 'Forms that help',
  formsText:
    'A new server has a “__quick__”. The URL of a client accepts a pasted curl, wscat or websocat command. “__test__” tries a client before a deploy.',
  more: 'Further help',
  moreText:
    'The help sidebar explains each node. “__convert__” in the menu replaces the WebSocket nodes of Node-RED, and undo restores them.',
} as const;

/** The words of a test of the options in a form. */
export const probeWords = {
  client: 'Test connection',
  server: 'Try listening',
  running: 'Testing …',
  works: 'The test succeeded.',
  fails: 'The test failed.',
  lookAt: 'Check:',
  tooLong: 'No result after __seconds__ s.',
  busy: 'Several tests are running. Try again in a moment.',
  forbidden: 'You are not allowed to run this test. It requires the permission to change this node.',
  silent: 'Node-RED did not answer.',
  noVariable: 'The environment variable __name__ is not set, or has not been deployed yet.',
  notDeployed: 'The node selected in __label__ has not been deployed yet.',
  portOfServer: 'Port __port__ is in use by the server __name__ of this Node-RED.',
  pathOfServer: 'The path __path__ is in use by the server __name__ of this Node-RED.',
  portOfNodeRed: 'Port __port__ is in use by Node-RED itself.',
} as const;

/** The description of each step of a test. */
export const stepWords: Record<Step['step'], string> = {
  name: 'Resolved __host__ to __address__.',
  proxy: 'The proxy __proxy__ opened a tunnel to the server.',
  tcp: 'Connected to __address__, port __port__.',
  certificate: 'Certificate of __subject__, issued by __issuer__, valid until __validTo__.',
  unreadableDate: 'Its expiry date cannot be read, so clients may refuse it.',
  expired: 'The certificate expired on __validTo__, so clients will not accept it.',
  tls: 'The TLS handshake succeeded (__protocol__).',
  unverified: 'The certificate was not verified, so anyone can impersonate the server.',
  http: 'The server answered __status__ __text__.',
  redirect: 'Redirected to __url__.',
  protocol: 'Negotiated subprotocol: __protocol__.',
  compressed: 'Messages are compressed.',
  uncompressed: 'The server does not compress messages.',
  pong: 'Ping answered in __ms__ ms.',
  noPong: 'No answer to a ping within __seconds__ s.',
  said: 'Step __step__ sent: __message__',
  heard: 'Step __step__ received: __message__',
  sent: 'The message was sent.',
  notSent: 'The message was not sent: __reason__',
  answered: 'Received: __message__',
  noAnswer: 'No answer within __seconds__ s.',
  conversed: 'The opening conversation succeeded.',
  closed: 'The server closed the connection immediately: __code__ __reason__',
  listening: 'The server can listen on __uri__.',
  ownPath: 'The path __path__ is in use by the deployed version of this server. A deploy releases it first.',
  own: 'Port __port__ is in use by the deployed version of this server. A deploy releases it first.',
};

/** The status texts of a node, by the keys of the runtime's status table. */
export const statusWords = {
  refused: 'refused: __why__ (__status__)',
  stopped: 'stopped',
  connecting: 'connecting',
  connected: 'connected',
  listening: '__connections__ connected',
  waiting: '__why__, retrying in __seconds__ s',
  closing: 'closing',
  cleared: 'cleared',
  requests: '__count__ open',
  noClient: 'no client selected',
  noServer: 'no server selected',
  noSocket: 'no client or server selected',
  playing: '__played__ of __count__ played',
  unverified: 'connected, unverified',
  queued: '__waiting__ of __limit__ queued',
  outbox: '__queued__ of __limit__ waiting',
  held: '__why__; __waiting__ of __limit__ queued',
  away: '4D away since __since__, __waiting__ waiting',
} as const;
