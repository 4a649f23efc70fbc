// Compares the words of a language with the current English:
//   node scripts/words.mjs              prints every English word, as a new file in nodes/locales begins
//   node scripts/words.mjs ja           lists the keys of nodes/locales/ja.json to check
//   node scripts/words.mjs ja --done    marks every text in it as a translation of the current English
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const { english, open, done, texts } = await load('nodes/editor/build/translation.ts');
const print = (language) => `${JSON.stringify(language, null, 2)}\n`;

const [language, mode] = process.argv.slice(2);
if (!language) process.stdout.write(print(english()));
else {
  const file = `nodes/locales/${language}.json`;
  const translation = JSON.parse(await readFile(file, 'utf8'));
  if (mode === '--done') await writeFile(file, print(done(translation)));
  const now = texts(english());
  const { missing, changed, gone } = open(JSON.parse(await readFile(file, 'utf8')));
  for (const key of missing) console.log(`missing  ${key}: ${now[key]}`);
  for (const key of changed) console.log(`changed  ${key}: ${now[key]}`);
  for (const key of gone) console.log(`gone     ${key}`);
  if (missing.length + changed.length + gone.length > 0) process.exitCode = 1;
  else console.log(`${file} is up to date.`);
}
