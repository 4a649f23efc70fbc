/** Descriptions of the replies of the commands. The help and the README are generated from them. */
export const startOutputs = {
  success: 'boolean: true if the handshake succeeded',
  http_status: 'number: the HTTP status, 0 if there was no response',
  headers: 'object: the response headers, with their original capitalization',
  uri: 'text: path and query of the URL, after redirects',
  protocol: 'text: the negotiated subprotocol',
  errorStr: 'text: on failure, what went wrong and what to do',
} as const;

export const infoOutputs = {
  readyState: 'text: connecting, open, closing or closed',
  URL: 'text: the URL, with *** for a password and for each value of the query',
  perMessageDeflateOptionsEnabled: 'boolean: true if compression is requested',
  pingInterval: 'number: seconds, −1 if off',
  bufferedAmount: 'number: bytes buffered for sending',
  automaticReconnectionEnabled: 'boolean',
  maxWaitBetweenReconnectionRetries: 'number: milliseconds',
  queued: 'number: messages that wait (only with queueSize or maxSendsPerSecond)',
} as const;

export const serverInfoOutputs = {
  clients: 'list: the request target of each open connection, in the order of connection',
  connections: 'list: details of each connection, in the same order',
  retained: 'list: tag, key, bytes and since of each kept message, oldest first (only once a message was sent with retain)',
} as const;

export const sendOutputs = {
  success: 'boolean: true if the message was passed to the operating system',
  compressionError: 'boolean: always false',
  payloadSize: 'number: the size of the message in bytes',
  wireSize: 'number: payload bytes on the wire, after compression',
  errorStr: 'text: on failure, what went wrong',
} as const;

/** The output of *client send* that server sends do not have. */
export const clientSendOutputs = {
  ...sendOutputs,
  queued: 'number: milliseconds that the message waited (only with queueSize or maxSendsPerSecond)',
} as const;

export const requestOutputs = {
  success: 'boolean: true if the peer answered with a result',
  result: 'object: the result, of any type',
  requestId: 'text: the id of the request, a number or a string',
  ms: 'number: milliseconds since the input',
  sent: 'boolean: true if the request may have reached the peer, so repeating it may execute it twice',
  error: 'object: the error of the peer, of any type',
  errorStr: 'text: on failure, what went wrong',
  part: 'number: with many, the number of the answer',
  last: 'boolean: with many, true on the last message',
  renewed: 'number: with keep, the number of reconnections so far',
} as const;

/** The descriptions that several commands use, by group. A translation key contains the group. */
export const sharedOutputs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  start: startOutputs,
  info: infoOutputs,
  serverInfo: serverInfoOutputs,
  send: clientSendOutputs,
  request: requestOutputs,
};
