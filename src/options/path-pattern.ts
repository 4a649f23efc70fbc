/** Parses the option `path`. Pure, because the editor's validators run it in the browser. */

/** The maximum number of characters of one value. Node.js accepts request targets of at most 16 KiB. */
const longestValue = 1024;
const longestName = 64;

/** A path of a server. */
export interface PathPattern {
  /** True if it has no part that varies. */
  readonly isExact: boolean;
  /** The same for patterns that match the same paths. A pattern with a lower key is more specific. */
  readonly key: string;
  /**
   * Returns the values of the parts that vary, decoded; `undefined` if a path does not match. The rest of a path below `/*` is the value
   * of `*`.
   */
  match(path: string): Record<string, string> | undefined;
}

/** Returns the pattern of a path, whose parts may be `:name` and which may end in `/*`. @returns `undefined` for an invalid pattern. */
export function parsePath(path: string): PathPattern | undefined {
  const parts = path.split('/');
  const hasRest = parts.at(-1) === '*';
  if (hasRest) parts.pop();
  const names = parts.filter((part) => part.startsWith(':')).map((part) => part.slice(1));
  if (parts.includes('*') || new Set(names).size < names.length || !names.every(isName)) return undefined;
  const isExact = names.length === 0 && !hasRest;
  const match = isExact ? exactly(path) : matching(parts, hasRest);
  const key = [...parts.map((part) => (part.startsWith(':') ? '1' : `0${part}`)), ...(hasRest ? ['2'] : [])].join('/');
  return { isExact, key, match };
}

/** Returns whether a part may have this name. Names of Object.prototype would be found in every object. */
const isName = (name: string) => /^[A-Za-z_]\w*$/.test(name) && name.length <= longestName && !(name in Object.prototype);

function exactly(path: string): PathPattern['match'] {
  const spellings = spellingsOf(path);
  return (asked) => (spellings.includes(asked) ? {} : undefined);
}

function matching(parts: readonly string[], hasRest: boolean): PathPattern['match'] {
  const wanted = parts.map((part) => (part.startsWith(':') ? part.slice(1) : spellingsOf(part)));
  return (asked) => {
    const given = asked.split('/');
    if (hasRest ? given.length <= wanted.length : given.length !== wanted.length) return undefined;
    const params: Record<string, string> = {};
    const take = (name: string, part: string) => {
      params[name] = decode(part);
      return part.length <= longestValue;
    };
    for (let i = 0; i < wanted.length; i++) {
      const [part = '', want = ''] = [given[i], wanted[i]];
      if (typeof want === 'string' ? part === '' || !take(want, part) : !want.includes(part)) return undefined;
    }
    return hasRest && !take('*', given.slice(wanted.length).join('/')) ? undefined : params;
  };
}

/** Returns the spellings of a path that clients may send. A client may escape characters that need no escape. */
export const spellingsOf = (path: string): readonly string[] => [
  ...new Set([path, orUnchanged(encodeURI, path), orUnchanged(decodeURI, path)]),
];

const decode = (part: string): string => orUnchanged(decodeURIComponent, part);

/** Converts a text. Returns it unchanged if it has invalid escapes or half a character. */
function orUnchanged(convert: (text: string) => string, text: string): string {
  try {
    return convert(text);
  } catch {
    return text;
  }
}
