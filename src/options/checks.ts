import { parsePath as parseDottedPath } from '../core/path';
import { isRecord } from '../core/record';
import { canonicalOrigin, findNetwork } from './addresses';
import { Computed } from './computed';
import { type constraints, ValidationIssue } from './expectations';
import type { Field } from './field';
import type { DeflateOptions, Kind, Kinds, ProtocolSource, ProxySource, TlsSource } from './kinds';
import { parsePath } from './path-pattern';

type Check<K extends Kind> = (
  value: unknown,
  field: Pick<Field<K>, 'min' | 'max' | 'integer' | 'above' | 'maxLength' | 'choices'>,
) => Kinds[K] | ValidationIssue;

/** Parses text that holds the JSON of an object or a list, such as an environment variable. Returns other values unchanged. */
export function parseObject(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Returns the entries of a list, which may be text with commas between them. */
function list(value: unknown): unknown {
  const object = parseObject(value);
  return typeof object === 'string' ? object.split(',').map((entry) => entry.trim()) : object;
}

/** Returns the check of a list whose entries are checked in order. The first invalid entry is reported. */
const listOf = (key: keyof typeof constraints, entry: (text: string) => string | undefined) => (value: unknown) => {
  const entries = list(value);
  if (!Array.isArray(entries)) return new ValidationIssue({ key }, value);
  const read: string[] = [];
  for (const given of entries) {
    const text = typeof given === 'string' ? entry(given.trim()) : undefined;
    if (text === undefined) return new ValidationIssue({ key }, given);
    read.push(text);
  }
  return read;
};

/** The name of a header (RFC 9110, section 5.6.2). */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** The characters that are allowed in a header value. */
export const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Returns true if a text has more than `max` characters. A character may be two units of a string's length. */
const isLonger = (text: string, max: number) => text.length > max && (text.length > 2 * max || [...text].length > max);
const plain = (key: keyof typeof constraints) => (value: unknown) =>
  typeof value === 'string' ? value : new ValidationIssue({ key }, value);

/** Returns true for a decimal number. `Number` also accepts `0x10`, `1e3` and the empty text. No option needs more than 100 characters. */
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
  // An upper bound that only prevents a timer overflow is mentioned only if the value exceeds it.
  const tooMuch = max !== undefined && (max < 2147483 || Number(number) > max);
  const range = tooMuch ? 'Range' : above ? 'Above' : min !== undefined ? 'From' : '';
  const key = range === 'Above' ? 'numberAbove' : (`${integer ? 'integer' : 'number'}${range}` as const);
  return new ValidationIssue({ key, values: { min: min ?? '', max: max ?? '' } }, value);
};

const checkBoolean = (value: unknown): boolean | ValidationIssue => {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (text === true || text === 'true') return true;
  if (text === false || text === 'false') return false;
  return new ValidationIssue({ key: 'boolean' }, value);
};

const checkUrl = (key: 'url' | 'httpUrl', scheme: RegExp) => (value: unknown) => {
  const issue = new ValidationIssue({ key }, value);
  if (typeof value !== 'string' || !scheme.test(value)) return issue;
  try {
    new URL(value);
    return value.trim();
  } catch {
    return issue;
  }
};

