import type { Headers } from '../../core/events';
import { hidden } from '../../core/text';
import { valuesOf } from '../../net/request-target';

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
