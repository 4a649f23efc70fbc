/** The example files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Item {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}
export interface Example {
  /** The entry of the Import menu. */
  readonly title: string;
  readonly text: string;
  readonly items: readonly Item[];
}

export const folder = join(__dirname, '..', '..', 'examples');

const examplesIn = (path: string): readonly Example[] =>
  readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(path, name), 'utf8');
      return { title: name.slice(0, -'.json'.length), text, items: JSON.parse(text) };
    });

/** The examples that run without other programs, in the order of the menu. */
export const examples = examplesIn(folder);

/** The examples for 4D, in a separate sub-menu. */
export const examplesFor4D = examplesIn(join(folder, '4d'));

/** The examples for several Node-REDs, which need a broker. */
export const examplesForMany = examplesIn(join(folder, 'scale-out'));
