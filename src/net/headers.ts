import type { Headers } from '../core/events';

/** Headers spelled as received: of a repeated one the first spelling and the last value, but all of Set-Cookie. */
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
