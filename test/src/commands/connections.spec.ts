import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { CommandName } from '../../../src/commands';
import { CommandHarness } from '../../helpers/commands';
import { type Peer, wsClient } from '../../helpers/peers';
import { teardown } from '../../helpers/teardown';

/** Returns a harness with server −1, listening, and a connection for each of these request targets. */
async function listening(...paths: string[]) {
  const harness = new CommandHarness();
  await harness.run('server-create', { port: 0 });
  const { port } = await harness.run('server-start', { id: -1 });
  const peers: Peer[] = [];
  const names: string[] = [];
  for (const path of paths) {
    peers.push(await wsClient(`ws://127.0.0.1:${port}${path}`));
    names.push(((await harness.next('server', 'Open')).payload as { client: string }).client);
  }
  const run = (name: CommandName, payload: object) => harness.run(name, { id: -1, ...payload });
  /** The tags of each connection. */
  const tags = async (): Promise<string[][]> => (await run('server-create', {})).connections.map(({ tags }: { tags: string[] }) => tags);
  return { harness, port, peers, names, run, tags };
}

/** Selections, and the selected ones of three connections: `/a`, `/b` and `/a`. The last two have the tag `t`. */
const which: [string, (names: string[]) => object, number[]][] = [
  ['a client', (names) => ({ client: names[1] }), [1]],
  ['a list of clients', (names) => ({ client: [names[2], names[0]] }), [0, 2]],
  ['no client, by an empty list', () => ({ client: [] }), []],
  ['a client that is gone', () => ({ client: 'gone' }), []],
  ['a uri', () => ({ uri: '/a' }), [0, 2]],
  ['a tag', () => ({ tag: 't' }), [1, 2]],
  ['a list of tags', () => ({ tag: ['t', 'other'] }), [1, 2]],
  ['an empty tag: nobody', () => ({ tag: '' }), []],
  ['a tag on an event, which names client and uri: the tag', (names) => ({ tag: 't', client: names[0], uri: '/a', str: 'x' }), [1, 2]],
  ['an event: its connection', (names) => ({ client: names[0], uri: '/a', remoteIp: '127.0.0.1', str: 'x' }), [0]],
  ['all', () => ({ all: true }), [0, 1, 2]],
  ['all, as a text', () => ({ all: 'true' }), [0, 1, 2]],
  ['all, whoever else is named', (names) => ({ all: true, client: names[0], tag: 't' }), [0, 1, 2]],
];
const three = async () => {
  const harness = await listening('/a', '/b', '/a');
  assert.deepEqual(await harness.run('server-tag', { client: [harness.names[1], harness.names[2]], add: 't' }), {
    tagged: 2,
    success: true,
  });
  return harness;
};

/** Empty and invalid selections. */
const nobody: [object, RegExp][] = [
  [{}, /^No connections are selected\. Set tag, client or uri, or set all to true\.$/],
  [{ uri: '' }, /No connections are selected/],
  [{ uri: [] }, /No connections are selected/],
  [{ all: false }, /No connections are selected/],
  [{ client: undefined, tag: undefined }, /No connections are selected/],
  [{ client: null }, /option client must be a string or a list of strings/],
  [{ tag: 5 }, /option tag must be a string or a list of strings/],
  [{ all: 'everyone' }, /option all must be true or false/],
];

