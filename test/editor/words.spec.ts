import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { english, flat, type Language, lookup } from '../../nodes/editor/build/catalogue';
import { helpPage } from '../../nodes/editor/build/page';
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
    const used = [...sourcesOf('nodes/editor').matchAll(/'((?:form|sections|units|deflate|probe|convert|protocol|live)\.\w+)'/g)].map(
      ([, key]) => `ix-websocket.${key}`,
    );
    assert.ok(used.length > 20);
    assert.deepEqual(
      used.filter((key) => !(key in words)),
      [],
    );
  });

  it('of the runtime are all in the catalogue', () => {
    const sources = sourcesOf('nodes/runtime');
    const used = [
      ...[...sources.matchAll(/key: '(\w+)'/g)].map(([, key]) => `ix-websocket.status.${key}`),
      ...[...sources.matchAll(/'((?:status|probe|form)\.\w+)'/g)].map(([, key]) => `ix-websocket.${key}`),
    ];
    assert.ok(used.length > 10);
    assert.deepEqual(
      used.filter((key) => !(key in words)),
      [],
    );
  });

  it('of the catalogue are all used', () => {
    const made = /^ix-websocket\.(constraints|sections|units|deflate|failures|refusals|steps|presets)\./;
    const text = page + sourcesOf('nodes/runtime');
    const isUsed = (key: string) =>
      made.test(key) ||
      text.includes(`"${key}"`) ||
      text.includes(`]${key}"`) ||
      text.includes(`"${key.replace('ix-websocket.', '')}"`) ||
      text.includes(`'${key.replace('ix-websocket.', '')}'`) ||
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
});
