/** Values that no answer may contain, each with the text to show instead. */
export class Secrets {
  private readonly shown = new Map<string, string>();

  /** @param shown `${NAME}` for an environment variable, `***` for a credential. */
  add(value: unknown, shown: string): void {
    for (const form of formsOf(value)) if (form !== '' && !this.shown.has(form)) this.shown.set(form, shown);
  }

  /** Returns a copy without secrets in its texts and numbers. */
  hide<T>(value: T): T {
    if (Array.isArray(value)) return value.map((one) => this.hide(one)) as T;
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.hide(one)])) as T;
    }
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    const text = this.hideIn(String(value));
    return (text === String(value) ? value : text) as T;
  }

  private hideIn(text: string): string {
    const forms = [...this.shown.keys()].sort((a, b) => b.length - a.length).map(asWord);
    if (forms.length === 0) return text;
    const byText = new Map([...this.shown].map(([form, shown]) => [form.toLowerCase(), shown]));
    return text.replace(new RegExp(forms.join('|'), 'giu'), (found) => byText.get(found.toLowerCase()) ?? '***');
  }
}

/** Matches a secret only as a whole word: the secret `a` does not occur in `name`. */
const asWord = (form: string) =>
  `${/^[\p{L}\p{N}]/u.test(form) ? '(?<![\\p{L}\\p{N}])' : ''}${form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}${
    /[\p{L}\p{N}]$/u.test(form) ? '(?![\\p{L}\\p{N}])' : ''
  }`;

/** Returns the forms in which a sentence may show a value: whole, in parts, and escaped in a URL. */
function formsOf(value: unknown): string[] {
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([name, one]) => [name, ...formsOf(one)]);
  if (typeof value !== 'string') return [];
  const text = value.trim();
  return [value, text, text.replace(/^\[(.*)\]$/, '$1'), JSON.stringify(value).slice(1, -1), ...list(text), ...partsOfUrl(text)];
}

function list(text: string): string[] {
  try {
    const parsed: unknown = /^[{[]/.test(text) ? JSON.parse(text) : undefined;
    if (parsed !== undefined) return formsOf(parsed);
  } catch {
    // The text is not JSON.
  }
  return text.includes(',') ? text.split(',').map((part) => part.trim()) : [];
}

function partsOfUrl(text: string): string[] {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return [];
  }
  const { href, host, hostname, pathname, search, username, password, protocol, port } = url;
  if (host === '') return [];
  const usual = /^(wss|https):$/.test(protocol) ? '443' : '80';
  const path = pathname === '/' ? '' : pathname;
  return [
    ...[href, href.replace(/^http/, 'ws'), host, hostname, hostname.replace(/^\[|\]$/g, ''), `${hostname}:${port || usual}`],
    ...[
      path,
      search,
      path && pathname + search,
      ...search
        .slice(1)
        .split('&')
        .flatMap((pair) => [pair, pair.slice(pair.indexOf('=') + 1)]),
    ],
    ...[port, username, password, ...[username, password].map(decode)],
    ...(password ? [href.replace(`:${password}@`, ':***@'), href.replace(`:${password}@`, ':***@').replace(/^http/, 'ws')] : []),
  ];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
