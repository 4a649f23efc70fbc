import assert from 'node:assert/strict';
import { type Call, socketOf } from '../../../src/commands/command';
import { CommandHarness } from '../../helpers/commands';
import { teardown } from '../../helpers/teardown';

describe('which socket a command is about', () => {
  afterEach(teardown);

  function asked(side: 'client' | 'server', call: (harness: CommandHarness) => Partial<Call>): number {
    const harness = new CommandHarness();
    for (let i = 0; i < 3; i++) harness.create(side, {});
    const { registry } = harness;
    return socketOf(side, { registry, payload: {}, ...call(harness) }).id;
  }

  const rows: [string, (harness: CommandHarness) => Partial<Call>, number][] = [
    ['the id in the payload', () => ({ payload: { id: 2 } }), 2],
    ['the id in the payload, as a text', () => ({ payload: { id: ' 2 ' } }), 2],
    ['the config node before the id', ({ registry }) => ({ payload: { id: 2 }, configured: registry.client.find(3) }), 3],
    ['the id before msg.socket', () => ({ payload: { id: 2 }, fallback: 3 }), 2],
    ['the config node', ({ registry }) => ({ configured: registry.client.find(3) }), 3],
    ['the config node before msg.socket', ({ registry }) => ({ configured: registry.client.find(3), fallback: 1 }), 3],
    ['msg.socket', () => ({ fallback: 1 }), 1],
    ['msg.socket, as a text', () => ({ fallback: '1' }), 1],
    [
      'msg.socket, where the config node is one of the other side',
      (harness) => ({ configured: harness.registry.server.find(harness.create('server', {})), fallback: 1 }),
      1,
    ],
  ];
  for (const [title, call, id] of rows) it(title, () => assert.equal(asked('client', call), id));

  it('servers count down from −1', () =>
    assert.equal(
      asked('server', () => ({ payload: { id: -3 } })),
      -3,
    ));

  const refused: [string, (harness: CommandHarness) => Partial<Call>, RegExp][] = [
    ['none at all', () => ({}), /No client is selected/],
    ['an id that never was', () => ({ payload: { id: 9 } }), /no client with the id 9/],
    ["a server's id", () => ({ payload: { id: -1 } }), /no client with the id -1/],
    ['id 0', () => ({ payload: { id: 0 } }), /the id 0\./],
    ['an id that is null', () => ({ payload: { id: null } }), /the id null/],
    ['an id that is no number', () => ({ payload: { id: 'one' } }), /the string "one"/],
    ['an id with a fraction', () => ({ payload: { id: 1.5 } }), /the id 1\.5\./],
    [
      'a config node that is missing, though an id is given',
      () => ({ payload: { id: 2 }, configured: 'missing', fallback: 1 }),
      /does not exist or is disabled/,
    ],
    ['msg.socket of a server', () => ({ fallback: -1 }), /the id -1\./],
  ];
  for (const [title, call, sentence] of refused) {
    it(`${title} is refused with ERR_NO_SOCKET`, () => {
      assert.throws(() => asked('client', call), { code: 'ERR_NO_SOCKET', message: sentence });
    });
  }

  it('a cleared config node is refused with ERR_NO_SOCKET', async () => {
    const harness = new CommandHarness();
    const configured = harness.registry.client.find(harness.create('client', {}));
    assert.ok(configured, 'it was made');
    await harness.registry.client.clear(configured);
    assert.throws(() => socketOf('client', { registry: harness.registry, payload: {}, configured }), {
      code: 'ERR_NO_SOCKET',
      message: /has been cleared/,
    });
  });
});
