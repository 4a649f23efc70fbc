/** The longest wait that a peer can ask for, ms. */
const longest = 3_600_000;

/**
 * Returns the wait that a Retry-After header asks for, in ms and at most an hour (RFC 9110, section 10.2.3).
 *
 * @param now the current time, ms since 1970, from which a date counts.
 * @returns `undefined` if the header is absent or cannot be read.
 */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text) * 1000, longest);
  // Other texts, such as `-5`, are dates to `Date.parse` too.
  if (!/^[A-Z][a-z]{2,8},? /.test(text) || text.length > 40) return undefined;
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.min(Math.max(until - now, 0), longest);
}
