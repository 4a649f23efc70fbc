import assert from 'node:assert/strict';
import { type Flow, type Item, run } from '../helpers/flow';
import { closedPort, wsServer } from '../helpers/peers';
import { inNodeRed, until, waitQuietly } from './suite';

const items = (port: number, more: object = {}, sender: object = {}): Item[] => [
  {
    id: 'c',
    type: 'ix-client',
    URL: `ws://127.0.0.1:${port}/`,
    autoStart: true,
    maxWaitBetweenReconnectionRetries: 100,
    queueSize: '10',
    ...more,
  },
  { id: 'send', type: 'ix-client-send', client: 'c', ...sender },
  { id: 'info', type: 'ix-client-create', client: 'c' },
];

async function waiting(port: number, texts: readonly string[]): Promise<Flow> {
  const flow = await run(items(port));
  await until(() => flow.status('c').fill === 'yellow', 'an attempt');
  for (const payload of texts) flow.node('send').receive({ payload, topic: payload });
  return flow;
}

describe('the outbox of a client', () => {
  inNodeRed();

  it('holds messages until the connection is open, and shows how many', async () => {
    const port = await closedPort();
    const flow = await waiting(port, ['a', 'b']);
    await until(() => flow.status('send').text === 'ix-websocket.status.outbox', 'the status');
    assert.equal(flow.dones('send').length, 0);
    const peer = await wsServer({ port });
    const { messages } = await peer.peers.take();
    assert.deepEqual([(await messages.take()).data, (await messages.take()).data], ['a', 'b']);
    for (const topic of ['a', 'b']) {
      const answer = await flow.out('send.out').take('an answer');
      assert.equal(answer.topic, topic);
      assert.equal(answer.payload.success, true);
      assert.equal(typeof answer.payload.queued, 'number');
    }
    assert.equal(flow.dones('send').length, 2);
    await until(() => flow.status('send').fill === 'green', 'the state again');
  });

  for (const type of ['nodes', 'full'] as const) {
    it(`is handed to the node of the same id (${type}), whose send node answers`, async () => {
      const port = await closedPort();
      const flow = await waiting(port, ['a', 'b']);
      await flow.deploy(items(port, { name: 'changed' }), type);
      await until(() => flow.status('c').text === 'ix-websocket.status.outbox', 'the status');
      flow.node('send').receive({ payload: 'c', topic: 'c' });
      const peer = await wsServer({ port });
      const { messages } = await peer.peers.take();
      const sent = [await messages.take(), await messages.take(), await messages.take()].map(({ data }) => data);
      assert.deepEqual(sent, ['a', 'b', 'c']);
      const answers = [];
      for (let i = 0; i < 3; i++) answers.push(await flow.out('send.out').take('an answer'));
      assert.deepEqual(
        answers.map(({ topic, payload }) => [topic, payload.success]),
        [
          ['a', true],
          ['b', true],
          ['c', true],
        ],
      );
      assert.equal(flow.dones('send').length, 3);
    });
  }

  it('sends without an answer what a deleted send node has left', async () => {
    const port = await closedPort();
    const flow = await waiting(port, ['a']);
    await flow.deploy(items(port, { name: 'changed' }).filter(({ id }) => id !== 'send'));
    const peer = await wsServer({ port });
    assert.equal((await (await peer.peers.take()).messages.take()).data, 'a');
    await waitQuietly(50);
    assert.equal(flow.dones('send').length, 0);
  });

  it('answers each message when its node is deleted', async () => {
    const port = await closedPort();
    const flow = await waiting(port, ['a', 'b']);
    await flow.deploy([{ id: 'other', type: 'helper' }]);
    await until(() => flow.dones('send').length === 2, 'an end for each');
  });
});