const checkWsUrl = checkUrl('url', /^\s*(wss?|https?):\/\//i);

/** The expression itself is not shown, because it may contain a secret. */
const checkComputed = (value: Computed) =>
  value.problem === undefined ? value : new ValidationIssue({ key: 'expression', values: { reason: value.problem } }, 'an expression');

const checkPath = (value: unknown) => {
  const fits = typeof value === 'string' && /^(\/[^?#\s\p{Cs}]*)?$/u.test(value);
  return fits ? value : new ValidationIssue({ key: 'path' }, value);
};

const windowBits = { min: 8, max: 15, integer: true } as const;
const deflateChecks = {
  clientNoContextTakeover: checkBoolean,
  serverNoContextTakeover: checkBoolean,
  clientMaxWindowBits: (value: unknown) => checkNumber(value, windowBits),
  serverMaxWindowBits: (value: unknown) => checkNumber(value, windowBits),
} as const;

const families: Record<string, 4 | 6> = { 2: 4, 4: 4, IPV4: 4, 6: 6, 10: 6, 23: 6, 30: 6, IPV6: 6 };

/** Returns true for a code that an endpoint may send (RFC 6455, sections 7.4.1 and 7.4.2). */
export const isCloseCode = (code: number) =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

/** The check of each kind. It returns the value to use, or the constraint that was violated. */
export const checks: { readonly [K in Kind]: Check<K> } = {
  text(value, { maxLength = Infinity }) {
    if (typeof value !== 'string') return new ValidationIssue({ key: 'text' }, value);
    return isLonger(value, maxLength) ? new ValidationIssue({ key: 'textUpTo', values: { max: maxLength } }, value) : value;
  },
  pem: plain('pem'),
  ca: plain('ca'),
  number: checkNumber,
  boolean: checkBoolean,
  url: (value) => (value instanceof Computed ? checkComputed(value) : checkWsUrl(value)),
  httpUrl: checkUrl('httpUrl', /^\s*https?:\/\//i),
  headers(value) {
    const object = parseObject(value);
    if (!isRecord(object)) return new ValidationIssue({ key: 'headers' }, value);
    const read: Record<string, string | Computed> = {};
    for (const [name, given] of Object.entries(object)) {
      const text = typeof given === 'number' || typeof given === 'boolean' ? String(given) : given;
      if (!token.test(name)) return new ValidationIssue({ key: 'headerName' }, name, `.${name}`);
      if (text instanceof Computed) {
        const checked = checkComputed(text);
        if (checked instanceof ValidationIssue) return new ValidationIssue(checked.constraint, checked.got, `.${name}`);
        read[name] = checked;
        continue;
      }
      if (typeof text !== 'string' || !headerValue.test(text)) return new ValidationIssue({ key: 'headerValue' }, given, `.${name}`);
      read[name] = text;
    }
    return read;
  },
  subProtocols(value) {
    const entries = list(value);
    const fits =
      Array.isArray(entries) &&
      entries.every((name) => typeof name === 'string' && token.test(name)) &&
      new Set(entries).size === entries.length;
    return fits ? [...entries] : new ValidationIssue({ key: 'subProtocols' }, value);
  },
  subProtocolPrefix(value) {
    const fits = value === '' || (typeof value === 'string' && token.test(value));
    return fits ? value : new ValidationIssue({ key: 'subProtocolPrefix' }, value);
  },
  deflate(value) {
    const object = parseObject(value);
    if (!isRecord(object)) return new ValidationIssue({ key: 'deflate' }, value);
    const read: Record<string, unknown> = {};
    for (const [name, given] of Object.entries(object)) {
      if (given === undefined) continue;
      const check = Object.hasOwn(deflateChecks, name) ? deflateChecks[name as keyof DeflateOptions] : undefined;
      if (!check) return new ValidationIssue({ key: 'deflate' }, `${name}`, `.${name}`);
      const checked = check(given);
      if (checked instanceof ValidationIssue) return new ValidationIssue(checked.constraint, given, `.${name}`);
      read[name] = checked;
    }
    return read as DeflateOptions;
  },
  tlsConfig(value) {
    const usable = typeof value === 'object' && value !== null && typeof (value as TlsSource).addTLSOptions === 'function';
    return usable ? (value as TlsSource) : new ValidationIssue({ key: 'tlsConfig' }, value);
  },
  proxy(value) {
    const usable = typeof value === 'object' && value !== null && 'url' in value;
    return usable ? (value as ProxySource) : new ValidationIssue({ key: 'proxy' }, value);
  },
  addressFamily(value) {
    const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim().toUpperCase() : '';
    return (Object.hasOwn(families, text) && families[text]) || new ValidationIssue({ key: 'addressFamily' }, value);
  },
  closeCode(value) {
    const number = checkNumber(value, { integer: true });
    return typeof number === 'number' && isCloseCode(number) ? number : new ValidationIssue({ key: 'closeCode' }, value);
  },
  closeReason(value) {
    const fits = typeof value === 'string' && new TextEncoder().encode(value).length <= 123;
    return fits ? value : new ValidationIssue({ key: 'closeReason' }, value);
  },
  choice(value, { choices = {} }) {
    const fits = typeof value === 'string' && Object.hasOwn(choices, value);
    return fits ? value : new ValidationIssue({ key: 'choice', values: { choices: Object.keys(choices).join(', ') } }, value);
  },
  names(value, { maxLength = Infinity }) {
    if (value === '') return [];
    const entries: unknown[] = typeof value === 'string' ? [value] : Array.isArray(value) ? [...value] : [undefined];
    if (!entries.every((name) => typeof name === 'string')) return new ValidationIssue({ key: 'names' }, value);
    const tooLong = entries.find((name) => isLonger(name, maxLength));
    return tooLong === undefined ? entries : new ValidationIssue({ key: 'namesUpTo', values: { max: maxLength } }, tooLong);
  },
  origins: listOf('origins', (text) => (text === '*' || text === 'same host' ? text : canonicalOrigin(text))),
  networks: listOf('networks', (text) => (findNetwork(text) ? text : undefined)),
  path: checkPath,
  pathPattern(value) {
    const path = checkPath(value);
    return typeof path !== 'string' || parsePath(path) ? path : new ValidationIssue({ key: 'pathPattern' }, value);
  },
  protocol(value) {
    const object = parseObject(value);
    const fits = (typeof object === 'string' && object.trim() !== '') || isRecord(object);
    return fits ? (object as string | ProtocolSource) : new ValidationIssue({ key: 'protocol' }, value);
  },
  any: (value) => value,
  json(value) {
    const object = parseObject(value);
    return typeof object === 'object' && object !== null ? object : new ValidationIssue({ key: 'json' }, value);
  },
  secrets(value) {
    const object = parseObject(value);
    const fits = isRecord(object) && Object.values(object).every((text) => typeof text === 'string');
    return fits ? ({ ...object } as Record<string, string>) : new ValidationIssue({ key: 'secrets' }, value);
  },
  dottedPath: (value) => parseDottedPath(value)?.text ?? new ValidationIssue({ key: 'dottedPath' }, value),
  parameter(value) {
    const fits = typeof value === 'string' && /^[\w.~-]*$/.test(value);
    return fits ? value : new ValidationIssue({ key: 'parameter' }, value);
  },
};

/** Runs the check of a field's kind with the field's own bounds. */
export function check(field: Field, value: unknown): Kinds[Kind] | ValidationIssue {
  return (checks[field.kind] as Check<Kind>)(value, field);
}
