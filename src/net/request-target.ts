import { parse } from 'node:querystring';

/** Returns the path of a request target, which may be a complete URL (RFC 9112, section 3.2). */
export const pathOf = (target: string) => target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '') || '/';

/** The parts of a request target. */
export interface TargetParts {
  /** The part before the question mark, as received. */
  path: string;
  /** The decoded part after the question mark. A repeated name has a list of values. */
  query: Record<string, string | string[]>;
}

/** Splits a request target into path and query (RFC 9112, section 3.2). Invalid escapes are left unchanged. */
export function splitTarget(uri: string): TargetParts {
  const [path = ''] = uri.split('?', 1);
  // The parser's object has no prototype, which flows do not expect. Spreading makes even `__proto__` an ordinary property.
  return { path, query: { ...parse(uri.slice(path.length + 1)) } as TargetParts['query'] };
}

/** Yields the start and end of each value of the query parameter with this name. */
export function* valuesOf(target: string, name: string): Generator<{ from: number; to: number }> {
  let from = target.indexOf('?') + 1;
  while (from > 0 && from <= target.length) {
    const and = target.indexOf('&', from);
    const to = and < 0 ? target.length : and;
    const end = endOfName(target, from, name);
    if (end === to || target[end] === '=') yield { from: Math.min(end + 1, to), to };
    from = to + 1;
  }
}

/**
 * Returns the index after the name, or −1 if another name starts there. Each character may be literal or escaped. Names are not decoded: a
 * name that cannot be decoded takes 20 µs, which is 80 ms for a request.
 *
 * @param name consists of letters, digits and signs of one byte.
 */
function endOfName(target: string, from: number, name: string): number {
  let at = from;
  for (let i = 0; i < name.length; i++) {
    if (target[at] === name[i]) at++;
    else if (target[at] === '%' && Number.parseInt(target.slice(at + 1, at + 3), 16) === name.charCodeAt(i)) at += 3;
    else return -1;
  }
  return at;
}

/** Returns the first value of a query parameter, decoded; `undefined` if there is none. */
export function parameterOf(target: string, name: string): string | undefined {
  for (const { from, to } of valuesOf(target, name)) return decode(target.slice(from, to));
  return undefined;
}

/** Decodes text of a form's query. Returns the text unchanged if it cannot be decoded. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
