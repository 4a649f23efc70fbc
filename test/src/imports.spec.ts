import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** What each file below a folder imports: packages by name, files by their path from the root. */
function imports(folder: string): { file: string; imported: string }[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => {
    const file = join(folder, name);
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/(?:\bfrom|\bimport\(?|\brequire\()\s*'([^']+)'/g)].map(([, from = '']) => ({
      file,
      imported: from.startsWith('.') ? relative(root, resolve(root, dirname(file), from)) : from,
    }));
  });
}

/** Imports of a folder that are not among those allowed. */
function strangers(folder: string, allowed: RegExp): string[] {
  return imports(folder)
    .filter(({ imported }) => !allowed.test(imported))
    .map(({ file, imported }) => `${file} imports ${imported}`);
}

describe('who may import whom', () => {
  const rows: [string, string, RegExp][] = [
    ['the toolkit imports ws, what ws may use, and Node.js only', 'src', /^((ws|bufferutil)$|node:|src(\/|$))/],
    ['the options import errors, texts and options', 'src/options', /^src\/(errors|text|options\/)/],
    ['the sockets import no commands', 'src/socket', /^((ws|bufferutil)$|node:|src\/(errors|text|options\/|socket\/))/],
    ['the hook imports the toolkit, and no ws', 'src/hook', /^(node:|src\/(errors|text|options\/|socket\/|commands|hook\/))/],
    ['the commands import nothing but the toolkit', 'src/commands', /^src\/(errors|text|options\/|socket\/|commands\/)/],
  ];
  for (const [title, folder, allowed] of rows) it(title, () => assert.deepEqual(strangers(folder, allowed), []));

  it('the client and the server do not know each other', () => {
    const found = imports('src/socket').filter(
      ({ file, imported }) =>
        (file === 'src/client/client.ts' && /\/(server|listener)$/.test(imported)) ||
        (/\/(server|listener)\.ts$/.test(file) && /\/(client|connect)$/.test(imported)),
    );
    assert.deepEqual(found, []);
  });

  it('the errors import texts only, and the texts nothing', () => {
    assert.deepEqual(
      imports('src').filter(({ file }) => file === 'src/core/errors.ts' || file === 'src/core/text.ts'),
      [{ file: 'src/core/errors.ts', imported: 'src/core/text' }],
    );
  });

  it('the fields need no Node.js: the same checks run in the browser', () => {
    assert.deepEqual(
      imports('src/options').filter(({ file, imported }) => file === 'src/options/field.ts' && !imported.startsWith('src/options/')),
      [],
    );
  });
});
