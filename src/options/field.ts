import { canonicalOrigin, findNetwork } from './addresses';

/**
 * What an option is. This file is pure: the editor's validators run the same checks in the browser, so nothing
 * here may need Node.
 */

/** What the value of each kind of field is once it has been read. */
export interface Kinds {
  text: string;
  /** A ws:// or wss:// URL, as typed; http:// and https:// count as these. */
  url: string;
  /** An http:// or https:// URL, as typed. */
  httpUrl: string;
  number: number;
  boolean: boolean;
  /** Request headers. */
  headers: Record<string, string>;
  /** Subprotocols: tokens, each once. */
  subProtocols: string[];
  deflate: DeflateOptions;
  /** A PEM file's path, or PEM text. */
  pem: string;
  /** A PEM file's path, PEM text, `SYSTEM` or `NONE`. */
  ca: string;
  /** A core tls-config node (its id in a form, the node itself at run time). */
  tlsConfig: TlsSource;
  /** A core http proxy node, as `tlsConfig`. */
  proxy: ProxySource;
  addressFamily: 4 | 6;
  closeCode: number;
  closeReason: string;
  /** One of the field's `choices`. */
  choice: string;
  /** One text or several; a Server send's receivers. */
  names: string[];
  /** Origins of web pages, `same host`, or `*` for any. */
  origins: string[];
  /** Addresses, and networks in CIDR notation. */
  networks: string[];
  /** The path of a request target; empty for any. */
  path: string;
  /** The name of a query parameter; empty for none. */
  parameter: string;
}
export type Kind = keyof Kinds;

/** The parameters of permessage-deflate (RFC 7692, section 7.1). */
export interface DeflateOptions {
  clientNoContextTakeover?: boolean;
  serverNoContextTakeover?: boolean;
  clientMaxWindowBits?: number;
  serverMaxWindowBits?: number;
}

/** What Node-RED's core tls-config node offers to others. */
export interface TlsSource {
  readonly valid?: boolean;
  addTLSOptions(options: Record<string, unknown>): Record<string, unknown>;
}

/** What Node-RED's core http proxy node offers to others. */
export interface ProxySource {
  readonly url?: string;
  /** Hosts that are connected to directly. */
  readonly noproxy?: readonly string[];
  readonly credentials?: { readonly username?: string; readonly password?: string };
}

/** The sections of the config forms, in their order. */
export const sections = ['connection', 'access', 'security', 'reconnection', 'delivery', 'compression', 'limits'] as const;
export type Section = (typeof sections)[number];

/** One option of a socket or of a command, declared once: everything else that knows it is derived from this. */
export interface Field<K extends Kind = Kind> {
  readonly kind: K;
  /** What the form calls it. */
  readonly label: string;
  /** What it does: a sentence or two, in help, README and tooltips. */
  readonly help: string;
  /** In force when neither the message nor the config node says otherwise. */
  readonly default?: Kinds[K];
  /** The default as documentation shows it, where the value itself says too little. */
  readonly defaultText?: string;
  readonly unit?: 's' | 'ms' | 'bytes' | 'bits';
  readonly min?: number;
  readonly max?: number;
  /** Numbers: no fractions. */
  readonly integer?: true;
  /** Numbers: `min` itself is too little. */
  readonly above?: true;
  /** Texts and names: the most characters of one. */
  readonly maxLength?: number;
  /** Choices: what may be chosen, each with its words. */
  readonly choices?: Readonly<Record<string, string>>;
  readonly section?: Section;
  /** The form folds it away, unless it is set. */
  readonly rare?: true;
  /** Servers: cannot change after create. */
  readonly fixed?: true;
  /** Servers: means something on a port of their own only. */
  readonly ownPort?: true;
  /** Kept as a Node-RED credential, and shown nowhere: `text` can be seen while editing, `password` cannot. */
  readonly credential?: 'text' | 'password';
  /** Not settable by a message. */
  readonly formOnly?: true;
  /** Ours: the plugin has no such option. */
  readonly added?: true;
}
export type Fields = Record<string, Field>;

