/** Descriptions of the replies of the commands. The help and the README are generated from them. */
export const startOutputs = {
  success: 'boolean: the handshake succeeded',
  http_status: 'number: the HTTP status, 0 if there was no answer',
  headers: 'object: the answered headers, spelled as received',
  uri: 'text: path and query of the URL, after redirects',
  protocol: 'text: the subprotocol agreed on',
  errorStr: 'text: what went wrong and what to do, on failure',
} as const;

export const infoOutputs = {
  readyState: 'text: connecting, open, closing or closed',
  URL: 'text: the URL, with *** for a password and for each value of the query',
  perMessageDeflateOptionsEnabled: 'boolean: compression is asked for',
  pingInterval: 'number: seconds, −1 when off',
  bufferedAmount: 'number: bytes that wait to be sent',
  automaticReconnectionEnabled: 'boolean',
  maxWaitBetweenReconnectionRetries: 'number: milliseconds',
} as const;

export const serverInfoOutputs = {
  clients: 'list: the request target of each open connection, in the order of connection',
  connections: 'list: what is known of each, in the same order',
} as const;

export const sendOutputs = {
  success: 'boolean: the message was handed to the operating system',
  compressionError: 'boolean: always false',
  payloadSize: "number: the message's bytes",
  wireSize: 'number: the payload bytes as framed, after compression',
  errorStr: 'text: what went wrong, on failure',
} as const;
