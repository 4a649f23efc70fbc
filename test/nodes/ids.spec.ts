import assert from 'node:assert/strict';
import { type Flow, type Item, type Msg, run } from '../helpers/flow';
import { wsClient, wsServer } from '../helpers/peers';
import { inNodeRed } from './suite';

/** The command nodes that act on one socket, each with its required options. */
const commands: readonly (readonly [type: string, payload: Msg])[] = [
  ['ix-client-start', {}],
  ['ix-client-stop', {}],
  ['ix-client-send', { message: 'x' }],
  ['ix-client-clear', {}],
  ['ix-server-start', {}],
  ['ix-server-stop', {}],
  ['ix-server-send', { message: 'x' }],
  ['ix-server-tag', { all: true, add: 'x' }],
  ['ix-server-disconnect', { all: true }],
  ['ix-server-clear', {}],
];
/** The same, and create with an id. */
const withInformation: typeof commands = [['ix-client-create', {}], ['ix-server-create', {}], ...commands];
const sideOf = (type: string) => (type.startsWith('ix-client') ? 'client' : 'server');

describe('ids, and which socket is meant', () => {
  inNodeRed();

  for (const [side, ids] of [
    ['client', [1, 2, 3, 4, 5]],
    ['server', [-1, -2, -3, -4, -5]],
  ] as const) {
    it(`a new ${side} gets the next id: ${ids.join(', ')}, also once ${ids[1]} was cleared`, async () => {
      const flow = await run([
        { id: 'create', type: `ix-${side}-create` },
        { id: 'clear', type: `ix-${side}-clear` },
      ]);
      const create = async () => (await flow.command('create', {})).payload.id;
      assert.deepEqual([await create(), await create(), await create()], ids.slice(0, 3));
      await flow.command('clear', { id: ids[1] });
      assert.deepEqual([await create(), await create()], ids.slice(3));
    });
  }

  it('clients and servers count apart, and their config nodes count too', async () => {
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/' },
      { id: 's', type: 'ix-server' },
      { id: 'create client', type: 'ix-client-create' },
      { id: 'create server', type: 'ix-server-create' },
      { id: 'clear client', type: 'ix-client-clear', client: 'c' },
      { id: 'clear server', type: 'ix-server-clear', server: 's' },
    ]);
    assert.equal((await flow.command('create client')).socket, 2);
    assert.equal((await flow.command('create server')).socket, -2);
    assert.equal((await flow.command('clear client')).socket, 1);
    assert.equal((await flow.command('clear server')).socket, -1);
  });

  it('the id of a config node that has gone is not used again, not after a deploy either', async () => {
    const create: Item = { id: 'create', type: 'ix-client-create' };
    const flow = await run([{ id: 'c', type: 'ix-client' }, create]);
    assert.equal((await flow.command('create')).socket, 2);
    await flow.deploy([create]);
    assert.equal((await flow.command('create')).socket, 3);
  });

  it('msg.socket of an answer is the id that it is about, refused or not', async () => {
    const flow = await run([
      { id: 'create', type: 'ix-client-create' },
      { id: 'stop', type: 'ix-client-stop' },
    ]);
    assert.equal((await flow.command('create')).socket, 1);
    assert.equal((await flow.command('stop', { id: 1 })).socket, 1);
    assert.equal((await flow.command('stop', { id: 1, code: 5 })).socket, 1);
    assert.equal((await flow.command('stop', { id: 7 })).socket, 7);
  });

  describe('the socket meant is the one of the config node, else of the payload, else of msg.socket', () => {
    // Messages create clients 1 and 2, the config node creates 3; likewise −1, −2 and −3.
    async function three(type: string): Promise<Flow> {
      const side = sideOf(type);
      const create: Item = { id: 'create', type: `ix-${side}-create` };
      const flow = await run([create]);
      await flow.command('create');
      await flow.command('create');
      await flow.deploy([
        create,
        { id: 'config', type: `ix-${side}`, port: 0 },
        { id: 'bare', type },
        { id: 'named', type, [side]: 'config' },
      ]);
      return flow;
    }
    for (const [type, payload] of commands) {
      const sign = type.startsWith('ix-client') ? 1 : -1;
      it(`${type}`, async () => {
        const flow = await three(type);
        assert.equal((await flow.command('bare', payload, { socket: 2 * sign })).socket, 2 * sign, 'msg.socket');
        assert.equal((await flow.command('named', payload, { socket: 2 * sign })).socket, 3 * sign, 'the config node');
        assert.equal((await flow.command('bare', { ...payload, id: 1 * sign }, { socket: 2 * sign })).socket, 1 * sign, 'msg.payload.id');
        assert.equal((await flow.command('named', { ...payload, id: 2 * sign })).socket, 3 * sign, 'the config node before it');
      });
    }
  });

  describe('no socket named is ERR_NO_SOCKET', () => {
    for (const [type, payload] of commands) {
      it(type, async () => {
        const flow = await run([{ id: 'n', type }]);
        const answer = await flow.command('n', payload);
        assert.equal(answer.payload.success, false);
        assert.equal(answer.payload.errorCode, 'ERR_NO_SOCKET');
        assert.match(answer.payload.errorStr, /^No (client|server) is selected\. .+\.$/);
      });
    }
  });

  describe('an id that does not exist is ERR_NO_SOCKET, clear and information included', () => {
    for (const [type, payload] of withInformation) {
      // A client's id is unknown to a server command, and vice versa.
      const strangers: unknown[] = type.startsWith('ix-client') ? [2, -1, 0, 1.5, 'x', null, {}] : [-2, 1, 0, -1.5, 'x', null, {}];
      it(type, async () => {
        const flow = await run([
          { id: 'create client', type: 'ix-client-create' },
          { id: 'create server', type: 'ix-server-create' },
          { id: 'n', type },
        ]);
        await flow.command('create client');
        await flow.command('create server');
        for (const id of strangers) {
          const answer = await flow.command('n', { ...payload, id });
          assert.equal(answer.payload.success, false, `id ${JSON.stringify(id)}`);
          assert.equal(answer.payload.errorCode, 'ERR_NO_SOCKET', `id ${JSON.stringify(id)}`);
          assert.ok(answer.payload.errorStr.length > 20);
        }
      });
    }
  });

  it('an id that was cleared is ERR_NO_SOCKET from then on', async () => {
    const flow = await run([
      { id: 'create', type: 'ix-client-create' },
      { id: 'clear', type: 'ix-client-clear' },
    ]);
    await flow.command('create');
    assert.deepEqual((await flow.command('clear', { id: 1 })).payload, { success: true });
    assert.equal((await flow.command('clear', { id: 1 })).payload.errorCode, 'ERR_NO_SOCKET');
    assert.equal((await flow.command('create', { id: 1 })).payload.errorCode, 'ERR_NO_SOCKET');
  });

  describe('a config node that is named but missing, disabled or of the other side is ERR_NO_SOCKET', () => {
    for (const [type, payload] of withInformation) {
      const side = sideOf(type);
      const other = side === 'client' ? 'server' : 'client';
      it(type, async () => {
        const flow = await run([
          { id: 'other', type: `ix-${other}` },
          { id: 'disabled', type: `ix-${side}`, d: true },
          { id: 'a', type, [side]: 'nowhere' },
          { id: 'b', type, [side]: 'disabled' },
          { id: 'c', type, [side]: 'other' },
        ]);
        for (const id of ['a', 'b', 'c']) {
          const { payload: status } = await flow.command(id, payload, { socket: 1 });
          assert.equal(status.success, false, id);
          assert.equal(status.errorCode, 'ERR_NO_SOCKET', id);
        }
      });
    }

    it('an events node shows it in red and receives nothing', async () => {
      const server = await wsServer();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: server.url },
        { id: 'start', type: 'ix-client-start', client: 'c' },
        { id: 'e', type: 'ix-client-events', client: 'nowhere' },
      ]);
      assert.equal(flow.status('e').fill, 'red');
      await flow.command('start');
      assert.ok(flow.out('e.1').isEmpty);
    });
  });

  it('a config node whose socket was cleared by a command is ERR_NO_SOCKET until it is deployed again', async () => {
    const server = await wsServer();
    const items: Item[] = [
      { id: 'c', type: 'ix-client', URL: server.url },
      { id: 'clear', type: 'ix-client-clear', client: 'c' },
      { id: 'start', type: 'ix-client-start', client: 'c' },
    ];
    const flow = await run(items);
    assert.equal((await flow.command('clear')).payload.success, true);
    for (const id of ['clear', 'start']) assert.equal((await flow.command(id)).payload.errorCode, 'ERR_NO_SOCKET');
    await flow.deploy(items, 'full');
    assert.equal((await flow.command('start')).payload.success, true);
  });

  it('a client made by a message is cleared when the node that made it closes: its peer sees 1012, its id is gone', async () => {
    const server = await wsServer();
    const rest: Item[] = [{ id: 'start', type: 'ix-client-start' }];
    const flow = await run([{ id: 'create', type: 'ix-client-create' }, ...rest]);
    await flow.command('create', { URL: server.url });
    assert.equal((await flow.command('start', { id: 1 })).payload.success, true);
    const peer = await server.peers.take();
    await flow.deploy([{ id: 'create', type: 'ix-client-create', name: 'changed' }, ...rest]);
    assert.deepEqual(await peer.closes.take(), { code: 1012, reason: 'Service restart' });
    assert.equal((await flow.command('start', { id: 1 })).payload.errorCode, 'ERR_NO_SOCKET');
    assert.equal((await flow.command('create', { URL: server.url })).socket, 2);
  });

  it('a server made by a message is cleared when the node that made it closes: its port refuses', async () => {
    const rest: Item[] = [{ id: 'start', type: 'ix-server-start' }];
    const flow = await run([{ id: 'create', type: 'ix-server-create' }, ...rest]);
    await flow.command('create', { port: 0 });
    const { uri } = (await flow.command('start', { id: -1 })).payload;
    const peer = await wsClient(uri);
    await flow.deploy(rest);
    assert.equal((await peer.closes.take()).code, 1001);
    await assert.rejects(wsClient(uri), /ECONNREFUSED/);
  });

  it('a socket made by a message outlives a deploy that leaves its node alone', async () => {
    const server = await wsServer();
    const items: Item[] = [
      { id: 'create', type: 'ix-client-create' },
      { id: 'start', type: 'ix-client-start' },
    ];
    const flow = await run(items);
    await flow.command('create', { URL: server.url });
    await flow.command('start', { id: 1 });
    await flow.deploy([...items, { id: 'more', type: 'ix-server-create' }]);
    assert.equal((await flow.command('create', { id: 1 })).payload.readyState, 'open');
  });

  it('a create node takes the options of its config node for a socket of its own', async () => {
    const server = await wsServer();
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: server.url, pingInterval: '7' },
      { id: 'create', type: 'ix-client-create', client: 'c' },
      { id: 'start', type: 'ix-client-start' },
    ]);
    const { socket } = await flow.command('create', {}, { socket: 99 });
    assert.equal(socket, 2);
    assert.equal((await flow.command('start', { id: 2 })).payload.success, true);
    const about = async (id: number) => (await flow.command('create', { id })).payload;
    assert.deepEqual([(await about(2)).pingInterval, (await about(2)).readyState, (await about(1)).readyState], [7, 'open', 'closed']);
  });
});
