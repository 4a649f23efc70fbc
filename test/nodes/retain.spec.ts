import assert from 'node:assert/strict';
import { type Flow, type Item, type Msg, run } from '../helpers/flow';
import { closedPort, type Peer, wsClient } from '../helpers/peers';
import { inNodeRed, nodesOf, until } from './suite';

const items = (port: number, more: Msg = {}, sender: Msg = {}): Item[] => [
  { id: 's', type: 'ix-server', port, autoStart: true, ...more },
  { id: 'send', type: 'ix-server-send', server: 's', payloadIs: 'auto', ...sender },
  ...nodesOf('server', 'tag connections', 's'),
  { id: 'e', type: 'ix-server-events', server: 's' },
];

const reads = async ({ messages }: Peer, count: number) => {
  const texts = [];
  for (let i = 0; i < count; i++) texts.push(String((await messages.take()).data));
  return texts;
};

describe('the last values of a server', () => {
  inNodeRed();

  let port: number;
  const serving = async (more?: Msg, sender?: Msg): Promise<Flow> => {
    port = await closedPort();
    return listening(await run(items(port, more, sender)));
  };
  const listening = async (flow: Flow): Promise<Flow> => {
    await until(() => flow.node('s').socket.state === 'open', 'a server that listens');
    return flow;
  };
  const join = (path = '/') => wsClient(`ws://127.0.0.1:${port}${path}`);
  const keep = (flow: Flow, key: string, message: unknown) => flow.command('send', { message, retain: true, key });

  it('are what a page that joins late gets at once', async () => {
    const flow = await serving();
    for (let i = 0; i < 100; i++) assert.equal((await keep(flow, `k${i % 50}`, { i })).payload.retained, true);
    const values = (await reads(await join(), 50)).map((text) => JSON.parse(text).i);
    assert.deepEqual(
      values,
      Array.from({ length: 50 }, (_, i) => 50 + i),
    );
    const { retained } = (await flow.command('connections')).payload;
    assert.equal(retained.length, 50);
    assert.deepEqual(Object.keys(retained[0]), ['key', 'bytes', 'since']);
  });

  for (const type of ['nodes', 'flows', 'full'] as const) {
    it(`outlive a deploy that keeps the server (${type})`, async () => {
      const flow = await serving();
      await keep(flow, 'a', 'one');
      await keep(flow, 'b', 'two');
      const before = (await flow.command('connections')).payload.retained;
      await flow.deploy(items(port, { name: 'changed' }), type);
      await listening(flow);
      assert.deepEqual((await flow.command('connections')).payload.retained, before);
      assert.deepEqual(await reads(await join(), 2), ['one', 'two']);
    });
  }

  it('end with a deploy that removes the server', async () => {
    const flow = await serving();
    await keep(flow, 'a', 'one');
    await flow.deploy(items(port).filter(({ id }) => id !== 's'));
    await flow.deploy(items(port));
    await listening(flow);
    assert.equal(flow.node('s').socket.info().retained, undefined);
  });

  it('fit the limits of the deployed server', async () => {
    const flow = await serving();
    for (const key of ['a', 'b', 'c']) await keep(flow, key, key);
    await flow.deploy(items(port, { maxRetained: '2' }));
    await listening(flow);
    assert.deepEqual(await reads(await join(), 2), ['b', 'c']);
    const { payload } = await keep(flow, 'd', 'd');
    assert.deepEqual([payload.success, payload.retained], [true, false]);
    assert.match(payload.errorStr, /maxRetained/);
  });

  it('are kept as the fields of the node say, for each message', async () => {
    const fields = { retain: 'true', retainType: 'bool', key: 'topic', keyType: 'msg', to: 'all', payloadIs: 'message' };
    const flow = await serving({}, fields);
    await flow.command('send', { celsius: 20 }, { topic: 'kitchen' });
    await flow.command('send', { celsius: 21 }, { topic: 'kitchen' });
    await flow.command('send', { celsius: 5 }, { topic: 'garden' });
    assert.deepEqual(await reads(await join(), 2), ['{"celsius":21}', '{"celsius":5}']);
  });

  it('of a group come after the reply that names it, with those for everyone, oldest first', async () => {
    port = await closedPort();
    const flow = await run([
      ...items(port),
      { id: 'ask', type: 'ix-server-authorize', server: 's', wires: [['asked']] },
      { id: 'asked', type: 'helper' },
      { id: 'reply', type: 'ix-reply' },
    ]);
    await listening(flow);
    await flow.command('send', { message: '1', retain: true, tag: 't' });
    await flow.command('send', { message: '2', retain: true });
    await flow.command('send', { message: '3', retain: true, tag: ['u', 't'], key: 'k' });
    const connecting = join();
    const { ask } = await flow.out('asked').take();
    await flow.command('reply', { accept: true, tags: ['t', 'u'] }, { ask });
    const peer = await connecting;
    await flow.out('e.1').take('the Open event');
    await flow.command('send', { message: 'newer', tag: 't' });
    assert.deepEqual(await reads(peer, 4), ['1', '2', '3', 'newer']);
  });

  it('are never chosen by a peer', async () => {
    const flow = await serving();
    const peer = await join();
    peer.ws.send('{"message":"x","retain":true,"key":"k"}');
    const event = await flow.out('e.0').take('the Message');
    const parsed = { ...event, payload: JSON.parse(event.payload.str) };
    const { payload } = await flow.command('send', parsed.payload, { _session: event._session });
    assert.deepEqual([payload.success, 'retained' in payload], [true, false]);
    assert.equal('retained' in (await flow.command('connections')).payload, false);
  });
});
