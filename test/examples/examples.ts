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

const folder = join(__dirname, '..', '..', 'examples');

/** All of them, in the order of the menu. */
export const examples: readonly Example[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return { title: name.slice(0, -'.json'.length), text, items: JSON.parse(text) };
  });
