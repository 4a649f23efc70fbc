import { optionError, type SocketError, show } from '../core/errors';

/** The longest part of a peer's message that a sentence cites, characters. */
const maxCited = 200;

/** Returns the error of a protocol description that cannot be used. @param place where, for example `onOpen[1].wait`. */
export const protocolError = (place: string, constraint: string, got: unknown): SocketError =>
  optionError(`The option protocol.${place} must be ${constraint}; got ${show(got)}.`, undefined, 'protocol');

/** Returns a function that replaces each secret in a text by `***`, as it is, in JSON and in a URL. */
export function redactor(secrets: Readonly<Record<string, string>>): (text: string) => string {
  const values = Object.values(secrets)
    .flatMap((secret) => (secret === '' ? [] : [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]))
    .sort((one, other) => other.length - one.length);
  if (values.length === 0) return (text) => text;
  return (text) => values.reduce((shown, value) => shown.replaceAll(value, '***'), text);
}

/** Returns what a peer sent, for a sentence: shortened, and without secrets. */
export function cite(str: string | Buffer, redact: (text: string) => string): string {
  // Redacted before it is cut: half of a secret would not be found.
  const text = redact(typeof str === 'string' ? str.slice(0, 65_536) : `${str.length} bytes ${str.subarray(0, 60).toString('hex')}`);
  return text.length > maxCited ? `${text.slice(0, maxCited)}…` : text;
}
