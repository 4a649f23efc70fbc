/**
 * Build side: the texts of a language file that need another check. A language file contains, beside its texts, under
 * `source`, the fingerprint of each English text at the time of its translation.
 */
import { createHash } from 'node:crypto';
import { english, flat, type Language, type Words } from './catalogue';

export interface Translation extends Language {
  readonly source?: Readonly<Record<string, string>>;
}

const fingerprint = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Returns every text of a language, by its key with its half: `editor.form.client`, `help.headings.inputs`. */
export const texts = ({ editor, help }: Language) => flat({ editor, help });

/** Returns the open work of a language: missing keys, keys whose English has changed, and keys that English no longer has. */
export function open(translation: Translation) {
  const ours = texts(english());
  const theirs = texts(translation);
  return {
    missing: Object.keys(ours).filter((key) => !(key in theirs)),
    changed: Object.entries(ours)
      .filter(([key, text]) => key in theirs && translation.source?.[key] !== fingerprint(text))
      .map(([key]) => key),
    gone: [...new Set([...Object.keys(theirs), ...Object.keys(translation.source ?? {})])].filter((key) => !(key in ours)),
  };
}

/**
 * Returns the texts of a language with those whose key changed: a new key receives the text of a key that English no
 * longer has, if both keys end alike and the fingerprint is that of the new key's English.
 */
function withMoved(translation: Translation): Record<string, string> {
  const ours = texts(english());
  const theirs = texts(translation);
  const { missing, gone } = open(translation);
  const ending = (key: string) =>
    key
      .split('.')
      .slice(key.includes('.choices.') ? -3 : key.startsWith('editor.') ? -2 : -1)
      .join('.');
  const places = new Map(gone.map((key) => [`${ending(key)} ${translation.source?.[key]}`, key]));
  for (const key of missing) {
    const old = places.get(`${ending(key)} ${fingerprint(ours[key] as string)}`);
    const text = old && theirs[old];
    if (text !== undefined) theirs[key] = text;
  }
  return theirs;
}

/** Returns the language file with every text marked as a translation of the current English: in the order of English, without obsolete keys. */
export function done(translation: Translation): Translation {
  const { editor, help } = english();
  const theirs = withMoved(translation);
  const inOrder = (words: Words, prefix: string): Words =>
    Object.fromEntries(
      Object.entries(words).flatMap(([key, value]): [string, string | Words][] => {
        const text = theirs[`${prefix}${key}`];
        if (typeof value !== 'string') return [[key, inOrder(value, `${prefix}${key}.`)]];
        return text === undefined ? [] : [[key, text]];
      }),
    );
  const source = Object.entries(texts({ editor, help })).filter(([key]) => key in theirs);
  return {
    editor: inOrder(editor, 'editor.'),
    help: inOrder(help, 'help.'),
    source: Object.fromEntries(source.map(([key, text]) => [key, fingerprint(text)])),
  };
}

export { english };
