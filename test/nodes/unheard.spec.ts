import assert from 'node:assert/strict';
import { type Item, run } from '../helpers/flow';
import { wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, waitQuietly, watchers } from './suite';

/** A send node without a wire. Nobody takes its answers, so none are made. */
const unwired = (more: Partial<Item>): Item => ({ id: 'n', type: 'ix-server-send', wires: [[]], ...more });

const serving = async (more: Partial<Item> = {}, events: Partial<Item> = {}) => {
  const flow = await run([
    { id: 's', type: 'ix-server', port: 0, autoStart: true },
    { id: 'in', type: 'ix-server-events', server: 's', wires: [['n'], ['opened'], [], []], ...events },
    { id: 'opened', type: 'helper' },
    unwired({ server: 's', ...more }),
    ...watchers('n'),
  ]);
  const { uri } = await listening(flow.node('s').socket);
  const join = async () => {
    const peer = await wsClient(uri);
    await flow.out('opened').take('the Open');
    return peer;
  };
  return { flow, join };
};

async function listening(socket: { listening?: { uri: string }; changes: { on(listener: () => void): () => void } }) {
  while (!socket.listening) await new Promise<void>((resolve) => socket.changes.on(resolve));
  return socket.listening;
}

describe('a send whose answer nobody takes', () => {
  inNodeRed();

  for (const to of ['message', 'sender', 'all']) {
    it(`is done once for each message, in order: To ${to}`, async () => {
      const { flow, join } = await serving({ to });
      const peer = await join();
      for (const text of ['a', 'b', 'c']) peer.ws.send(text);
      for (const text of ['a', 'b', 'c']) assert.equal(String((await peer.messages.take()).data), text);
      for (let i = 0; i < 3; i++) await flow.out('completed').take('the completion');
      await waitQuietly(20);
      assert.deepEqual(flow.dones('n'), Array(3).fill({ id: 'n' }));
      assert.ok(flow.out('caught').isEmpty);
    });
  }

  it('is done once for a batch, of which one message cannot be read', async () => {
    const { flow, join } = await serving({}, { batchSize: 3, batchMs: 1000, output: 'auto' });
    const peer = await join();
    for (const text of ['"a"', 'null', '"c"']) peer.ws.send(text);
    for (const text of ['a', 'c']) assert.equal(String((await peer.messages.take()).data), text);
    assert.match((await flow.out('caught').take()).error.message, /message/);
    await waitQuietly(20);
    assert.equal(flow.dones('n').length, 1);
  });

  it('fails with raise, with the sentence of the answer', async () => {
    const flow = await run([
      { id: 's', type: 'ix-server', port: 0 },
      unwired({ server: 's', raise: true }),
      { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/' },
      { ...unwired({ type: 'ix-client-send', client: 'c', raise: true }), id: 'm' },
      ...watchers('n'),
    ]);
    flow.node('n').receive({ payload: 'x' });
    assert.match((await flow.out('caught').take()).error.message, /not started/);
    flow.node('m').receive({ payload: 'x' });
    assert.match((await flow.out('caught').take()).error.message, /The message was not sent: client 1/);
    await waitQuietly(20);
    assert.deepEqual([flow.dones('n').length, flow.dones('m').length], [1, 1]);
  });

  it('of a client reaches its server, and is done', async () => {
    const peer = await wsServer();
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: peer.url, autoStart: true },
      { id: 'in', type: 'ix-client-events', client: 'c', wires: [[], ['opened'], [], []] },
      { id: 'opened', type: 'helper' },
      unwired({ type: 'ix-client-send', client: 'c' }),
      ...watchers('n'),
    ]);
    await flow.out('opened').take();
    flow.node('n').receive({ payload: 'x' });
    await flow.out('completed').take('the completion');
    assert.deepEqual(flow.dones('n'), [{ id: 'n' }]);
  });
});
