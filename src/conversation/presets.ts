import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Evaluated at the first use, because the build bundles this file for another place. */
const folder = () => join(__dirname, '../presets');

/** Returns the names of the presets: the names of the files in `src/presets`. */
export const presetNames = (): readonly string[] =>
  readdirSync(folder())
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();

/** Returns the description of a preset, or `undefined` if there is none of that name. */
export function readPreset(name: string): Readonly<Record<string, unknown>> | undefined {
  // The name comes from a message, so it must not lead to another file.
  if (!presetNames().includes(name)) return undefined;
  return JSON.parse(readFileSync(join(folder(), `${name}.json`), 'utf8'));
}
