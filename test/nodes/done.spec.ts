import assert from 'node:assert/strict';
import { type Item, type Msg, run } from '../helpers/flow';
import { closedPort, rawServer, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until, waitQuietly, watchers } from './suite';

/** Invalid commands. */
const wrong: readonly (readonly [type: string, payload: Msg])[] = [
  ['client-create', { pingInterval: -1 }],
  ['client-start', { id: 1, timeout: 0 }],
  ['client-stop', { id: 1, code: 1 }],
  ['client-send', { id: 1 }],
  ['client-clear', { id: 9 }],
  ['server-create', { id: 9 }],
  ['server-start', { id: -1, port: 1 }],
  ['server-stop', { id: -1, code: 1 }],
  ['server-send', { id: -1, message: 'x', uri: 1 }],
  ['server-tag', { id: -1, add: 'x' }],
  ['server-disconnect', { id: -1 }],
  ['server-clear', { id: 9 }],
  ['set-method', { method: 5 }],
];

describe('done: Catch and Complete nodes', () => {
  inNodeRed();

  /** A stopped client and server, ids 1 and −1, and the node under test. */
  const one = (type: string, more: Partial<Item> = {}): Item[] => [
    { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/' },
    { id: 's', type: 'ix-server', port: 0 },
    { id: 'n', type: `ix-${type}`, ...more },
    ...watchers('n'),
  ];

  describe('asked wrongly: the answer, and one error that Catch nodes receive, with the sentence of errorStr', () => {
    for (const [type, payload] of wrong) {
      it(type, async () => {
        const flow = await run(one(type));
        const answer = await flow.command('n', payload, { topic: 't' });
        const caught = await flow.out('caught').take('what the Catch node heard');
        assert.equal(caught.error.message, answer.payload.errorStr);
        assert.equal(caught.error.source.id, 'n');
        // The incoming message, so that a flow can retry.
        assert.deepEqual([caught.payload, caught.topic], [payload, 't']);
        await waitQuietly(20);
        assert.equal(flow.dones('n').length, 1);
        assert.ok(flow.dones('n')[0]?.error instanceof Error);
        assert.ok(flow.out('caught').isEmpty && flow.out('completed').isEmpty && flow.out('n.out').isEmpty);
      });
    }

    it('with raise it is still one error', async () => {
      const flow = await run(one('client-stop', { raise: true }));
      await flow.command('n', { id: 9 });
      await flow.out('caught').take();
      await waitQuietly(20);
      assert.equal(flow.dones('n').length, 1);
      assert.ok(flow.out('caught').isEmpty);
    });
  });

  describe('the world said no', () => {
    const world: readonly (readonly [name: string, type: string, payload: () => Promise<Msg>])[] = [
      ['a refused connection', 'client-start', async () => ({ id: 1, URL: `ws://127.0.0.1:${await closedPort()}/` })],
      [
        'a start that takes too long',
        'client-start',
        async () => ({ id: 1, timeout: 0.05, URL: (await rawServer({ answer: () => '' })).url }),
      ],
      ['a send of a client that is not open', 'client-send', async () => ({ id: 1, message: 'x' })],
      ['a send of a server that is not started', 'server-send', async () => ({ id: -1, message: 'x' })],
    ];
    for (const [name, type, payload] of world) {
      it(`${name} is not an error: Complete nodes receive it, Catch nodes do not`, async () => {
        const flow = await run(one(type));
        const answer = await flow.command('n', await payload());
        assert.equal(answer.payload.success, false);
        assert.equal('errorCode' in answer.payload, false);
        await flow.out('completed').take('what the Complete node heard');
        await waitQuietly(20);
        assert.deepEqual(flow.dones('n'), [{ id: 'n' }]);
        assert.ok(flow.out('caught').isEmpty);
      });

      it(`${name}, with raise, is an error too, and the answer is the same`, async () => {
        const flow = await run(one(type, { raise: true }));
        const answer = await flow.command('n', await payload());
        assert.equal(answer.payload.success, false);
        assert.equal('errorCode' in answer.payload, false);
        assert.equal((await flow.out('caught').take('what the Catch node heard')).error.message, answer.payload.errorStr);
        await waitQuietly(20);
        assert.equal(flow.dones('n').length, 1);
        assert.ok(flow.out('caught').isEmpty && flow.out('completed').isEmpty && flow.out('n.out').isEmpty);
      });
    }

    it('a port in use is an error only with raise', async () => {
      const peer = await wsServer();
      const flow = await run([
        { id: 's', type: 'ix-server', port: peer.port },
        { id: 'plain', type: 'ix-server-start', server: 's' },
        { id: 'raising', type: 'ix-server-start', server: 's', raise: true },
        ...watchers('plain'),
      ]);
      await flow.command('plain');
      await flow.out('completed').take();
      assert.ok(flow.out('caught').isEmpty);
      await flow.command('raising');
      assert.equal((await flow.out('caught').take()).error.source.id, 'raising');
    });
  });

  it('a success is received by Complete nodes: every command, once each', async () => {
    const peer = await wsServer();
    const names = {
      client: ['create', 'start', 'send', 'stop', 'clear'],
      server: ['create', 'start', 'send', 'tag', 'disconnect', 'stop', 'clear'],
    };
    const both = (['client', 'server'] as const).flatMap((side) =>
      names[side].map((name) => ({ id: `${side} ${name}`, type: `ix-${side}-${name}` })),
    );
    const others = ['set-method', 'get-method'].map((name) => ({ id: name, type: `ix-${name}` }));
    const ids = [...both, ...others].map(({ id }) => id);
    const flow = await run([...both, ...others, ...watchers(...ids)]);
    const payloads: Msg = { 'client create': { URL: peer.url }, 'server create': { port: 0 }, 'set-method': 'm' };
    for (const id of ids) {
      await flow.command(id, payloads[id] ?? { id: id.startsWith('client') ? 1 : -1, message: 'x', all: true, add: 'x' });
      await flow.out('completed').take(`the completion of ${id}`);
    }
    await waitQuietly(20);
    assert.deepEqual(
      flow.calls.filter(({ id }) => ids.includes(id)),
      ids.map((id) => ({ id })),
    );
    assert.ok(flow.out('caught').isEmpty && flow.out('completed').isEmpty);
  });

  describe('a command is done when its work is:', () => {
    it('a start when the handshake ended', async () => {
      let admit = () => {};
      const peer = await wsServer({
        verifyClient: (_, answer) => {
          admit = () => answer(true);
        },
      });
      const flow = await run([...nodesOf('client', 'create start')]);
      await flow.command('create', { URL: peer.url });
      const started = flow.command('start', { id: 1 });
      await waitQuietly(100);
      assert.equal(flow.dones('start').length, 0);
      admit();
      assert.equal((await started).payload.success, true);
      assert.equal(flow.dones('start').length, 1);
    });

    it('a stop when the closing handshake ended', async () => {
      const peer = await rawServer();
      const flow = await run([...nodesOf('client', 'create start stop')]);
      await flow.command('create', { URL: peer.url });
      await flow.command('start', { id: 1 });
      const far = await peer.peers.take();
      const stopped = flow.command('stop', { id: 1, code: 4000, reason: 'bye' });
      assert.deepEqual(await far.close(), { code: 4000, reason: 'bye' });
      await waitQuietly(100);
      assert.equal(flow.dones('stop').length, 0);
      const body = Buffer.from([4000 >> 8, 4000 & 255]);
      far.send(8, body);
      far.socket.end();
      await stopped;
      assert.equal(flow.dones('stop').length, 1);
    });

    it('a stop that the peer does not answer after 300 ms, and within a second', async () => {
      const peer = await rawServer();
      const flow = await run([...nodesOf('client', 'create start stop')]);
      await flow.command('create', { URL: peer.url });
      await flow.command('start', { id: 1 });
      const begin = Date.now();
      assert.equal((await flow.command('stop', { id: 1 })).payload.success, true);
      const took = Date.now() - begin;
      assert.ok(took > 250 && took < 1000, `${took} ms`);
    });

    it('a stop of a server whose clients do not answer, within a second', async () => {
      const flow = await run([...nodesOf('server', 'create start stop')]);
      await flow.command('create', { port: 0 });
      const { uri } = (await flow.command('start', { id: -1 })).payload;
      for (let i = 0; i < 5; i++) (await wsClient(uri)).ws.pause();
      const begin = Date.now();
      assert.equal((await flow.command('stop', { id: -1 })).payload.success, true);
      assert.ok(Date.now() - begin < 1000, `${Date.now() - begin} ms`);
    });

    it('a send when the operating system has the data', async () => {
      const peer = await wsServer();
      const flow = await run([...nodesOf('client', 'create start send')]);
      await flow.command('create', { URL: peer.url });
      await flow.command('start', { id: 1 });
      const { ws } = await peer.peers.take();
      ws.pause();
      const size = 32 * 1024 * 1024;
      const sent = flow.command('send', { id: 1, message: Buffer.alloc(size) });
      await waitQuietly(100);
      assert.equal(flow.dones('send').length, 0);
      ws.resume();
      assert.equal((await sent).payload.payloadSize, size);
      assert.equal(flow.dones('send').length, 1);
    });
  });

  describe('done is called once, and an answer is sent,', () => {
    it('by a start that stop ends, and by the stop', async () => {
      const peer = await rawServer({ answer: () => '' });
      const flow = await run([...nodesOf('client', 'create start stop'), ...watchers('start', 'stop')]);
      await flow.command('create', { URL: peer.url });
      const started = flow.command('start', { id: 1 });
      await peer.peers.take();
      await flow.command('stop', { id: 1 });
      await started;
      await waitQuietly(20);
      assert.deepEqual(
        flow.calls
          .filter(({ id }) => id === 'start' || id === 'stop')
          .map(({ id, error }) => [id, error])
          .sort(),
        [
          ['start', undefined],
          ['stop', undefined],
        ],
      );
    });

    for (const type of ['nodes', 'full'] as const) {
      it(`by commands that are in progress when their nodes are redeployed (${type})`, async () => {
        const silent = await rawServer({ answer: () => '' });
        const slow = await wsServer();
        const items = (name: string): Item[] => [
          { id: 'c', type: 'ix-client', URL: silent.url, name },
          { id: 'd', type: 'ix-client', URL: slow.url, name },
          { id: 'start', type: 'ix-client-start', client: 'c', name },
          { id: 'open', type: 'ix-client-start', client: 'd', name },
          { id: 'send', type: 'ix-client-send', client: 'd', name },
        ];
        const flow = await run(items('before'));
        await flow.command('open');
        const { ws } = await slow.peers.take();
        ws.pause();
        flow.node('send').receive({ payload: Buffer.alloc(32 * 1024 * 1024) });
        flow.node('start').receive({ payload: {} });
        await silent.peers.take();
        await flow.deploy(items('after'), type);
        await until(() => flow.calls.length >= 3, 'all three are done');
        await waitQuietly(50);
        assert.deepEqual(flow.calls.map(({ id }) => id).sort(), ['open', 'send', 'start']);
      });
    }

    it('by twenty commands at once on one socket', async () => {
      const peer = await wsServer();
      const flow = await run([{ id: 'c', type: 'ix-client', URL: peer.url }, ...nodesOf('client', 'start stop send clear', 'c')]);
      for (let i = 0; i < 5; i++) for (const id of ['start', 'send', 'stop', 'clear']) flow.node(id).receive({ payload: { message: 'x' } });
      for (const id of ['start', 'send', 'stop', 'clear'])
        for (let i = 0; i < 5; i++) await flow.out(`${id}.out`).take(`answer ${i} of ${id}`);
      await waitQuietly(50);
      assert.equal(flow.calls.length, 20);
    });
  });

  describe('a message that cannot be copied ends nothing', () => {
    // Node-RED copies the message for them, which throws if a property throws when it is read.
    const thorny = () => ({
      _msgid: 'x',
      payload: {
        id: 1,
        get thorn(): never {
          throw new Error('ouch');
        },
      },
    });
    const escaped: unknown[] = [];
    const listener = (reason: unknown) => escaped.push(reason);
    beforeEach(() => {
      escaped.length = 0;
      process.prependListener('unhandledRejection', listener);
    });
    afterEach(() => void process.off('unhandledRejection', listener));

    for (const [name, type] of [
      ['asked wrongly', 'client-send'],
      ['asked rightly', 'client-stop'],
    ] as const) {
      it(`${name}: there is an answer, and done was called once`, async () => {
        const flow = await run(one(type));
        flow.node('n').receive(thorny());
        await flow.out('n.out').take('the answer');
        await waitQuietly(50);
        assert.deepEqual(escaped, []);
        assert.equal(flow.dones('n').length, 1);
      });
    }

    it('nor does an answer that cannot be copied for a second wire, and done was called once', async () => {
      const flow = await run([
        { id: 'n', type: 'ix-client-create', wires: [['first', 'second']] },
        { id: 'first', type: 'helper' },
        { id: 'second', type: 'helper' },
      ]);
      flow.node('n').receive({ topic: thorny(), payload: {} });
      await waitQuietly(50);
      assert.deepEqual(escaped, []);
      assert.equal(flow.dones('n').length, 1);
    });
  });
});
