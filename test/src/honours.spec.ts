import assert from 'node:assert/strict';
import { clientOptions } from '../../src/options/client';
import type { Fields } from '../../src/options/field';
import { hookOptions } from '../../src/options/hook';
import { protocolOptions } from '../../src/options/protocol';
import { serverOptions } from '../../src/options/server';
import { eachNode } from '../helpers/source';

/** The rooms of `src` that may use the options of each owner. */
const sockets = ['net', 'tls', 'connection', 'wire', 'conversation'];
const owners: Readonly<Record<string, { fields: Fields; rooms: readonly string[] }>> = {
  client: { fields: clientOptions, rooms: [...sockets, 'client', 'proxy'] },
  server: { fields: serverOptions, rooms: [...sockets, 'server'] },
  hook: { fields: hookOptions, rooms: ['net', 'tls', 'hook'] },
  protocol: { fields: protocolOptions, rooms: ['conversation'] },
};

/** Options that no code may use. */
const exceptions = ['protocol preset']; // The editor fills the other fields with it.

/** The rooms in which each name is read: as a property of options or settings, in a pattern, or as a text. */
function readNames(): ReadonlyMap<string, ReadonlySet<string>> {
  const rooms = new Map<string, Set<string>>();
  eachNode('src', (node, file) => {
    const [, room = ''] = file.split('/');
    if (room === 'options') return;
    const add = (name: string) => rooms.set(name, (rooms.get(name) ?? new Set()).add(room));
    if (node.type === 'Literal' && typeof node.value === 'string') add(node.value);
    if (node.type === 'ObjectPattern') {
      for (const property of node.properties)
        if (property.type === 'Property' && property.key.type === 'Identifier') add(property.key.name);
    }
    if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') return;
    const { object } = node;
    const owner = object.type === 'MemberExpression' ? object.property : object;
    if (owner.type === 'Identifier' && /options|settings/i.test(owner.name)) add(node.property.name);
  });
  return rooms;
}

describe('the code', () => {
  const names = readNames();
  for (const [owner, { fields, rooms }] of Object.entries(owners)) {
    for (const name of Object.keys(fields).filter((option) => !exceptions.includes(`${owner} ${option}`))) {
      it(`honours ${name} of a ${owner}`, () => {
        assert.ok(
          rooms.some((room) => names.get(name)?.has(room)),
          `No file of ${rooms.join(', ')} reads the option ${name}.`,
        );
      });
    }
  }

  it('would be found not to honour an option that nothing reads', () => assert.equal(names.has('anOptionThatNothingReads'), false));
});