/** Declares fields, keeping their literal types for `Values`. */
export const fields = <const F extends { [name: string]: { [K in Kind]: Field<K> }[Kind] }>(declared: F): F => declared;

type Defaulted<F extends Fields> = { [N in keyof F]: F[N] extends { default: unknown } ? N : never }[keyof F];
/** The TypeScript type of the values that `read` gives for a set of fields. */
export type Values<F extends Fields> = { [N in Defaulted<F>]: Kinds[F[N]['kind']] } & {
  [N in Exclude<keyof F, Defaulted<F>>]?: Kinds[F[N]['kind']] | undefined;
};

/** What a value must be, as a key into `wishes` and the values of its `__placeholders__`. */
export interface Wish {
  readonly key: keyof typeof wishes;
  readonly values?: Record<string, string | number>;
}

/** The English half-sentences that follow "must be"; the other languages have them under the same keys. */
export const wishes = {
  text: 'a text',
  textUpTo: 'a text of at most __max__ characters',
  url: 'a URL that begins with ws:// or wss://, for instance ws://127.0.0.1:8080/',
  httpUrl: 'a URL that begins with http:// or https://, for instance http://127.0.0.1/hooks/ws',
  number: 'a number',
  numberFrom: 'a number of at least __min__',
  numberAbove: 'a number above __min__',
  numberRange: 'a number from __min__ to __max__',
  integer: 'a whole number',
  integerFrom: 'a whole number of at least __min__',
  integerRange: 'a whole number from __min__ to __max__',
  boolean: 'true or false',
  headers: 'an object whose properties are header names and whose values are texts',
  headerName: 'named with the letters, digits and signs that HTTP allows in a header name (RFC 9110, section 5.1)',
  headerValue: 'a text on one line, of characters that HTTP allows in a header (RFC 9110, section 5.5)',
  subProtocols: 'a list of different subprotocol names, without blanks or separators (RFC 6455, section 4.1)',
  deflate: 'an object with any of clientNoContextTakeover, serverNoContextTakeover, clientMaxWindowBits and serverMaxWindowBits',
  pem: "a PEM file's path or a PEM text",
  ca: "a PEM file's path, a PEM text, SYSTEM or NONE",
  tlsConfig: 'a TLS configuration node',
  proxy: 'an HTTP proxy node',
  addressFamily: '2, 4 or "IPv4", or 6, 10, 23, 30 or "IPv6"',
  closeCode: 'a close code: 1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455, section 7.4)',
  closeReason: 'a text of at most 123 bytes in UTF-8 (RFC 6455, section 5.5)',
  choice: 'one of __choices__',
  names: 'a text or a list of texts',
  namesUpTo: 'a text or a list of texts, each of at most __max__ characters',
  origins:
    'a list of origins without a path, such as https://example.com or http://192.168.1.5:1880; same host, null and * may be in it too',
  networks: 'a list of addresses or networks, such as 192.168.1.5 or 10.0.0.0/8',
  path: 'a path that begins with /, without blanks, ? and #',
  parameter: 'a name of letters, digits and the signs - . _ ~',
} as const;

/** A value that does not fit: what was wished, what came, and where inside the option (`.clientMaxWindowBits`). */
export class Misfit {
  constructor(
    readonly wish: Wish,
    readonly got: unknown,
    readonly path = '',
  ) {}
}

type Check<K extends Kind> = (
  value: unknown,
  field: Pick<Field<K>, 'min' | 'max' | 'integer' | 'above' | 'maxLength' | 'choices'>,
) => Kinds[K] | Misfit;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** Text that holds the JSON of an object or a list, as an environment variable does. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The entries of a list; it may be a text, with commas between them. */
function listed(value: unknown): unknown {
  const object = parsed(value);
  return typeof object === 'string' ? object.split(',').map((entry) => entry.trim()) : object;
}

