import assert from 'node:assert/strict';
import { propertiesOf } from '../../nodes/editor/properties';
import { type Flow, type Item, type Msg, run } from '../helpers/flow';
import { closedPort, type Peer, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until, waitQuietly } from './suite';

const rpc = {
  request: { type: 'jsonata', value: '{ "id": $id, "method": $method, "params": $params }' },
  answer: { when: { result: { exists: true } }, id: 'id', value: 'result' },
  error: { when: { error: { exists: true } }, id: 'id', value: 'error' },
  more: { more: true },
  cancel: { type: 'jsonata', value: '{ "cancel": $id }' },
};
/** Both sides may ask. */
const both = {
  ...rpc,
  call: { when: { call: { exists: true } }, id: 'call', method: 'method' },
  reply: { type: 'jsonata', value: '{ "reply": $id, "result": $result }' },
};
const protocol: Item = { id: 'p', type: 'ix-protocol', format: 'json', rpc };

/** A server whose peers the test plays. */
const serving: Item[] = [
  protocol,
  { id: 's', type: 'ix-server', port: 0, protocol: 'p' },
  ...nodesOf('server', 'start request', 's'),
  { id: 'e', type: 'ix-server-events', server: 's', output: 'event' },
];

/** A client whose peer the test plays. */
async function asking(node: Msg = {}): Promise<{ flow: Flow; peer: Peer }> {
  const server = await wsServer();
  const flow = await run([
    protocol,
    { id: 'c', type: 'ix-client', URL: server.url, protocol: 'p' },
    ...nodesOf('client', 'start stop', 'c'),
    { id: 'request', type: 'ix-client-request', client: 'c', ...node },
  ]);
  assert.equal((await flow.command('start')).payload.success, true);
  return { flow, peer: await server.peers.take() };
}
const ask = (flow: Flow, payload: unknown, more: Msg = {}) => flow.node('request').receive({ ...more, payload });
const answers = (flow: Flow) => flow.out('request.out');
const asked = async ({ messages }: Peer) => JSON.parse(String((await messages.take()).data));
const say = ({ ws }: Peer, message: object) => ws.send(JSON.stringify(message));

