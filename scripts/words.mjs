// Prints every English word that is translated, as a new language file begins: node scripts/words.mjs > nodes/locales/nl.json
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const { english } = await load('nodes/editor/page.ts');
console.log(JSON.stringify(english(), null, 2));