/** A list whose entries are read one by one: the first that cannot be read is told. */
const listOf = (key: keyof typeof wishes, entry: (text: string) => string | undefined) => (value: unknown) => {
  const list = listed(value);
  if (!Array.isArray(list)) return new Misfit({ key }, value);
  const read: string[] = [];
  for (const given of list) {
    const text = typeof given === 'string' ? entry(given.trim()) : undefined;
    if (text === undefined) return new Misfit({ key }, given);
    read.push(text);
  }
  return read;
};

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What can stand in a header. */
export const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** A character may be two units of a text's length. */
const isLonger = (text: string, max: number) => text.length > max && (text.length > 2 * max || [...text].length > max);
const plain = (key: keyof typeof wishes) => (value: unknown) => (typeof value === 'string' ? value : new Misfit({ key }, value));

/** Decimal, as people write numbers: `Number` also reads `0x10`, `1e3` and the empty text. No option needs a longer one. */
const isNumeral = (text: string) => text.length <= 100 && /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text.trim());

const checkNumber: Check<'number'> = (value, { min, max, integer, above }) => {
  const number = typeof value === 'string' && isNumeral(value) ? Number(value) : value;
  const fits =
    typeof number === 'number' &&
    Number.isFinite(number) &&
    (!integer || Number.isInteger(number)) &&
    (min === undefined || (above ? number > min : number >= min)) &&
    (max === undefined || number <= max);
  if (fits) return number;
  // An upper bound that only keeps a timer from wrapping round is worth a reader's time when it was passed.
  const tooMuch = max !== undefined && (max < 2147483 || Number(number) > max);
  const range = tooMuch ? 'Range' : above ? 'Above' : min !== undefined ? 'From' : '';
  const key = range === 'Above' ? 'numberAbove' : (`${integer ? 'integer' : 'number'}${range}` as const);
  return new Misfit({ key, values: { min: min ?? '', max: max ?? '' } }, value);
};

const checkBoolean = (value: unknown): boolean | Misfit => {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (text === true || text === 'true') return true;
  if (text === false || text === 'false') return false;
  return new Misfit({ key: 'boolean' }, value);
};

const checkUrl = (key: 'url' | 'httpUrl', scheme: RegExp) => (value: unknown) => {
  const wrong = new Misfit({ key }, value);
  if (typeof value !== 'string' || !scheme.test(value)) return wrong;
  try {
    new URL(value);
    return value.trim();
  } catch {
    return wrong;
  }
};

const windowBits = { min: 8, max: 15, integer: true } as const;
const deflateChecks = {
  clientNoContextTakeover: checkBoolean,
  serverNoContextTakeover: checkBoolean,
  clientMaxWindowBits: (value: unknown) => checkNumber(value, windowBits),
  serverMaxWindowBits: (value: unknown) => checkNumber(value, windowBits),
} as const;

const families: Record<string, 4 | 6> = { 2: 4, 4: 4, IPV4: 4, 6: 6, 10: 6, 23: 6, 30: 6, IPV6: 6 };

/** Is this one of the codes that an endpoint may send (RFC 6455, sections 7.4.1 and 7.4.2)? */
export const isCloseCode = (code: number) =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

