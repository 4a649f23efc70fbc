import type { Headers } from '../../core/events';
import { hidden } from '../../core/text';
import { valuesOf } from '../../net/request-target';
import { shownSubProtocol } from './sub-protocols';

/** Returns a request target with the values of a query parameter hidden. With an empty name it is unchanged. */
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
 * Returns request headers with secrets hidden.
 *
 * @param authenticates whether the server checks credentials. If it does not, the flow may check them, so they stay visible.
 * @param parameter the query parameter with the token. It is hidden in headers because a proxy may repeat the request target there.
 * @param prefixes the prefixes of subprotocols that carry a token.
 */
export function shownHeaders(headers: Headers, authenticates: boolean, parameter: string, prefixes: readonly string[] = []): Headers {
  if (!authenticates && parameter === '' && prefixes.length === 0) return headers;
  const shown = { ...headers };
  for (const [name, value] of Object.entries(headers)) {
    shown[name] = withoutParameter(value, parameter);
    if (authenticates && name.toLowerCase() === 'authorization') shown[name] = hidden;
    if (name.toLowerCase() === 'sec-websocket-protocol') shown[name] = withoutTokens(value, prefixes);
  }
  return shown;
}

/** Returns a list of subprotocols with each token hidden. */
const withoutTokens = (list: string, prefixes: readonly string[]) => list.replace(/[^\s,]+/g, (name) => shownSubProtocol(name, prefixes));
