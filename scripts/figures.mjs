// Describes this machine in Markdown, and writes figures into a document.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from './node-red.mjs';

/** Returns the load of this machine, because the figures of a busy one are noisy. */
const [loadBefore] = loadavg();

export function machine() {
  const memory = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return `${cpus().length} × ${cpus()[0].model.trim()}, ${memory} GiB, Linux ${release()}, loopback only; load before the run ${loadBefore.toFixed(1)}; ${date}.`;
}

/** Returns the versions of the measured packages. Each takes the `require` to resolve from. */
export const versionOf = (name, from = createRequire(import.meta.url)) => from(`${name}/package.json`).version;
export const ownVersion = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** Returns the command line of the run. @param env settings before it, as `NAME=value `. */
export const command = (script, env = []) =>
  `Command: \`${env.join('')}${[`npm run ${script}`, ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ')}\`.`;

export const table = (head, lines) => [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Replaces the text between two marks in a document below `docs/`. */
export function writeBetween(name, title, [begin, end], text) {
  const file = join(root, 'docs', name);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : `# ${title}\n\n${begin}\n${end}\n`;
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/${name} must hold the lines ${begin} and ${end}: the tables go between them.`);
  writeFileSync(file, `${before.slice(0, from)}${begin}\n${text}${before.slice(to)}`);
  console.error(`Written to docs/${name}.`);
}
