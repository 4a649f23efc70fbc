/**
 * Texts in sentences that somebody else wrote: a peer, a proxy, a file, a library; and URLs, which hold secrets. Pure: the editor uses it too.
 *
 * Every function shortens a text before it reads it, and reads it once. The time does not depend on who wrote the text.
 */

/** Replaces a secret. */
export const hidden = '***';

/** A longer text is cut before it is read. Servers take request targets of at most 8 KiB. */
const longestRead = 8192;
const longestUrl = 1000;
const longestQuoted = 80;
const longestMessage = 300;
/** Characters of the reason phrase of an HTTP status. */
export const longestStatus = 80;

/** Characters that end a line, control a terminal, or change the order in which a line is read. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Returns a text with every unprintable character escaped as in JSON. */
export const oneLine = (text: string): string =>
  text.replace(unprintable, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Returns a text of somebody else as a sentence may hold it: on one line, shortened, without the secrets of the URLs in it. */
export function printable(text: string, max = longestMessage): string {
  // Longer than what is shown, so that the last URL is read whole.
  const head = text.slice(0, max + longestUrl);
  const words = head.split(/\s+/);
  const lastIsCut = text.length > head.length;
  const shown = words.map((word, i) => (/:\/\/|\?./.test(word) ? withoutSecrets(word, lastIsCut && i === words.length - 1) : word));
  return oneLine(shortened(shown.join(' ').trim(), max));
}

/** Returns a text of somebody else in quotation marks: shortened, and without secrets if it is a URL. */
export const quoted = (text: string, max = longestQuoted): string => oneLine(JSON.stringify(shortened(withoutSecrets(text), max)));

/**
 * Returns a URL with its password, each value of its query, and its fragment shown as `***`. A part of the query that has no value
 * is hidden whole, since it may be a token. Texts that are not a valid URL, or lack the scheme, are read like URLs.
 */
export const shownUrl = (url: string): string => oneLine(shortened(withoutSecrets(url), longestUrl));

function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = text.slice(0, max - 3);
  // Half of a surrogate pair is not a character.
  return `${/[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head}...`;
}

function withoutSecrets(text: string, isCut = text.length > longestRead): string {
  const head = isCut ? text.slice(0, longestRead) : text;
  const password = passwordIn(head, isCut);
  if (!password) return withoutQuery(head);
  return `${head.slice(0, password.from)}${hidden}${withoutQuery(head.slice(password.to))}`;
}

/** Where the password of a URL is. */
function passwordIn(text: string, isCut: boolean): { from: number; to: number } | undefined {
  const [beforeUser = ''] = /^\s*(?:[a-z][a-z\d+.-]*:)?[/\\]*/i.exec(text) ?? [];
  // Without a scheme the user comes first: ann:secret@host.
  for (const begin of [beforeUser.length, 0]) {
    const colon = text.indexOf(':', begin);
    const delimiter = text.slice(begin).search(/[/\\?#]/);
    const end = delimiter < 0 ? text.length : begin + delimiter;
    if (colon < 0 || colon > end) continue;
    // The end of the password may be in what was cut off.
    if (isCut) return { from: colon + 1, to: text.length };
    // A / ? or # in the password that is not escaped makes the URL unreadable. Then the password may end at any @.
    const at = text.lastIndexOf('@', isUrl(text) ? end : text.length);
    if (at > colon) return { from: colon + 1, to: at };
  }
  return undefined;
}

function withoutQuery(text: string): string {
  const [, before = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  const shown = query === undefined ? '' : `?${query.split('&').map(withoutValue).join('&')}`;
  return `${before}${shown}${fragment === undefined ? '' : `#${fragment && hidden}`}`;
}

/** The padding of Base64 is not a value. */
function withoutValue(part: string): string {
  const name = part.indexOf('=') + 1;
  return name > 0 && /[^=]/.test(part.slice(name)) ? `${part.slice(0, name)}${hidden}` : part && hidden;
}

/** `URL.canParse`, which the browsers of some editors lack. */
function isUrl(text: string): boolean {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}
