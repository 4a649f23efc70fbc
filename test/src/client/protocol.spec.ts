import assert from 'node:assert/strict';
import { ClientSocket } from '../../../src/client/client';
import type { Outcome } from '../../../src/conversation';
import type { SocketEvent } from '../../../src/core/events';
import { expressions } from '../../helpers/expressions';
import { wsServer } from '../../helpers/peers';
import { Queue, within } from '../../helpers/queue';
import { onTeardown, teardown } from '../../helpers/teardown';

const login = {
  format: 'json',
  onOpen: [{ send: { hello: 1 } }, { wait: { welcome: { exists: true } }, as: 'welcome', fail: { denied: true } }],
  rpc: {
    request: { type: 'jsonata', value: '{ "id": $id, "method": $method }' },
    answer: { when: { result: { exists: true } }, id: 'id', value: 'result' },
    call: { when: { call: { exists: true } }, id: 'call', method: 'method' },
    reply: { type: 'jsonata', value: '{ "reply": $id, "result": $result }' },
  },
};

function client(options: object) {
  const events = new Queue<SocketEvent>();
  const log = { warn() {}, error: (error: unknown) => assert.fail(String(error)) };
  const socket = new ClientSocket(1, () => ({}), options as never, log, expressions);
  socket.events.on((event) => events.push(event));
  onTeardown(() => socket.clear());
  return { socket, events };
}

describe('a client with a protocol', () => {
  afterEach(teardown);

  const protocol = { describe: () => login };

  it('is open when its opening conversation has ended', async () => {
    const server = await wsServer();
    const { socket, events } = client({ URL: server.url, protocol });
    const started = socket.start({}, {});
    const peer = await server.peers.take();
    assert.deepEqual((await peer.messages.take()).data, '{"hello":1}');
    assert.equal(socket.info().readyState, 'connecting');
    peer.ws.send('{"early":1}');
    peer.ws.send('{"welcome":"you"}');
    const answer = await within(started, 'the start');
    assert.deepEqual([answer.success, answer.opening], [true, { welcome: { welcome: 'you' } }]);
    assert.equal((await events.take()).type, 1);
    const event = await events.take();
    assert.deepEqual(event.type === 0 && event.payload.data, { early: 1 });
  });

  it('fails to start if the peer refuses, and says at which step', async () => {
    const server = await wsServer();
    const { socket } = client({ URL: server.url, protocol });
    const started = socket.start({}, {});
    const peer = await server.peers.take();
    peer.ws.send('{"denied":true}');
    const { success, errorStr = '' } = await within(started, 'the start');
    assert.equal(success, false);
    assert.match(errorStr, /opening conversation failed at step 2 of 2.*the peer refused/);
    assert.equal((await peer.closes.take()).code, 1008);
  });

  it('fails to start if the peer ends the connection during the opening', async () => {
    const server = await wsServer();
    const { socket } = client({ URL: server.url, protocol });
    const started = socket.start({}, {});
    (await server.peers.take()).ws.close(4000, 'no');
    assert.match((await within(started, 'the start')).errorStr ?? '', /the connection ended with 4000 \(no\)/);
  });

  it('can be stopped during the opening', async () => {
    const server = await wsServer();
    const { socket } = client({ URL: server.url, protocol });
    const started = socket.start({}, {});
    const peer = await server.peers.take();
    await peer.messages.take();
    await within(socket.stop(1000, 'bye'), 'the stop');
    assert.equal((await within(started, 'the start')).success, false);
    assert.equal((await peer.closes.take()).code, 1000);
  });

  it('asks, and answers calls', async () => {
    const server = await wsServer();
    const { socket, events } = client({ URL: server.url, protocol });
    const started = socket.start({}, {});
    const peer = await server.peers.take();
    peer.ws.send('{"welcome":1}');
    await within(started, 'the start');
    await peer.messages.take();
    const outcome = new Promise<Outcome>((resolve) => socket.request({ method: 'm', timeout: 5, many: false, keep: false }, resolve));
    assert.deepEqual((await peer.messages.take()).data, '{"id":1,"method":"m"}');
    peer.ws.send('{"id":1,"result":[5]}');
    assert.deepEqual((await within(outcome, 'the outcome')).result, [5]);
    peer.ws.send('{"call":"c1","method":"x"}');
    await events.take();
    const event = await events.take();
    const call = event.type === 0 ? event.payload.call : undefined;
    assert.deepEqual([call?.id, call?.method], ['c1', 'x']);
    socket.answer(call?.id, { result: true }, ({ success }) => assert.equal(success, true));
    assert.deepEqual((await peer.messages.take()).data, '{"reply":"c1","result":true}');
    socket.answer(call?.id, { result: true }, ({ success }) => assert.equal(success, false));
  });

  it('ends open requests when it is stopped', async () => {
    const server = await wsServer();
    const { socket } = client({ URL: server.url, protocol });
    const started = socket.start({}, {});
    const peer = await server.peers.take();
    peer.ws.send('{"welcome":1}');
    await within(started, 'the start');
    const outcome = new Promise<Outcome>((resolve) => socket.request({ timeout: 5, many: false, keep: false }, resolve));
    await socket.stop(1000, '');
    assert.match((await within(outcome, 'the outcome')).errorStr ?? '', /stopped/);
  });
});
