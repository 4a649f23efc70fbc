import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rows } from '../../nodes/editor/build/catalogue';
import { outputsOf } from '../../nodes/editor/build/help-words';
import { done, type Translation, texts } from '../../nodes/editor/build/translation';
import { propertiesOf } from '../../nodes/editor/properties';
import { sharedOutputs } from '../../src/commands/outputs';

const german = JSON.parse(readFileSync(join(__dirname, '..', '..', 'nodes', 'locales', 'de.json'), 'utf8')) as Translation;

/** A translation in which one key has an old name. */
function renamed(key: string, old: string): Translation {
  const swap = (text: Record<string, string>) => Object.fromEntries(Object.entries(text).map(([k, v]) => [k === key ? old : k, v]));
  const nested = structuredClone(german) as unknown as Record<string, Record<string, unknown>>;
  const at = (path: string[]) =>
    path.reduce(
      (node, part) => {
        node[part] ??= {};
        return node[part] as Record<string, unknown>;
      },
      nested as Record<string, unknown>,
    );
  const [from, to] = [key.split('.'), old.split('.')];
  at(to.slice(0, -1))[to.at(-1) as string] = texts(german)[key];
  delete at(from.slice(0, -1))[from.at(-1) as string];
  return { ...(nested as unknown as Translation), source: swap({ ...german.source }) };
}

describe('the translation keys', () => {
  it('of options contain the owner of the words', () => {
    const keys = rows.flatMap(([type]) => propertiesOf(type).map(({ key }) => key)).filter((key) => key.startsWith('options.'));
    assert.ok(keys.length > 80);
    for (const key of keys) assert.match(key, /^options\.(client|server|hook|protocol|bridge|replay|shared)\.\w+$/);
  });

  it('of options with one declaration are one key', () => {
    const keysOf = (type: string) => propertiesOf(type).map(({ key }) => key);
    for (const name of ['pingInterval', 'caFile', 'maxPayload', 'slowReaders']) {
      for (const type of ['ix-client', 'ix-server']) assert.ok(keysOf(type).includes(`options.shared.${name}`), `${type} ${name}`);
    }
  });

  it('of outputs contain a group or the node type', () => {
    const keys = rows.flatMap(([type]) => outputsOf(type).map(({ key }) => ({ key, owner: key.split('.')[1] as string, type })));
    assert.ok(keys.length > 40);
    for (const { key, owner, type } of keys) assert.ok(owner in sharedOutputs || owner === type, key);
  });
});

describe('a key that changed', () => {
  const key = 'editor.options.client.URL.label';

  it('keeps its translation', () => {
    assert.deepEqual(done(renamed(key, 'editor.options.URL.label')), german);
  });

  it('loses its translation if the English text changed', () => {
    const old = renamed(key, 'editor.options.URL.label');
    const changed = { ...old, source: { ...old.source, 'editor.options.URL.label': '00000000' } };
    assert.equal(texts(done(changed))[key], undefined);
  });
});
