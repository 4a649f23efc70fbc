import type { Headers } from '../../core/events';
import { hidden } from '../../core/text';

/** The pairs of a target's query that a parameter of this name has: where their values begin and end. */
function* valuesOf(target: string, name: string): Generator<{ from: number; to: number }> {
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
 * Returns where a name ends, each character of it as it is or escaped; −1 if another name begins there. Decoding each name of a query
 * takes 20 µs where it cannot be decoded: 80 ms for a request.
 *
 * @param name of letters, digits and signs that have one byte.
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

/** A query parameter's first value, decoded; `undefined` where there is none. */
export function parameterOf(target: string, name: string): string | undefined {
  for (const { from, to } of valuesOf(target, name)) return decoded(target.slice(from, to));
  return undefined;
}

/** A request target without the values of a query parameter. No name, no change. */
export function withoutParameter(target: string, name: string): string {
  if (name === '') return target;
  let shown = '';
  let at = 0;
  for (const { from, to } of valuesOf(target, name)) {
    shown += target.slice(at, from) + (to > from ? hidden : '');
    at = to;
  }
  return shown + target.slice(at);
}

/**
 * Request headers as they may be told.
 *
 * @param authenticates the server asks for credentials. Otherwise they are a flow's own business, which needs to see them.
 * @param parameter the query parameter with the token. A proxy may repeat the target in a header of its own.
 */
export function shownHeaders(headers: Headers, authenticates: boolean, parameter: string): Headers {
  if (!authenticates && parameter === '') return headers;
  const shown = { ...headers };
  for (const [name, value] of Object.entries(headers)) {
    shown[name] = withoutParameter(value, parameter);
    if (authenticates && name.toLowerCase() === 'authorization') shown[name] = hidden;
  }
  return shown;
}

/** As the query of a form has it; as it stands, where it cannot be read. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
