import type { Headers } from './events';

/** Headers spelled as received: of a repeated one the first spelling and the last value, but all of Set-Cookie. */
export function spelledHeaders(rawHeaders: readonly string[]): Headers {
  const headers: Headers = {};
  const spelling = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name, value] = [rawHeaders[i] as string, rawHeaders[i + 1] as string];
    const known = spelling.get(name.toLowerCase());
    if (known !== undefined && name.toLowerCase() === 'set-cookie') headers[known] += `, ${value}`;
    else headers[known ?? name] = value;
    if (known === undefined) spelling.set(name.toLowerCase(), name);
  }
  return headers;
}
