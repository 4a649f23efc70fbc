import assert from 'node:assert/strict';
import { type Item, type Msg, run } from '../helpers/flow';
import { wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until, watchers } from './suite';

/** A server with two peers, and these nodes. */
async function listening(...nodes: Item[]) {
  const flow = await run([
    { id: 's', type: 'ix-server', port: 0 },
    ...nodesOf('server', 'start', 's'),
    ...nodes.map((node) => ({ server: 's', ...node })),
    ...watchers(),
  ]);
  const { uri } = (await flow.command('start')).payload;
  const [a, b] = [await wsClient(`${uri}/a`), await wsClient(`${uri}/b`)];
  return { flow, a, b };
}
const sender = (more: Msg): Item => ({ id: 'send', type: 'ix-server-send', payloadIs: 'message', ...more });

describe('the typed fields of command nodes', () => {
  inNodeRed();

  const values: [type: string, value: string, msg: Msg, sent: string][] = [
    ['msg', 'text.of.mine', { text: { of: { mine: 'hello' } } }, 'hello'],
    ['str', 'fixed', {}, 'fixed'],
    ['num', '42', {}, '42'],
    ['json', '{"a":1}', {}, '{"a":1}'],
    ['jsonata', 'payload & "!"', {}, 'p!'],
    ['env', 'IX_FIELD', {}, 'from the environment'],
  ];
  for (const [type, value, msg, sent] of values) {
    it(`message of type ${type}`, async () => {
      process.env.IX_FIELD = 'from the environment';
      const { flow, a } = await listening(sender({ message: value, messageType: type }));
      await flow.command('send', 'p', msg);
      assert.equal((await a.messages.take()).data, sent);
      delete process.env.IX_FIELD;
    });
  }

  for (const type of ['flow', 'global']) {
    it(`message of type ${type}`, async () => {
      const { flow, a } = await listening(sender({ message: 'kept', messageType: type }));
      flow.node('send').context()[type].set('kept', 'from the context');
      await flow.command('send', 'p');
      assert.equal((await a.messages.take()).data, 'from the context');
    });
  }

  it('msg.payload as the message is the payload, whatever it is', async () => {
    const { flow, a } = await listening(sender({ message: 'payload', messageType: 'msg' }));
    await flow.command('send', { message: 'x', uri: '/b' });
    assert.equal((await a.messages.take()).data, '{"message":"x","uri":"/b"}');
  });

  for (const [to, target] of [
    ['tag', 'room'],
    ['uri', '/b'],
  ] as const) {
    it(`the target of To ${to}`, async () => {
      const { flow, a, b } = await listening(sender({ to, target: 'where', targetType: 'msg' }), {
        id: 'tag',
        type: 'ix-server-tag',
        to: 'uri',
        target: '/b',
        targetType: 'str',
        add: '["room"]',
        addType: 'json',
      });
      assert.equal((await flow.command('tag')).payload.tagged, 1);
      assert.equal((await flow.command('send', 'x', { where: target })).payload.statuses.length, 1);
      assert.equal((await b.messages.take()).data, 'x');
      assert.ok(a.messages.isEmpty);
    });
  }

  it('code and reason of disconnect go before the payload', async () => {
    const { flow, a } = await listening({
      id: 'end',
      type: 'ix-server-disconnect',
      to: 'all',
      code: '4001',
      codeType: 'num',
      reason: 'why',
      reasonType: 'msg',
    });
    await flow.command('end', { code: 4002 }, { why: 'because' });
    assert.deepEqual(await a.closes.take(), { code: 4001, reason: 'because' });
  });

  it('URL, headers and timeout of start', async () => {
    const peer = await wsServer();
    const flow = await run([
      { id: 'c', type: 'ix-client' },
      {
        id: 'start',
        type: 'ix-client-start',
        client: 'c',
        URL: 'where',
        URLType: 'msg',
        headers: '{ "X-One": msg.one }',
        headersType: 'jsonata',
        timeout: '5',
        timeoutType: 'num',
      },
    ]);
    const { success, errorStr } = (await flow.command('start', {}, { where: peer.url, one: '1' })).payload;
    assert.equal(success, true, errorStr);
    assert.equal((await peer.peers.take()).request?.headers['x-one'], '1');
  });

  it('method of set method', async () => {
    const flow = await run([{ id: 'set', type: 'ix-set-method', method: 'topic', methodType: 'msg' }]);
    assert.equal((await flow.command('set', 'other', { topic: 'mine' })).payload, 'mine');
  });

  for (const expression of ['$number("x")', '$(']) {
    it(`the expression ${expression} fails: a failed command, with the message of the expression`, async () => {
      const { flow } = await listening(sender({ message: expression, messageType: 'jsonata' }));
      const { success, errorCode, errorStr } = (await flow.command('send', 'x')).payload;
      assert.deepEqual([success, errorCode], [false, 'ERR_OPTION']);
      assert.match(errorStr, /^The field message of the node failed: .{10,}\. Correct it in the node\.$/);
      assert.match((await flow.out('caught').take()).error.message, /field message/);
      assert.equal(flow.dones('send').length, 1);
    });
  }

  it('a field that is undefined is nothing to send', async () => {
    const { flow } = await listening(sender({ message: 'gone', messageType: 'msg' }));
    assert.match((await flow.command('send', 'x')).payload.errorStr, /^There is nothing to send/);
  });

  it('messages stay in order, though expressions take their time', async () => {
    const { flow, a } = await listening(sender({ message: 'payload', messageType: 'jsonata' }));
    for (let i = 0; i < 50; i++) flow.node('send').receive({ payload: String(i) });
    for (let i = 0; i < 50; i++) assert.equal((await a.messages.take()).data, String(i));
    await until(() => flow.dones('send').length === 50, 'the end of each');
  });

  describe('websocket server connections', () => {
    it('lists all connections, or those selected', async () => {
      const { flow } = await listening(
        { id: 'list', type: 'ix-server-connections' },
        { id: 'some', type: 'ix-server-connections', to: 'uri', target: '/b', targetType: 'str' },
      );
      const { clients, connections } = (await flow.command('list')).payload;
      assert.deepEqual(clients, ['/a', '/b']);
      assert.deepEqual((await flow.command('list', { client: connections[0].client })).payload.clients, ['/a']);
      assert.deepEqual((await flow.command('some')).payload.clients, ['/b']);
    });

    it('beside msg.details lists the connection that sent', async () => {
      const { flow } = await listening({ id: 'list', type: 'ix-server-connections' });
      const { connections } = (await flow.command('list')).payload;
      const details = { client: connections[1].client };
      assert.deepEqual((await flow.command('list', { uri: '/a', client: connections[0].client }, { details })).payload.clients, ['/b']);
    });
  });
});
