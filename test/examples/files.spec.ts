import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogRow, catalog } from '../../nodes/catalog';
import { propertiesOf } from '../../nodes/editor/properties';
import { problemOf } from '../../nodes/editor/values';
import { examples, examplesFor4D, examplesForMany, folder, type Item } from './examples';

const core = [
  ...['tab', 'group', 'comment', 'inject', 'debug', 'catch', 'change', 'switch', 'template', 'function', 'exec'],
  ...['http in', 'http response', 'http request'],
  ...['mqtt in', 'mqtt out', 'mqtt-broker', 'status', 'delay', 'link in', 'link out'],
];
const isOurs = ({ type }: Item) => type in catalog;
const every = [...examples, ...examplesFor4D, ...examplesForMany];
const all = every.flatMap(({ items }) => items);
const ids = (items: readonly Item[]) => items.map(({ id }) => id);
const repeated = <T>(values: readonly T[]) => values.filter((value, at) => values.indexOf(value) !== at);

describe('the files of the examples', () => {
  it('are numbered, as the menu shows them', () => {
    assert.ok(examples.length >= 9);
    for (const menu of [examples, examplesFor4D, examplesForMany]) {
      menu.forEach(({ title }, at) => {
        assert.match(title, new RegExp(`^${String(at + 1).padStart(2, '0')} - [A-Z0-9]`));
      });
    }
  });

  it('are alone in their folders: Node-RED shows every folder, and every file that ends in .json', () => {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    assert.deepEqual(folders.sort(), ['4d', 'scale-out']);
    assert.equal(entries.length - folders.length, every.length);
  });

  it('share no id and no port, so that they can all be imported', () => {
    assert.deepEqual(repeated(ids(all)), []);
    assert.deepEqual(repeated(all.filter(({ type }) => type === 'ix-server').map(({ port }) => port)), []);
  });

  it('show every node', () => {
    const isConfig = ([, { kind }]: [string, CatalogRow]) => kind === 'config' || kind === 'protocol';
    const types = Object.entries<CatalogRow>(catalog).filter((entry) => !isConfig(entry));
    const used = new Set(all.map(({ type }) => type));
    assert.deepEqual(
      types.flatMap(([type]) => (used.has(type) ? [] : [type])),
      [],
    );
  });

  it('use no port that the README or a new config node has', () => {
    const ports = all.flatMap(({ type, port }) => (type === 'ix-server' && typeof port === 'number' ? [port] : []));
    assert.ok(ports.length >= 11);
    assert.deepEqual(
      ports.filter((port) => port < 8090),
      [],
    );
  });

  for (const { title, text, items } of every) {
    describe(title, () => {
      const nodes = items.filter((item) => 'z' in item);

      it('is one tab of the same title, with comments', () => {
        assert.deepEqual(
          items.filter(({ type }) => type === 'tab').map(({ label }) => label),
          [title.slice(5)],
        );
        assert.ok(nodes.some(({ type }) => type === 'comment'));
      });

      it('says in its tab what it shows', () => assert.ok(String(items.find(({ type }) => type === 'tab')?.info).length > 40));

      it('has each node in at most one group, which lists it', () => {
        for (const { id, nodes: listed } of items.filter(({ type }) => type === 'group'))
          assert.deepEqual([...(listed as string[])].sort(), ids(items.filter(({ g }) => g === id)).sort());
      });

      it('uses core nodes and ours only', () => {
        assert.deepEqual(
          items.filter((item) => !isOurs(item) && !core.includes(item.type)),
          [],
        );
      });

      it('names only nodes of its own', () => {
        const named = items.flatMap(({ type, z, client, server, wires, scope, links, broker }) =>
          [z, client, server, wires, scope, links, type === 'mqtt-broker' ? [] : broker].flat(3),
        );
        const own = ids(items);
        assert.deepEqual(
          named.filter((id) => id && !own.includes(id as string)),
          [],
        );
      });

      it('sets only what the forms have, and what they find right', () => {
        const always = ['id', 'type', 'name', 'z', 'g', 'x', 'y', 'wires', 'client', 'server'];
        for (const item of items.filter(isOurs)) {
          const properties = propertiesOf(item.type);
          const unknown = Object.keys(item).filter((key) => !always.includes(key) && !properties.some(({ name }) => name === key));
          assert.deepEqual(unknown, [], item.id);
          for (const property of properties)
            assert.equal(problemOf(property, item[property.name]), undefined, `${item.id} ${property.name}`);
        }
      });

      it('names files of the package only where they are', () => {
        const named = text.match(/\b(?:docs|examples)\/[\w./-]*\w/g) ?? [];
        assert.deepEqual(
          named.filter((path) => !existsSync(join(folder, '..', path))),
          [],
        );
      });

      it('holds no private key', () => {
        assert.doesNotMatch(text, /-----BEGIN [A-Z ]*PRIVATE KEY-----/);
      });
    });
  }
});
