/** A constraint on a value: a key of `constraints`, and the values of its `__placeholders__`. */
export interface Constraint {
  readonly key: keyof typeof constraints;
  readonly values?: Record<string, string | number>;
}

/** The English clauses that follow "must be". The other languages use the same keys. */
export const constraints = {
  text: 'a string',
  textUpTo: 'a string of at most __max__ characters',
  url: 'a URL that begins with ws:// or wss://, e.g. ws://127.0.0.1:8080/',
  httpUrl: 'a URL that begins with http:// or https://, e.g. http://127.0.0.1/hooks/ws',
  number: 'a number',
  numberFrom: 'a number of at least __min__',
  numberAbove: 'a number above __min__',
  numberRange: 'a number from __min__ to __max__',
  integer: 'a whole number',
  integerFrom: 'a whole number of at least __min__',
  integerRange: 'a whole number from __min__ to __max__',
  boolean: 'true or false',
  expression: 'a JSONata expression that can be parsed (__reason__)',
  headers: 'an object with header names as properties and strings as values',
  headerName: 'a valid HTTP header name (RFC 9110, section 5.1)',
  headerValue: 'a valid HTTP header value: a string on one line (RFC 9110, section 5.5)',
  subProtocols: 'a list of unique subprotocol names without spaces or separators (RFC 6455, section 4.1)',
  subProtocolPrefix: 'the beginning of a subprotocol name, without spaces or separators, such as bearer.',
  deflate: 'an object with any of clientNoContextTakeover, serverNoContextTakeover, clientMaxWindowBits and serverMaxWindowBits',
  pem: 'a PEM file path or PEM text',
  ca: 'a PEM file path, PEM text, SYSTEM or NONE',
  tlsConfig: 'a TLS configuration node',
  proxy: 'an HTTP proxy node',
  addressFamily: '2, 4 or "IPv4", or 6, 10, 23, 30 or "IPv6"',
  closeCode: 'a close code: 1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455, section 7.4)',
  closeReason: 'a string of at most 123 bytes in UTF-8 (RFC 6455, section 5.5)',
  choice: 'one of __choices__',
  names: 'a string or a list of strings',
  namesUpTo: 'a string or a list of strings, each of at most __max__ characters',
  origins:
    'a list of origins without a path, such as https://example.com or http://192.168.1.5:1880; same host, null and * are allowed too',
  networks: 'a list of addresses or networks, such as 192.168.1.5 or 10.0.0.0/8',
  pathPattern: 'a path whose parts are texts or :name (each name once, of letters, digits and _), with * only as its last part',
  path: 'a path that starts with / and contains no spaces, ? or #',
  dottedPath: 'names separated by dots, such as device.id',
  parameter: 'a name of letters, digits and the characters - . _ ~',
  protocol: 'a protocol node, the name of a preset, or an object that describes a protocol',
  json: 'an object or a list, written as JSON',
  secrets: 'an object whose values are strings',
} as const;

/** An invalid value: the constraint, the actual value, and the position inside the option (`.clientMaxWindowBits`). */
export class ValidationIssue {
  constructor(
    readonly constraint: Constraint,
    readonly got: unknown,
    readonly path = '',
  ) {}
}

/** Replaces the `__placeholders__` of a template. */
export const fill = (template: string, values: Record<string, string | number> = {}) =>
  template.replace(/__(\w+)__/g, (whole, name) => String(values[name] ?? whole));