/** The check of each kind: the value as it will be used, or what it should have been. */
export const checks: { readonly [K in Kind]: Check<K> } = {
  text(value, { maxLength = Infinity }) {
    if (typeof value !== 'string') return new Misfit({ key: 'text' }, value);
    return isLonger(value, maxLength) ? new Misfit({ key: 'textUpTo', values: { max: maxLength } }, value) : value;
  },
  pem: plain('pem'),
  ca: plain('ca'),
  number: checkNumber,
  boolean: checkBoolean,
  url: checkUrl('url', /^\s*(wss?|https?):\/\//i),
  httpUrl: checkUrl('httpUrl', /^\s*https?:\/\//i),
  headers(value) {
    const object = parsed(value);
    if (!isRecord(object)) return new Misfit({ key: 'headers' }, value);
    const read: Record<string, string> = {};
    for (const [name, given] of Object.entries(object)) {
      const text = typeof given === 'number' || typeof given === 'boolean' ? String(given) : given;
      if (!token.test(name)) return new Misfit({ key: 'headerName' }, name, `.${name}`);
      if (typeof text !== 'string' || !headerValue.test(text)) return new Misfit({ key: 'headerValue' }, given, `.${name}`);
      read[name] = text;
    }
    return read;
  },
  subProtocols(value) {
    const list = listed(value);
    const fits =
      Array.isArray(list) && list.every((name) => typeof name === 'string' && token.test(name)) && new Set(list).size === list.length;
    return fits ? [...list] : new Misfit({ key: 'subProtocols' }, value);
  },
  deflate(value) {
    const object = parsed(value);
    if (!isRecord(object)) return new Misfit({ key: 'deflate' }, value);
    const read: Record<string, unknown> = {};
    for (const [name, given] of Object.entries(object)) {
      if (given === undefined) continue;
      const check = Object.hasOwn(deflateChecks, name) ? deflateChecks[name as keyof DeflateOptions] : undefined;
      if (!check) return new Misfit({ key: 'deflate' }, `${name}`, `.${name}`);
      const checked = check(given);
      if (checked instanceof Misfit) return new Misfit(checked.wish, given, `.${name}`);
      read[name] = checked;
    }
    return read as DeflateOptions;
  },
  tlsConfig(value) {
    const usable = typeof value === 'object' && value !== null && typeof (value as TlsSource).addTLSOptions === 'function';
    return usable ? (value as TlsSource) : new Misfit({ key: 'tlsConfig' }, value);
  },
  proxy(value) {
    const usable = typeof value === 'object' && value !== null && 'url' in value;
    return usable ? (value as ProxySource) : new Misfit({ key: 'proxy' }, value);
  },
  addressFamily(value) {
    const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim().toUpperCase() : '';
    return (Object.hasOwn(families, text) && families[text]) || new Misfit({ key: 'addressFamily' }, value);
  },
  closeCode(value) {
    const number = checkNumber(value, { integer: true });
    return typeof number === 'number' && isCloseCode(number) ? number : new Misfit({ key: 'closeCode' }, value);
  },
  closeReason(value) {
    const fits = typeof value === 'string' && new TextEncoder().encode(value).length <= 123;
    return fits ? value : new Misfit({ key: 'closeReason' }, value);
  },
  choice(value, { choices = {} }) {
    const fits = typeof value === 'string' && Object.hasOwn(choices, value);
    return fits ? value : new Misfit({ key: 'choice', values: { choices: Object.keys(choices).join(', ') } }, value);
  },
  names(value, { maxLength = Infinity }) {
    if (value === '') return [];
    const list: unknown[] = typeof value === 'string' ? [value] : Array.isArray(value) ? [...value] : [undefined];
    if (!list.every((name) => typeof name === 'string')) return new Misfit({ key: 'names' }, value);
    const tooLong = list.find((name) => isLonger(name, maxLength));
    return tooLong === undefined ? list : new Misfit({ key: 'namesUpTo', values: { max: maxLength } }, tooLong);
  },
  origins: listOf('origins', (text) => (text === '*' || text === 'same host' ? text : canonicalOrigin(text))),
  networks: listOf('networks', (text) => (findNetwork(text) ? text : undefined)),
  path(value) {
    const fits = typeof value === 'string' && /^(\/[^?#\s\p{Cs}]*)?$/u.test(value);
    return fits ? value : new Misfit({ key: 'path' }, value);
  },
  parameter(value) {
    const fits = typeof value === 'string' && /^[\w.~-]*$/.test(value);
    return fits ? value : new Misfit({ key: 'parameter' }, value);
  },
};

/** The check that a field's kind has, with the field's own bounds. */
export function check(field: Field, value: unknown): Kinds[Kind] | Misfit {
  return (checks[field.kind] as Check<Kind>)(value, field);
}

/** A template with its `__placeholders__` filled in. */
export const fill = (template: string, values: Record<string, string | number> = {}) =>
  template.replace(/__(\w+)__/g, (whole, name) => String(values[name] ?? whole));
