/** The examples as files. */
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

/** Those that run by themselves, in the order of the menu. */
export const examples = examplesIn(folder);

/** Those for 4D, which have a sub-menu of their own. */
export const examplesFor4D = examplesIn(join(folder, '4d'));

/** Those for more than one Node-RED, which need a broker. */
export const examplesForMany = examplesIn(join(folder, 'scale-out'));
