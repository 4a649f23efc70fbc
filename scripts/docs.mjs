// Writes the tables of README.md from the declarations, between their marks. With --check: only says whether they are up to date.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const { tables } = await load('nodes/editor/build/readme.ts');
const readme = await readFile('README.md', 'utf8');
let written = readme;
for (const [name, table] of Object.entries(tables)) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [written.indexOf(open), written.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`README.md lacks the marks ${open} and ${close}.`);
  written = `${written.slice(0, from + open.length)}\n${table()}\n${written.slice(to)}`;
}

if (written === readme) console.log('README.md is up to date.');
else if (process.argv.includes('--check')) {
  console.error('README.md is not up to date with the declarations: run npm run docs.');
  process.exitCode = 1;
} else {
  await writeFile('README.md', written);
  console.log('README.md was brought up to date.');
}