describe('a request node', () => {
  inNodeRed();

  it('outputs the answer with all other properties of the message', async () => {
    const { flow, peer } = await asking();
    ask(flow, { method: 'm', params: [1] }, { topic: 'kept' });
    assert.deepEqual(await asked(peer), { id: 1, method: 'm', params: [1] });
    say(peer, { id: 1, result: { a: 1 } });
    const { payload, topic } = await answers(flow).take();
    const { ms, ...rest } = payload;
    assert.deepEqual([rest, topic], [{ success: true, result: { a: 1 }, requestId: 1, sent: true }, 'kept']);
    assert.equal(typeof ms, 'number');
  });

  it('of the palette takes method and params', async () => {
    const initial = propertiesOf('ix-client-request').map(({ name, initial }) => [name, initial]);
    const { flow, peer } = await asking({ ...Object.fromEntries(initial), client: 'c' });
    ask(flow, { method: 'm', params: [1] });
    assert.deepEqual(await asked(peer), { id: 1, method: 'm', params: [1] });
  });

  it('with keep asks again after a reconnection, and outputs each answer; done is called once', async () => {
    const server = await wsServer();
    const flow = await run([
      protocol,
      { id: 'c', type: 'ix-client', URL: server.url, protocol: 'p', waitAfterReconnectionAttempt: 1, stableAfterMs: 0 },
      ...nodesOf('client', 'start', 'c'),
      { id: 'request', type: 'ix-client-request', client: 'c' },
    ]);
    await flow.command('start');
    ask(flow, { method: 'subscribe', keep: true });
    for (const renewed of [undefined, 1, 2]) {
      const peer = await server.peers.take();
      assert.equal((await asked(peer)).method, 'subscribe');
      say(peer, { id: 1, result: 'yes' });
      const { payload } = await answers(flow).take();
      assert.deepEqual([payload.result, payload.renewed], ['yes', renewed]);
      peer.ws.terminate();
    }
    const peer = await server.peers.take();
    await asked(peer);
    ask(flow, { cancel: 1 });
    const ends = [(await answers(flow).take()).payload, (await answers(flow).take()).payload];
    assert.deepEqual(ends.map(({ success, errorStr }) => [success, errorStr]).sort(), [
      [false, 'cancelled'],
      [true, undefined],
    ]);
    assert.equal(flow.dones('request').length, 2);
  });

  it('cancels a request that waits in the outbox, and sends nothing', async () => {
    const port = await closedPort();
    const client = { id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, protocol: 'p', autoStart: true, queueSize: 5 };
    const flow = await run([protocol, { ...client }, { id: 'request', type: 'ix-client-request', client: 'c' }]);
    await until(() => flow.status('c').fill === 'yellow', 'an attempt');
    ask(flow, { method: 'a', requestId: 'mine' }, { topic: 'asked' });
    ask(flow, { method: 'b', requestId: 'other' });
    ask(flow, { cancel: 'mine' }, { topic: 'cancelled' });
    const [ended, cancelled] = [await answers(flow).take(), await answers(flow).take()];
    const { success, sent, errorStr } = ended.payload;
    assert.deepEqual([ended.topic, success, sent, errorStr], ['asked', false, false, 'cancelled']);
    assert.deepEqual([cancelled.topic, cancelled.payload], ['cancelled', { success: true, requestId: 'mine' }]);
    const peer = await (await wsServer({ port })).peers.take();
    assert.equal((await asked(peer)).method, 'b');
  });

  it('puts the id into a whole message', async () => {
    const { flow, peer } = await asking({ payloadIs: 'message' });
    ask(flow, { method: 'own', b: 2 });
    assert.deepEqual(await asked(peer), { method: 'own', b: 2, id: 1 });
  });

  it('with answerAs result outputs the result, and null after a failure', async () => {
    const { flow, peer } = await asking({ answerAs: 'result' });
    ask(flow, { method: 'a' });
    await asked(peer);
    say(peer, { id: 1, result: 7 });
    assert.equal((await answers(flow).take()).payload, 7);
    ask(flow, { method: 'b' });
    await asked(peer);
    say(peer, { id: 2, error: { code: 3 } });
    const { payload, details } = await answers(flow).take();
    assert.deepEqual([payload, details.success, details.error], [null, false, { code: 3 }]);
  });

  it('takes method and params from its fields', async () => {
    const fields = { method: 'status', methodType: 'str', params: '{"n": payload}', paramsType: 'jsonata' };
    const { flow, peer } = await asking(fields);
    ask(flow, 5);
    assert.deepEqual(await asked(peer), { id: 1, method: 'status', params: { n: 5 } });
  });

  it('fails after the timeout of the node', async () => {
    const { flow } = await asking({ timeout: 0.05 });
    ask(flow, { method: 'm' });
    const { payload } = await answers(flow).take();
    assert.deepEqual([payload.success, payload.sent], [false, true]);
    assert.match(payload.errorStr, /timed out/);
  });

  it('was not sent if the client is not connected', async () => {
    const { flow } = await asking();
    await flow.command('stop');
    ask(flow, { method: 'm' });
    assert.deepEqual([(await answers(flow).take()).payload.sent], [false]);
  });

  it('with many outputs each answer, and can be cancelled', async () => {
    const { flow, peer } = await asking({ many: true });
    ask(flow, { method: 'm' });
    await asked(peer);
    for (const result of ['a', 'b']) say(peer, { id: 1, result, more: true });
    const parts = [await answers(flow).take(), await answers(flow).take()];
    assert.deepEqual(
      parts.map(({ payload }) => [payload.part, payload.result]),
      [
        [1, 'a'],
        [2, 'b'],
      ],
    );
    ask(flow, { cancel: 1 });
    const ends = [(await answers(flow).take()).payload, (await answers(flow).take()).payload];
    assert.deepEqual(ends.map(({ success, last, errorStr }) => [success, last, errorStr]).sort(), [
      [false, true, 'cancelled'],
      [true, undefined, undefined],
    ]);
    assert.deepEqual(await asked(peer), { cancel: 1 });
  });

  it('ends its open requests when it is removed', async () => {
    const { flow, peer } = await asking({ many: true });
    ask(flow, { method: 'm' });
    await asked(peer);
    await flow.deploy([
      protocol,
      { id: 'c', type: 'ix-client', URL: flow.node('c').URL, protocol: 'p' },
      ...nodesOf('client', 'start stop', 'c'),
    ]);
    assert.equal(flow.calls.filter(({ id }) => id === 'request').length, 1);
  });

  for (const type of ['nodes', 'flows', 'full'] as const) {
    it(`that is deployed again outputs one outcome for each open request, and calls done once (${type})`, async () => {
      const { flow, peer } = await asking();
      for (let i = 0; i < 50; i++) ask(flow, { method: 'm' });
      for (let i = 0; i < 50; i++) await asked(peer);
      await flow.deploy(
        [
          { ...protocol, name: 'changed' },
          { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/', protocol: 'p' },
          ...nodesOf('client', 'start stop', 'c'),
          { id: 'request', type: 'ix-client-request', client: 'c' },
        ],
        type,
      );
      for (let i = 0; i < 50; i++) {
        const { payload } = await answers(flow).take();
        assert.deepEqual([payload.success, payload.sent], [false, true]);
        assert.match(payload.errorStr, /deployed again/);
      }
      assert.equal(flow.dones('request').length, 50);
      await flow.command('stop');
      assert.equal(answers(flow).all.length, 50);
    });
  }

  for (const payload of [undefined, null, 5, 'text', { params: 1 }.params]) {
    it(`refuses ${JSON.stringify(payload)}`, async () => {
      const { flow } = await asking();
      ask(flow, payload);
      assert.equal((await answers(flow).take()).payload.errorCode, 'ERR_OPTION');
    });
  }

  it('without rpc in the protocol says so', async () => {
    const flow = await run([
      { id: 'p', type: 'ix-protocol', format: 'json' },
      { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/', protocol: 'p' },
      { id: 'request', type: 'ix-client-request', client: 'c' },
    ]);
    assert.match((await flow.command('request', { method: 'm' })).payload.errorStr, /must have rpc/);
  });

  it('answers a call on the connection of its event, whatever the send node says, and not where that is gone', async () => {
    const flow = await run([
      { ...protocol, rpc: both },
      { id: 's', type: 'ix-server', port: 0, protocol: 'p' },
      ...nodesOf('server', 'start', 's'),
      { id: 'send', type: 'ix-server-send', server: 's', to: 'all' },
      { id: 'e', type: 'ix-server-events', server: 's', output: 'event' },
    ]);
    const { uri } = (await flow.command('start')).payload;
    const [peer, other] = [await wsClient(uri), await wsClient(uri)];
    for (const id of ['c1', 'c2']) say(peer, { call: id, method: 'x' });
    const [one, two] = [await flow.out('e.0').take(), await flow.out('e.0').take()];
    await flow.command('send', { ...one.payload, result: 'done' }, one);
    assert.deepEqual(await asked(peer), { reply: 'c1', result: 'done' });
    peer.ws.terminate();
    await flow.out('e.2').take('Close');
    const { payload } = await flow.command('send', { ...two.payload, result: 'late' }, two);
    assert.deepEqual([payload.success, payload.statuses], [false, []]);
    assert.match(payload.errorStr, /no open connection/);
    assert.equal(other.messages.all.length, 0);
  });

  for (const output of ['event', 'data', 'json', 'auto']) {
    it(`answers a call of an event whose message is output as ${output}`, async () => {
      const both = {
        ...rpc,
        call: { when: { call: { exists: true } }, id: 'call', method: 'method' },
        reply: { type: 'jsonata', value: '{ "reply": $id, "result": $result }' },
      };
      const flow = await run([
        { ...protocol, rpc: both },
        { id: 's', type: 'ix-server', port: 0, protocol: 'p' },
        ...nodesOf('server', 'start send', 's'),
        { id: 'e', type: 'ix-server-events', server: 's', output },
      ]);
      const peer = await wsClient((await flow.command('start')).payload.uri);
      say(peer, { call: 'c7', method: 'x' });
      const event = await flow.out('e.0').take();
      const { call } = event.details ?? event.payload;
      if (output === 'json' || output === 'auto') assert.deepEqual(event.payload, { call: 'c7', method: 'x' });
      const { payload } = await flow.command('send', { call, result: 'done' }, event);
      assert.equal(payload.success, true);
      assert.deepEqual(await asked(peer), { reply: 'c7', result: 'done' });
      assert.equal((await flow.command('send', { call, result: 'again' }, event)).payload.success, false);
    });
  }

  it('with keep ends with the connection of a server', async () => {
    const flow = await run(serving);
    const peer = await wsClient((await flow.command('start')).payload.uri);
    const { client } = (await flow.out('e.1').take()).payload;
    const answer = flow.command('request', { client, method: 'm', keep: true });
    await asked(peer);
    peer.ws.terminate();
    const { payload } = await answer;
    assert.deepEqual([payload.success, payload.sent], [false, true]);
  });

  it('shows that requests are open, over all connections', async () => {
    const flow = await run(serving);
    const shows = (key: string) => until(() => flow.status('request').text === `ix-websocket.status.${key}`, key);
    const { uri } = (await flow.command('start')).payload;
    const connect = async () => {
      const peer = await wsClient(uri);
      return { peer, client: (await flow.out('e.1').take()).payload.client };
    };
    const both = [await connect(), await connect()];
    await shows('listening');
    for (const { client } of both) ask(flow, { client, method: 'm' });
    await shows('requests');
    say((both[0] as (typeof both)[0]).peer, { id: 1, result: 'yes' });
    await answers(flow).take();
    await connect();
    await waitQuietly(600);
    await shows('requests');
    say((both[1] as (typeof both)[0]).peer, { id: 1, result: 'yes' });
    await shows('listening');
  });

  it('asks the connection of an Open event', async () => {
    const flow = await run(serving);
    const peer = await wsClient((await flow.command('start')).payload.uri);
    say(peer, { hello: 1 });
    const event = await flow.out('e.0').take();
    const answer = flow.command('request', { method: 'm', params: 3 }, event);
    assert.deepEqual(await asked(peer), { id: 1, method: 'm', params: 3 });
    say(peer, { id: 1, result: 'yes' });
    assert.equal((await answer).payload.result, 'yes');
  });

  it('asks one connection of a server, and its calls are answered by a send node', async () => {
    const flow = await run([
      { ...protocol, rpc: both },
      { id: 's', type: 'ix-server', port: 0, protocol: 'p' },
      ...nodesOf('server', 'start request send', 's'),
      { id: 'e', type: 'ix-server-events', server: 's', wires: [['all'], ['all'], [], ['all']] },
      { id: 'all', type: 'helper' },
    ]);
    const peer = await wsClient((await flow.command('start')).payload.uri);
    const { client } = (await flow.out('all').take()).payload;
    assert.equal((await flow.command('request', { method: 'm' })).payload.errorCode, 'ERR_OPTION');
    const answer = flow.command('request', { client, method: 'm' });
    assert.equal((await asked(peer)).method, 'm');
    say(peer, { id: 1, result: 'yes' });
    assert.equal((await answer).payload.result, 'yes');
    say(peer, { call: 'c7', method: 'x' });
    const event = await flow.out('all').take();
    assert.deepEqual(event.payload.call.method, 'x');
    flow.node('send').receive({ ...event, payload: { ...event.payload, result: 'done' } });
    assert.deepEqual(await asked(peer), { reply: 'c7', result: 'done' });
  });
});
