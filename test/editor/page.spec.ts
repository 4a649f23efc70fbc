import assert from 'node:assert/strict';
import { type CatalogRow, catalog, categories, isConfigRow } from '../../nodes/catalog';
import { propertiesOf } from '../../nodes/editor/properties';
import { errorCodes } from '../../src/core/errors';
import { definitions, hasIcon, literalDefinitions, page, script } from './built';

const outputLabels = (type: string, ports: number) => Array.from({ length: ports }, (_, port) => definitions[type]?.outputLabels?.(port));

const rows = Object.entries<CatalogRow>(catalog);

describe('the page of the editor', () => {
  it('registers every type of the catalog, and no other', () => {
    assert.deepEqual(Object.keys(definitions).sort(), Object.keys(catalog).sort());
  });

  it('registers them so that a reader of its text finds them', () => {
    assert.deepEqual(Object.keys(literalDefinitions()).sort(), Object.keys(catalog).sort());
  });

  it('finds what everybody uses by the words websocket and socket, and what only users of the plugin know by neither', () => {
    for (const [type, row] of rows) {
      if (isConfigRow(row)) continue;
      assert.equal(definitions[type]?.paletteLabel().includes('websocket'), row.category === 'websocket', type);
    }
  });

  it('has the same id on no two elements of a form', () => {
    for (const [type] of rows) {
      const ids = [...script(`data-template-name="${type}"`).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      assert.deepEqual(ids, [...new Set(ids)]);
    }
  });

  for (const [type, row] of rows) {
    describe(type, () => {
      const template = script(`data-template-name="${type}"`);
      const help = script(`data-help-name="${type}"`);
      const prefix = isConfigRow(row) ? 'node-config-input' : 'node-input';

      it('has defaults, icon, colour and ports that a reader of the text finds', () => {
        const wanted = isConfigRow(row) ? ['category', 'defaults', 'icon'] : ['category', 'color', 'defaults', 'icon', 'inputs', 'outputs'];
        const found = literalDefinitions()[type] ?? [];
        assert.deepEqual(
          wanted.filter((key) => !found.includes(key)),
          [],
        );
      });

      it('has an icon that was built', () => assert.ok(hasIcon(definitions[type]?.icon ?? '')));

      it('is called what the catalog says', () => {
        const definition = definitions[type];
        assert.equal(definition?.paletteLabel(), row.label);
        assert.equal(definition?.label.call({ ...definition, name: 'mine' } as never), 'mine');
      });

      it('has a form and a help', () => {
        assert.match(template, /<div class="form-row">/);
        assert.match(help, /^<p>[^<]+<\/p>\n<h3>/);
      });

      it('has one example in the help, and what goes in and out before the properties', () => {
        assert.equal(help.match(/<pre>[^<]+<\/pre>/g)?.length, 1);
        const headings = [...help.matchAll(/<h3>(\w+)<\/h3>/g)].map(([, heading]) => heading);
        const order = ['Inputs', 'Outputs', 'Details', 'Example', 'Properties', 'References'];
        assert.deepEqual(
          headings,
          order.filter((heading) => headings.includes(heading)),
        );
      });

      for (const { name, initial, credential, typeOf } of propertiesOf(type)) {
        it(`keeps ${name} ${credential ? 'with the credentials' : 'in the flow'}, and has a labelled row for it`, () => {
          const definition = definitions[type];
          if (credential) assert.equal(definition?.credentials?.[name]?.type, credential);
          else assert.equal(definition?.defaults[name]?.value, initial);
          assert.equal(name in (definition?.defaults ?? {}), !credential);
          assert.ok(template.includes(`id="${prefix}-${name}"`), 'an element');
          assert.ok(template.includes(`<label for="${prefix}-${typeOf ?? name}"`), 'a label');
        });

        it(`explains ${name} in the help`, () => {
          if (row.kind === 'config') assert.ok(help.includes(`<code>${name}</code>`));
          else assert.ok(help.includes('<dl class="message-properties">'));
        });
      }

      if (row.kind === 'config') {
        it('is a config node with a name and every option of its side', () => {
          const definition = definitions[type];
          assert.equal(definition?.category, 'config');
          const properties = ['name', ...Object.keys(definition?.defaults ?? {}), ...Object.keys(definition?.credentials ?? {})];
          assert.deepEqual(
            Object.keys(row.fields).filter((name) => !properties.includes(name)),
            [],
          );
        });
        return;
      }
      if (row.kind === 'protocol') {
        it('is a config node', () => assert.equal(definitions[type]?.category, 'config'));
        return;
      }

      it('is in the palette, with the ports of its kind', () => {
        const definition = definitions[type];
        assert.equal(definition?.category, categories[row.category]);
        assert.match(definition?.color ?? '', /^#[0-9A-F]{6}$/);
        assert.equal(definition?.inputs, { command: 1, events: 0, hook: 1, bridge: 0, decider: 0, replay: 1 }[row.kind]);
        assert.equal(definition?.outputs, { command: 1, events: 4, hook: 2, bridge: 1, decider: 1, replay: 1 }[row.kind]);
      });

      const sides = row.kind === 'replay' ? ['client', 'server'] : row.side ? [row.side] : [];
      it(sides.length > 0 ? `may name a ${sides.join(' or a ')}` : 'names no socket', () => {
        const references = Object.entries(definitions[type]?.defaults ?? {}).filter(([, { type }]) => type?.startsWith('ix-'));
        assert.deepEqual(
          references.map(([name, { type, value }]) => ({ name, type, value })),
          sides.map((side) => ({ name: side, type: `ix-${side}`, value: '' })),
        );
      });

      if (row.kind === 'events') {
        it('labels its outputs in the order of the type codes', () => {
          assert.deepEqual(outputLabels(type, 4), ['Message', 'Open', 'Close', 'Error']);
        });
      }

      if (row.kind === 'hook') {
        it('has every option of its declaration, and labels its outputs', () => {
          const { defaults = {}, credentials = {} } = definitions[type] ?? {};
          assert.deepEqual(
            Object.keys(row.fields).filter((name) => !(name in defaults) && !(name in credentials)),
            [],
          );
          assert.deepEqual(Object.keys(credentials), ['user', 'password', 'token', 'signingKey', 'passphrase']);
          assert.deepEqual(outputLabels(type, 2), ['Answer', 'Undelivered']);
          assert.equal(definitions[type]?.inputLabels?.(0), 'Event');
        });
      }

      if (row.kind === 'command') {
        it('labels its input and its output', () => {
          const { sends, asks } = row.command;
          const expected = asks ? ['Request', 'Answer'] : [sends ? 'Message' : 'Command', 'Result'];
          assert.deepEqual([definitions[type]?.inputLabels?.(0), ...outputLabels(type, 1)], expected);
        });
        it('has its inputs and outputs in its help', () => {
          const own = Object.entries(row.command.fields).filter(([, { credential, formOnly }]) => !credential && !formOnly);
          const names = [...own.map(([name]) => name), ...Object.keys(row.command.outputs)];
          assert.deepEqual(
            names.filter((name) => !help.includes(name)),
            [],
          );
          if (row.side) for (const code of Object.keys(errorCodes)) assert.ok(help.includes(`<li><code>${code}</code>: `), code);
        });
      }
    });
  }

  it('ends no script before its end', () => {
    assert.equal(page.match(/<script/g)?.length, page.match(/<\/script>/g)?.length);
  });
});
