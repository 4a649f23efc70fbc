/**
 * The English words that no declaration has: those of the forms, of the node status, and of the help's frame.
 * Everything else that is translated comes from the declarations.
 */
import type { DeflateOptions, Section } from '../../src/options/field';

export const sectionWords: Record<Section, string> = {
  connection: 'Connection',
  security: 'Security',
  reconnection: 'Reconnection',
  compression: 'Compression',
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
  misfit: '__label__ must be __wish__.',
  needed: '__label__ is needed.',
  environment: 'Use an environment variable',
  control: 'Choose a value',
  headerName: 'Name',
  headerValue: 'Value',
  addHeader: 'Add a header',
  removeHeader: 'Remove this header',
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
  tlsOn: 'on: the URL begins with wss://',
  tlsOff: 'off: the URL begins with ws://',
  tlsUnknown: 'as the URL says: on with wss://',
} as const;

/** What stands below a node, by the keys that the runtime's status table uses. */
export const statusWords = {
  stopped: 'stopped',
  connecting: 'connecting',
  connected: 'connected',
  listening: '__connections__ connected',
  waiting: 'again in __seconds__ s',
  closing: 'closing',
  cleared: 'cleared',
  unverified: 'connected, unverified',
} as const;
