import { admissionOptions, maxConnectionsPerIp, maxRefusalsPerAddress, path } from './admission';
import { type Fields, fields, type Values } from './field';
import { maxBufferedTotal, maxPayloadOf, maxTimerSecs, sendLimits, sharedOptions } from './shared';
import { tlsOptions } from './tls';
import { trafficOptions } from './traffic';

const { pingInterval, enablePong, subProtocols, perMessageDeflateOptions } = sharedOptions;

/** Marks fields of a server with its own port. */
const onOwnPort = <F extends Fields>(declared: F): F =>
  Object.fromEntries(Object.entries(declared).map(([name, field]) => [name, { ...field, ownPort: true }])) as unknown as F;

/** The options of a server (contract, section 4; plugin command `Websocket server`). */
export const serverOptions = fields({
  listenOn: {
    kind: 'choice',
    label: 'Listen on',
    help: "A port of its own; or Node-RED's, at the path below its httpNodeRoot, beside the editor, the core nodes and others.",
    choices: { own: 'a port of its own', 'node-red': "Node-RED's port, at the path" },
    default: 'own',
    fixed: true,
    section: 'connection',
    added: true,
  },
  port: {
    kind: 'number',
    label: 'Port',
    help: 'The TCP port to listen on; 0 takes any free one, and start tells which.',
    default: 8080,
    min: 0,
    max: 65535,
    integer: true,
    fixed: true,
    ownPort: true,
    section: 'connection',
  },
  host: {
    kind: 'text',
    label: 'Address',
    help: 'The address or host name to listen on. 0.0.0.0 is every address of this machine.',
    defaultText: '127.0.0.1',
    fixed: true,
    ownPort: true,
    section: 'connection',
  },
  addressFamily: {
    kind: 'addressFamily',
    label: 'Address family',
    help: '2, 4 or IPv4; 6, 10, 23, 30 or IPv6.',
    default: 4,
    defaultText: '2 (IPv4)',
    fixed: true,
    ownPort: true,
    section: 'connection',
    rare: true,
  },
  path,
  subProtocols,
  pingInterval: { ...pingInterval, added: true },
  enablePong,
  ...admissionOptions,
  ...onOwnPort(tlsOptions),
  enablePerMessageDeflate: {
    kind: 'boolean',
    label: 'Compression',
    help: 'Grant permessage-deflate (RFC 7692) to whoever offers it.',
    default: true,
    section: 'compression',
  },
  perMessageDeflateOptions,
  maxConnections: {
    kind: 'number',
    label: 'Most connections',
    help: "One more is closed at once, on Node-RED's port with 503; 0 refuses all.",
    default: 128,
    min: 0,
    max: 2147483647,
    integer: true,
    fixed: true,
    section: 'limits',
  },
  maxConnectionsPerIp,
  maxRefusalsPerAddress,
  backlog: {
    kind: 'number',
    label: 'Backlog',
    help: "How many connections the operating system may hold before the server accepts them. The plugin's 5 makes the sixth of several clients that connect at once wait for seconds.",
    default: 511,
    min: 0,
    max: 65535,
    integer: true,
    fixed: true,
    ownPort: true,
    section: 'limits',
    rare: true,
  },
  handshakeTimeoutSecs: {
    kind: 'number',
    label: 'Handshake timeout',
    help: 'From the TCP connection to the end of the upgrade request, TLS included; then the connection is dropped.',
    unit: 's',
    default: 3,
    min: 0,
    above: true,
    max: maxTimerSecs,
    fixed: true,
    ownPort: true,
    section: 'limits',
  },
  maxPayload: maxPayloadOf(5242880),
  ...trafficOptions,
  ...sendLimits,
  maxBufferedTotal,
});
export type ServerOptions = Values<typeof serverOptions>;
