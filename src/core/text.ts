/**
 * Prepares external text for sentences: from a peer, a proxy, a file or a library; and URLs, which hold secrets. Pure, because the editor
 * uses it too.
 *
 * Every function shortens a text before reading it, and reads it once. The running time does not depend on the content.
 */

/** The replacement for a secret. */
export const hidden = '***';

/** The maximum number of characters that are read; the rest is cut off first. Servers accept request targets of at most 8 KiB. */
const longestRead = 8192;
const longestUrl = 1000;
const longestQuoted = 80;
const longestMessage = 300;
/** The maximum length of an HTTP reason phrase, in characters. */
export const longestStatus = 80;

/** Characters that end a line, control a terminal, or change the reading direction. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Returns a text with every unprintable character escaped as in JSON. */
export const oneLine = (text: string): string =>
  text.replace(unprintable, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Returns external text for a sentence: on one line, shortened, and without the secrets of its URLs. */
export function printable(text: string, max = longestMessage): string {
  // Longer than the text that is shown, so that the last URL is read completely.
  const head = text.slice(0, max + longestUrl);
  const words = head.split(/\s+/);
  const lastIsCut = text.length > head.length;
  const shown = words.map((word, i) => (/:\/\/|\?./.test(word) ? withoutSecrets(word, lastIsCut && i === words.length - 1) : word));
  return oneLine(shortened(shown.join(' ').trim(), max));
}

/** Returns external text in quotation marks: shortened, and without secrets if it is a URL. */
export const quoted = (text: string, max = longestQuoted): string => oneLine(JSON.stringify(shortened(withoutSecrets(text), max)));

/**
 * Returns a URL with its password, each value of its query, and its fragment shown as `***`. A part of the query without a value is hidden
 * completely, because it may be a token. A text that is not a valid URL, or lacks the scheme, is handled like a URL.
 */
export const shownUrl = (url: string): string => oneLine(shortened(withoutSecrets(url), longestUrl));

function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = text.slice(0, max - 3);
  // Half of a surrogate pair is not a valid character.
  return `${/[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head}...`;
}

function withoutSecrets(text: string, isCut = text.length > longestRead): string {
  const head = isCut ? text.slice(0, longestRead) : text;
  const password = passwordIn(head, isCut);
  if (!password) return withoutQuery(head);
  return `${head.slice(0, password.from)}${hidden}${withoutQuery(head.slice(password.to))}`;
}

/** Returns the position of the password in a URL. */
function passwordIn(text: string, isCut: boolean): { from: number; to: number } | undefined {
  const [beforeUser = ''] = /^\s*(?:[a-z][a-z\d+.-]*:)?[/\\]*/i.exec(text) ?? [];
  // Without a scheme, the user is at the beginning: ann:secret@host.
  for (const begin of [beforeUser.length, 0]) {
    const colon = text.indexOf(':', begin);
    const delimiter = text.slice(begin).search(/[/\\?#]/);
    const end = delimiter < 0 ? text.length : begin + delimiter;
    if (colon < 0 || colon > end) continue;
    // The end of the password may be in the part that was cut off.
    if (isCut) return { from: colon + 1, to: text.length };
    // An unescaped / ? or # in the password makes the URL invalid. Then the password may end at any @.
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

/** Hides the value in a part of a query, or the whole part if it has no value. Base64 padding is not a value. */
function withoutValue(part: string): string {
  const name = part.indexOf('=') + 1;
  return name > 0 && /[^=]/.test(part.slice(name)) ? `${part.slice(0, name)}${hidden}` : part && hidden;
}

/** Returns seconds as a sentence shows them: the rest of a deadline is 9.998 s. */
export const roundedSeconds = (seconds: number): number => (seconds < 1 ? Math.round(seconds * 100) / 100 : Math.round(seconds * 10) / 10);

/** `URL.canParse`, which the browsers of some editors do not have. */
function isUrl(text: string): boolean {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}
