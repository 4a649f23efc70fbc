import type { Headers } from '../core/events';

/**
 * Returns the headers with their received spelling. A repeated header has its first spelling and last value; all values of Set-Cookie are
 * kept.
 */
export function spelledHeaders(rawHeaders: readonly string[]): Headers {
  const headers: Headers = {};
  const spelling = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name, value] = [rawHeaders[i] as string, rawHeaders[i + 1] as string];
    const key = name.toLowerCase();
    const known = spelling.get(key);
    if (known === undefined) spelling.set(key, name);
    if (known !== undefined && key === 'set-cookie') headers[known] += `, ${value}`;
    else headers[known ?? name] = value;
  }
  return headers;
}
