import assert from 'node:assert/strict';
import { CommandHarness } from '../../helpers/commands';
import { tcpServer, wsClient } from '../../helpers/peers';
import { teardown } from '../../helpers/teardown';

/** Returns a harness with server −1, listening, and a connection for each of these request targets. */
async function listening(...paths: string[]) {
  const harness = new CommandHarness();
  await harness.run('server-create', { port: 0 });
  const { port } = await harness.run('server-start', { id: -1 });
  const peers = [];
  const names: string[] = [];
  for (const path of paths) {
    peers.push(await wsClient(`ws://127.0.0.1:${port}${path}`));
    names.push(((await harness.next('server', 'Open')).payload as { client: string }).client);
  }
  return { harness, port, peers, names };
}

describe('the server commands', () => {
  afterEach(teardown);

  describe('create', () => {
    it('answers the id, from −1 down, and never one that was used', async () => {
      const harness = new CommandHarness();
      for (const id of [-1, -2, -3]) assert.deepEqual(await harness.done('server-create'), { status: { id }, socket: id });
      await harness.run('server-clear', { id: -2 });
      assert.deepEqual(await harness.run('server-create'), { id: -4 });
    });

    it('with an id returns information about that server, and creates nothing', async () => {
      const { harness, names } = await listening('/a', '/b');
      const { clients, connections } = await harness.run('server-create', { id: -1 });
      assert.deepEqual(clients, ['/a', '/b']);
      assert.deepEqual(
        connections.map(({ client }: { client: string }) => client),
        names,
      );
      assert.equal(harness.registry.server.size, 1);
    });

    for (const [title, named, expected] of [
      ['uri', () => ({ uri: '/a' }), ['/a', '/a']],
      ['client', (names: string[]) => ({ client: names[1], uri: '/a' }), ['/b']],
      ['tag', (names: string[]) => ({ tag: 't', client: names[0] }), ['/b', '/a']],
      ['an empty uri: everyone', () => ({ uri: '' }), ['/a', '/b', '/a']],
    ] as const) {
      it(`with an id returns the selected connections only: ${title}`, async () => {
        const { harness, names } = await listening('/a', '/b', '/a');
        await harness.run('server-tag', { id: -1, client: [names[1], names[2]], add: 't' });
        const { clients, connections } = await harness.run('server-create', { id: -1, ...named(names) });
        assert.deepEqual(clients, expected);
        assert.equal(connections.length, expected.length);
      });
    }
  });

  describe('start', () => {
    it('answers where it listens', async () => {
      const harness = new CommandHarness();
      await harness.run('server-create', { port: 0 });
      const status = await harness.run('server-start', { id: -1 });
      assert.deepEqual(status, { success: true, http_status: 0, headers: {}, uri: `ws://127.0.0.1:${status.port}`, port: status.port });
    });

    it('answers a failure under errorStr and errStr', async () => {
      const harness = new CommandHarness();
      await harness.run('server-create', { port: await tcpServer() });
      const { errorStr, errStr, ...rest } = await harness.run('server-start', { id: -1 });
      assert.deepEqual(rest, { success: false, http_status: 0, headers: {}, uri: '', port: 0 });
      assert.match(errorStr, /in use/);
      assert.equal(errStr, errorStr);
    });
  });

  describe('stop', () => {
    it('answers that nobody is left, and success', async () => {
      const { harness, peers } = await listening('/');
      assert.deepEqual(await harness.run('server-stop', { id: -1 }), { clients: [], success: true });
      assert.deepEqual(await peers[0]?.closes.take(), { code: 1000, reason: 'Normal closure' });
    });

    it('takes code and reason, checked before anything is closed', async () => {
      const { harness, peers } = await listening('/');
      await assert.rejects(harness.run('server-stop', { id: -1, code: 1006 }), { code: 'ERR_OPTION' });
      assert.equal((await harness.run('server-send', { id: -1, message: 'x' })).statuses.length, 1);
      await harness.run('server-stop', { id: -1, code: 1012, reason: 'restart' });
      assert.deepEqual(await peers[0]?.closes.take(), { code: 1012, reason: 'restart' });
    });
  });

  describe('send', () => {
    const everyone = ['/a', '/b', '/a'];
    type Row = [string, (names: string[]) => [Record<string, unknown>, Parameters<CommandHarness['run']>[2]?], number[]];
    const rows: Row[] = [
      ['names nobody: everyone', () => [{}], [0, 1, 2]],
      ['an empty uri: everyone', () => [{ uri: '' }], [0, 1, 2]],
      ['an empty list: everyone', () => [{ uri: [] }], [0, 1, 2]],
      ['a uri', () => [{ uri: '/a' }], [0, 2]],
      ['several', () => [{ uri: ['/b', '/a'] }], [0, 1, 2]],
      ['a client, as an event names it', (names) => [{ client: names[1], uri: '/b' }], [1]],
      ['a client and another uri: the client', (names) => [{ client: names[0], uri: '/b' }], [0]],
      ['a list of clients', (names) => [{ client: [names[2], names[0]] }], [0, 2]],
      ['To all: everyone, whatever the message names', (names) => [{ client: names[0], uri: '/b' }, { to: 'all' }], [0, 1, 2]],
      ['To others: everyone but the client named', (names) => [{ client: names[0], uri: '/b' }, { to: 'others' }], [1, 2]],
      ['To others, without a client: everyone but the sender', (names) => [{}, { to: 'others', sender: names[1] }], [0, 2]],
      ['To others, without a client: everyone', () => [{}, { to: 'others' }], [0, 1, 2]],
      ['a tag', () => [{ tag: 't' }], [1, 2]],
      ['a list of tags', () => [{ tag: ['t', 'none'] }], [1, 2]],
      ['an empty tag: nobody', () => [{ tag: '' }], []],
      ['a tag on an event, which names client and uri: the tag', (names) => [{ tag: 't', client: names[0], uri: '/a' }], [1, 2]],
      ['To all: everyone, with a tag too', () => [{ tag: 't' }, { to: 'all' }], [0, 1, 2]],
      ['To others, with a tag: the group but the client', (names) => [{ tag: 't', client: names[2] }, { to: 'others' }], [1]],
      ['To others, with a tag: the group but the sender', (names) => [{ tag: 't' }, { to: 'others', sender: names[1] }], [2]],
      ['To message', (names) => [{ client: names[1] }, { to: 'message' }], [1]],
      ['To message, which names nobody: the sender', (names) => [{ uri: '' }, { to: 'message', sender: names[1] }], [1]],
      ['To message, whose sender is gone: nobody', () => [{}, { to: 'message', sender: 'gone' }], []],
      [
        'To sender, whoever is named',
        (names) => [
          { tag: 't', client: names[2] },
          { to: 'sender', sender: names[0] },
        ],
        [0],
      ],
      ['To session', (names) => [{ tag: 't' }, { to: 'session', session: names[0] }], [0]],
      ['To session, which is gone: nobody', () => [{}, { to: 'session', session: 'gone' }], []],
      ['To session, without one: everyone', () => [{ tag: 't' }, { to: 'session' }], [0, 1, 2]],
      ['To tag: the target, whoever is named', (names) => [{ client: names[0] }, { to: 'tag', target: 't' }], [1, 2]],
      ['To client: the targets', (names) => [{}, { to: 'client', target: [names[0], names[2]] }], [0, 2]],
      ['To uri: the target', () => [{}, { to: 'uri', target: '/b' }], [1]],
      ['To uri, with an empty target: nobody', () => [{}, { to: 'uri', target: '' }], []],
      ['To client, with an empty list: nobody', () => [{}, { to: 'client', target: [] }], []],
    ];
    for (const [title, call, expected] of rows) {
      it(title, async () => {
        const { harness, names } = await listening(...everyone);
        await harness.run('server-tag', { id: -1, client: [names[1], names[2]], add: 't' });
        const [payload, more] = call(names);
        const { statuses, success } = await harness.run('server-send', { id: -1, message: 'x', ...payload }, more);
        assert.deepEqual(
          statuses.map(({ client }: { client: string }) => names.indexOf(client)),
          expected,
        );
        assert.equal(success, true);
      });
    }

    it('answers a status for each', async () => {
      const { harness, names } = await listening('/a');
      assert.deepEqual(await harness.run('server-send', { id: -1, message: 'hi' }), {
        statuses: [{ uri: '/a', client: names[0], success: true, compressionError: false, payloadSize: 2, wireSize: 2 }],
        success: true,
      });
    });

    it('with no receivers succeeds with no status', async () => {
      const { harness } = await listening();
      assert.deepEqual(await harness.run('server-send', { id: -1, message: 'hi' }), { statuses: [], success: true });
    });

    it('while stopped fails with no status, and is not a refusal', async () => {
      const harness = new CommandHarness();
      await harness.run('server-create', { port: 0 });
      const { errorStr, ...rest } = await harness.run('server-send', { id: -1, message: 'hi' });
      assert.deepEqual(rest, { statuses: [], success: false });
      assert.match(errorStr, /server -1 is not started/);
    });

    for (const [given, sentence] of [
      [{}, /nothing to send/],
      [{ message: 'x', uri: 5 }, /option uri must be a string or a list of strings/],
      [{ message: 'x', client: [5] }, /option client must be/],
      [{ message: 'x', client: 'a', tag: 5 }, /option tag must be a string or a list of strings/],
    ] as const) {
      it(`${JSON.stringify(given)} is refused`, async () => {
        const { harness } = await listening();
        await assert.rejects(harness.run('server-send', { id: -1, ...given }), { code: 'ERR_OPTION', message: sentence });
      });
    }

    it('To sender without a sender, and To tag without a target, are refused', async () => {
      const { harness } = await listening('/a');
      for (const [more, message] of [
        [{ to: 'sender' }, /has no sender/],
        [{ to: 'tag' }, /target is not set/],
        [{ to: 'uri', target: 5 }, /option uri must be/],
      ] as const) {
        await assert.rejects(harness.run('server-send', { id: -1, message: 'x' }, more), { code: 'ERR_OPTION', message });
      }
    });

    it('success is false where one failed, with its sentence', async () => {
      const { harness, peers } = await listening('/1', '/2');
      const closing = peers[0]?.ws as unknown as { _socket: import('node:net').Socket };
      closing._socket.pause();
      const sending = harness.run('server-send', { id: -1, message: Buffer.alloc(12_000_000) });
      await peers[1]?.messages.take();
      closing._socket.resetAndDestroy();
      const { statuses, success, errorStr } = await sending;
      assert.deepEqual([statuses.map((status: { success: boolean }) => status.success), success], [[false, true], false]);
      assert.equal(errorStr, statuses[0].errorStr);
    });
  });

  it('an event wired into a send is an echo', async () => {
    const { harness, peers } = await listening('/', '/');
    peers[1]?.ws.send('echo me');
    const { payload } = await harness.next('server', 'Message');
    await harness.run('server-send', { ...payload, id: -1 });
    assert.equal((await peers[1]?.messages.take())?.data, 'echo me');
    assert.equal(peers[0]?.messages.isEmpty, true);
  });

  it('clear answers success once, and ERR_NO_SOCKET from then on', async () => {
    const { harness } = await listening('/');
    assert.deepEqual(await harness.run('server-clear', { id: -1 }), { success: true });
    for (const name of ['server-clear', 'server-start', 'server-stop', 'server-send', 'server-create'] as const) {
      await assert.rejects(harness.run(name, { id: -1, message: 'x' }), { code: 'ERR_NO_SOCKET' });
    }
  });

  it('a server whose options are wrong says so to every command that uses it, but can be cleared', async () => {
    const harness = new CommandHarness();
    const id = harness.create('server', { port: 'http' });
    for (const name of ['server-create', 'server-start', 'server-stop', 'server-send'] as const) {
      await assert.rejects(harness.run(name, { id, message: 'x' }), { code: 'ERR_OPTION', message: /option port/ });
    }
    assert.deepEqual(await harness.run('server-clear', { id }), { success: true });
  });

  describe('send with retain', () => {
    const read = async (peer: { messages: { take(): Promise<{ data: string | Buffer }> } }, count: number) => {
      const texts = [];
      for (let i = 0; i < count; i++) texts.push(String((await peer.messages.take()).data));
      return texts;
    };

    it('answers that the message is kept, and later connections get it', async () => {
      const { harness, port } = await listening();
      for (const retain of [true, 'true']) {
        const status = await harness.run('server-send', { id: -1, message: { on: retain }, retain, key: 'lamp' });
        assert.deepEqual(status, { retained: true, statuses: [], success: true });
      }
      const peer = await wsClient(`ws://127.0.0.1:${port}/`);
      assert.deepEqual(await read(peer, 1), ['{"on":"true"}']);
      const { retained } = await harness.run('server-create', { id: -1 });
      assert.deepEqual(
        retained.map(({ tag, key, bytes }: Record<string, unknown>) => [tag, key, bytes]),
        [[undefined, 'lamp', 13]],
      );
    });

    it('keeps nothing with retain false', async () => {
      const { harness } = await listening();
      assert.deepEqual(await harness.run('server-send', { id: -1, message: 'a', retain: false, key: 5 }), { statuses: [], success: true });
      assert.equal('retained' in (await harness.run('server-create', { id: -1 })), false);
    });

    it('for a list of tags keeps one for each', async () => {
      const { harness, names, peers } = await listening('/a', '/b');
      await harness.run('server-send', { id: -1, message: 'x', retain: true, tag: ['s', 't'] });
      await harness.run('server-tag', { id: -1, client: names[0], add: 's' });
      await harness.run('server-tag', { id: -1, client: names[1], add: ['t', 's'] });
      await harness.run('server-send', { id: -1, message: 'end' });
      assert.deepEqual(await Promise.all(peers.map((peer) => read(peer, 2))), [
        ['x', 'end'],
        ['x', 'end'],
      ]);
      const { retained } = await harness.run('server-create', { id: -1 });
      assert.deepEqual(
        retained.map(({ tag }: { tag: string }) => tag),
        ['s', 't'],
      );
    });

    it('for everyone but the sender is kept for all', async () => {
      const { harness, names, peers, port } = await listening('/a', '/b');
      const { statuses } = await harness.run('server-send', { id: -1, message: 'x', retain: true }, { to: 'others', sender: names[0] });
      assert.deepEqual(statuses.length, 1);
      assert.deepEqual(await read(peers[1] as (typeof peers)[0], 1), ['x']);
      assert.deepEqual(await read(await wsClient(`ws://127.0.0.1:${port}/`), 1), ['x']);
    });

    for (const [title, payload, more, option] of [
      ['client', { client: 'a' }, {}, 'client'],
      ['client with a tag', { client: 'a', tag: 't' }, {}, 'client'],
      ['uri', { uri: '/a' }, {}, 'uri'],
      ['the sender', {}, { sender: 'a' }, 'retain'],
      ['To sender', {}, { to: 'sender', sender: 'a' }, 'retain'],
      ['To client', {}, { to: 'client', target: 'a' }, 'retain'],
      ['a key of 257 characters', { key: 'k'.repeat(257) }, {}, 'key'],
      ['a key that is no text', { key: 5 }, {}, 'key'],
      ['a tag of 129 characters', { tag: 't'.repeat(129) }, {}, 'tag'],
      ['retain that is no boolean', { retain: 'yes' }, {}, 'retain'],
    ] as const) {
      it(`is refused with ${title}, and nothing is sent`, async () => {
        const { harness, peers } = await listening('/a');
        const refused = harness.run('server-send', { id: -1, message: 'x', retain: true, ...payload }, more as object);
        await assert.rejects(refused, { code: 'ERR_OPTION', option });
        await harness.run('server-send', { id: -1, message: 'end' });
        assert.deepEqual(await read(peers[0] as (typeof peers)[0], 1), ['end']);
        assert.equal('retained' in (await harness.run('server-create', { id: -1 })), false);
      });
    }

    for (const [title, payload, more] of [
      ['an empty list of tags', { tag: [] }, {}],
      ['an empty target', {}, { to: 'tag', target: '' }],
    ] as const) {
      it(`is for nobody with ${title}`, async () => {
        const { harness } = await listening('/a');
        const status = await harness.run('server-send', { id: -1, message: 'x', retain: true, ...payload }, more as object);
        const errorStr = 'The message was sent, but not kept: it names no group.';
        assert.deepEqual(status, { retained: false, errorStr, statuses: [], success: true });
      });
    }

    it('is not kept while the server is not started', async () => {
      const { harness } = await listening();
      await harness.run('server-stop', { id: -1 });
      const { success, retained } = await harness.run('server-send', { id: -1, message: 'x', retain: true });
      assert.deepEqual([success, retained], [false, undefined]);
    });
  });
});