describe('the commands for connections', () => {
  afterEach(teardown);

  describe('disconnect', () => {
    for (const [title, named, expected] of which) {
      it(`closes those named, and no others: ${title}`, async () => {
        const { run, names, peers } = await three();
        assert.deepEqual(await run('server-disconnect', named(names)), { closed: expected.length, success: true });
        for (const i of expected) assert.deepEqual(await peers[i]?.closes.take(), { code: 1000, reason: 'Normal closure' });
        const left = names.filter((_, i) => !expected.includes(i));
        assert.deepEqual(
          (await run('server-create', {})).connections.map(({ client }: { client: string }) => client),
          left,
        );
      });
    }

    it('takes code and reason', async () => {
      const { run, peers } = await three();
      await run('server-disconnect', { tag: 't', code: 4001, reason: 'Logged in elsewhere' });
      assert.deepEqual(await peers[1]?.closes.take(), { code: 4001, reason: 'Logged in elsewhere' });
    });

    for (const [given, sentence] of [
      ...nobody,
      [{ all: true, code: 1006 }, /option code must be a close code/],
      [{ all: true, reason: 'x'.repeat(124) }, /option reason must be a string of at most 123 bytes/],
    ] as const) {
      it(`${inspect(given, { breakLength: Number.POSITIVE_INFINITY }).slice(0, 40)} is refused, and closes nobody`, async () => {
        const { run } = await three();
        await assert.rejects(run('server-disconnect', given), { code: 'ERR_OPTION', message: sentence });
        assert.equal((await run('server-create', {})).clients.length, 3);
      });
    }

    it('on a stopped server has nobody to close, and succeeds', async () => {
      const { run } = await three();
      await run('server-stop', {});
      assert.deepEqual(await run('server-disconnect', { all: true }), { closed: 0, success: true });
    });
  });

  describe('tag', () => {
    for (const [title, named, expected] of which) {
      it(`puts those named into a group, and no others: ${title}`, async () => {
        const { run, names, tags } = await three();
        assert.deepEqual(await run('server-tag', { ...named(names), add: 'new' }), { tagged: expected.length, success: true });
        assert.deepEqual(
          (await tags()).map((each) => each.includes('new')),
          names.map((_, i) => expected.includes(i)),
        );
      });
    }

    it('takes a text or a list, in and out', async () => {
      const { run, tags } = await three();
      await run('server-tag', { all: true, add: ['u', 'v'] });
      assert.deepEqual(await tags(), [
        ['u', 'v'],
        ['t', 'u', 'v'],
        ['t', 'u', 'v'],
      ]);
      await run('server-tag', { all: true, remove: ['t', 'u', 'none'] });
      assert.deepEqual(await tags(), [['v'], ['v'], ['v']]);
      await run('server-tag', { all: true, remove: 'v', add: '' });
      assert.deepEqual(await tags(), [[], [], []]);
    });

    it('takes 128 characters, whatever they are', async () => {
      const { run, tags } = await three();
      await run('server-tag', { all: true, add: ['x'.repeat(128), '😀'.repeat(128)] });
      assert.deepEqual((await tags())[0], ['x'.repeat(128), '😀'.repeat(128)]);
      await assert.rejects(run('server-tag', { all: true, add: '😀'.repeat(129) }), { code: 'ERR_OPTION' });
    });

    it('moves a whole group to another', async () => {
      const { run, tags } = await three();
      assert.deepEqual(await run('server-tag', { tag: 't', remove: 't', add: 'u' }), { tagged: 2, success: true });
      assert.deepEqual(await tags(), [[], ['u'], ['u']]);
    });

    for (const [given, sentence] of [
      ...nobody.map(([given, sentence]) => [{ add: 'x', ...given }, sentence] as const),
      [{ all: true }, /^Neither add nor remove is set\. Set one of them/],
      [{ all: true, add: 5 }, /option add must be a string or a list of strings/],
      [{ all: true, add: 'x', remove: [5] }, /option remove must be a string or a list of strings/],
      [{ all: true, add: 'x'.repeat(129) }, /option add must be a string or a list of strings, each of at most 128 characters/],
      [{ all: true, add: ['x', 'y'.repeat(129)] }, /option add must be a string or a list of strings, each of at most 128 characters/],
      [{ all: true, add: 'x', remove: 'x'.repeat(129) }, /option remove must be .* at most 128 characters/],
      [{ all: true, add: Array.from({ length: 1000 }, (_, i) => String(i)) }, /connection \S+ into 1001 groups/],
    ] as const) {
      it(`${inspect(given, { breakLength: Number.POSITIVE_INFINITY })} is refused, and changes nothing`, async () => {
        const { run, tags } = await three();
        await assert.rejects(run('server-tag', given), { code: 'ERR_OPTION', message: sentence });
        assert.deepEqual(await tags(), [[], ['t'], ['t']]);
      });
    }
  });

  for (const name of ['server-tag', 'server-disconnect'] as const) {
    it(`${name} is about a server that is there, with options that are right`, async () => {
      const harness = new CommandHarness();
      await assert.rejects(harness.run(name, { id: -1, all: true, add: 'x' }), { code: 'ERR_NO_SOCKET' });
      const id = harness.create('server', { port: 'http' });
      await assert.rejects(harness.run(name, { id, all: true, add: 'x' }), { code: 'ERR_OPTION', message: /option port/ });
    });
  }
});
