import type { Property } from '../properties';
import type { Problem } from '../values';
import { word } from './translate';

/** Returns a problem as a sentence, in the language of the editor. */
export const problemText = ({ key: property }: Property, { key, values, path }: Problem): string =>
  word('form.invalid', { label: `${word(`${property}.label`)}${path}`, constraint: word(key, values) });
