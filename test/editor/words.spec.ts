import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { english, flat, type Language, lookup } from '../../nodes/editor/catalogue';
import { helpPage } from '../../nodes/editor/page';
import { catalogueOf, page, root } from './built';

const words = flat(catalogueOf('en-US'));
const sourcesOf = (folder: string): string =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? sourcesOf(`${folder}/${entry.name}`) : readFileSync(join(root, folder, entry.name), 'utf8')))
    .join('\n');

describe('the words', () => {
  it('of the page are all in the catalogue', () => {
    const used = [...page.matchAll(/data-i18n="(?:\[\w+\])?(ix-websocket\.[^"]+)"|_\("(ix-websocket\.[^"]+)"\)/g)].map(
      ([, a, b]) => a ?? b ?? '',
    );
    assert.ok(used.length > 100);
    assert.deepEqual(
      used.filter((key) => !(key in words)),
      [],
    );
  });

  it('of the forms are all in the catalogue', () => {
    const used = [...sourcesOf('nodes/editor').matchAll(/'((?:form|sections|units|deflate)\.\w+)'/g)].map(
      ([, key]) => `ix-websocket.${key}`,
    );
    assert.ok(used.length > 20);
    assert.deepEqual(
      used.filter((key) => !(key in words)),
      [],
    );
  });

  it('of the status are all in the catalogue', () => {
    const used = [...sourcesOf('nodes/runtime').matchAll(/(?:key: |word\((?:\w+ \? )?)'(\w+)'/g)].map(
      ([, key]) => `ix-websocket.status.${key}`,
    );
    assert.ok(used.length > 5);
    assert.deepEqual(
      used.filter((key) => !(key in words)),
      [],
    );
  });

  it('of the catalogue are all used', () => {
    const made = /^ix-websocket\.(wishes|sections|units|deflate)\./;
    const text = page + sourcesOf('nodes/runtime');
    const isUsed = (key: string) =>
      made.test(key) ||
      text.includes(`"${key}"`) ||
      text.includes(`]${key}"`) ||
      text.includes(`"${key.replace('ix-websocket.', '')}"`) ||
      text.includes(`'${key.replace('ix-websocket.status.', '')}'`);
    assert.deepEqual(
      Object.keys(words).filter((key) => !isUsed(key)),
      [],
    );
  });

  it('of the help are all used', () => {
    const { editor, help } = english();
    const asked = new Set<string>();
    const spy: Language = { editor, help };
    const text = lookup(spy);
    helpPage(spy, '', () => (key) => {
      asked.add(key);
      return text(key);
    });
    assert.deepEqual(
      Object.keys(flat(help)).filter((key) => !asked.has(key)),
      [],
    );
  });

  const folder = join(root, 'nodes', 'locales');
  const languages = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  for (const file of languages) {
    describe(`in ${file}`, () => {
      const { editor, help } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Language;
      const theirs = { ...flat(editor, 'editor.'), ...flat(help, 'help.') };
      const ours = { ...flat(english().editor, 'editor.'), ...flat(english().help, 'help.') };

      it('are those that English has', () => {
        assert.deepEqual(
          Object.keys(ours).filter((key) => !(key in theirs)),
          [],
          'missing',
        );
        assert.deepEqual(
          Object.keys(theirs).filter((key) => !(key in ours)),
          [],
          'not in English',
        );
      });

      it('have the placeholders and the markup that English has', () => {
        const frame = (text = '') => text.match(/__\w+__|<\/?\w+>/g)?.sort() ?? [];
        for (const key of Object.keys(ours)) assert.deepEqual(frame(theirs[key]), frame(ours[key]), key);
      });
    });
  }
});
