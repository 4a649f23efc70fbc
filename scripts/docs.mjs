// Writes the tables of the documentation from the declarations, between their marks. --check only reports whether they are up to date.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const { tables } = await load('nodes/editor/build/readme.ts');
const names = (await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
const pages = new Map(await Promise.all(names.map(async (name) => [name, await readFile(name, 'utf8')])));
const written = new Map(pages);
for (const [name, table] of Object.entries(tables)) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const page = [...written].find(([, text]) => text.includes(open));
  const [from, to] = page ? [page[1].indexOf(open), page[1].indexOf(close)] : [-1, -1];
  if (!page || to < from) throw new Error(`No page of docs/ has the marks ${open} and ${close}.`);
  written.set(page[0], `${page[1].slice(0, from + open.length)}\n${table()}\n${page[1].slice(to)}`);
}

const changed = [...written].filter(([name, text]) => pages.get(name) !== text);
if (changed.length === 0) console.log('The tables of the documentation are up to date.');
else if (process.argv.includes('--check')) {
  console.error(`${changed.map(([name]) => name).join(', ')} not up to date with the declarations: run npm run docs.`);
  process.exitCode = 1;
} else {
  await Promise.all(changed.map(([name, text]) => writeFile(name, text)));
  console.log(`${changed.map(([name]) => name).join(', ')} brought up to date.`);
}
