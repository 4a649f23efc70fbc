import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { ClientSocket } from '../../../src/client/client';
import type { Outcome } from '../../../src/conversation';
import type { Layer } from '../../../src/options/read';
import { expressions } from '../../helpers/expressions';
import { listening, Peer, rawServer, wsServer } from '../../helpers/peers';
import { Queue, until, within } from '../../helpers/queue';
import { ClientHarness, client, TestLog } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

const rule = { when: { go: { exists: true } }, then: 'reconnect', URL: { type: 'jsonata', value: '$string(go)' } };
const rpc = { request: { type: 'jsonata', value: '{ "id": $id, "method": $method }' }, answer: { when: { result: 1 }, id: 'id' } };

function talker(given: Layer, description: object = {}): ClientHarness {
  const log = new TestLog();
  const full = { format: 'json', answers: [{ when: { again: true }, then: 'reconnect' }, rule], rpc, ...description };
  const options = {
    protocol: { describe: () => full },
    enableAutomaticReconnection: true,
    minWaitBetweenReconnectionRetries: 20,
    ...given,
  };
  return new ClientHarness(new ClientSocket(1, () => ({}), options, log, expressions), log);
}

/** Starts a server that refuses the connections of these numbers. */
async function picky(...refused: number[]) {
  const http = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const peers = new Queue<Peer>();
  let count = 0;
  http.on('upgrade', (request, socket, head) => {
    if (refused.includes(++count)) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
    wss.handleUpgrade(request, socket, head, (ws) => peers.push(new Peer(ws, request)));
  });
  return { url: `ws://127.0.0.1:${await listening(http)}/`, peers };
}

describe('a renewal that a rule asks for', () => {
  afterEach(teardown);

  it('opens a new connection, then closes the old one with 1000, without a Close event', async () => {
    const server = await wsServer();
    const harness = await talker({ URL: server.url }).open();
    const { socket } = harness;
    const old = await server.peers.take();
    old.ws.send('{"again":true}');
    assert.equal((await harness.next('Open')).renews, true);
    const fresh = await server.peers.take();
    assert.deepEqual(await old.closes.take(), { code: 1000, reason: 'Renewed' });
    socket.send({ hi: 1 }, () => {});
    assert.equal((await fresh.messages.take()).data, '{"hi":1}');
    assert.deepEqual(harness.names, ['Open', 'Open']);
    assert.equal(socket.state, 'open');
  });

  it('goes to the URL of the rule this once', async () => {
    const server = await wsServer();
    const harness = await talker({ URL: server.url }).open();
    (await server.peers.take()).ws.send(JSON.stringify({ go: `${server.url}other?a=1` }));
    assert.equal((await harness.next('Open')).uri, '/other?a=1');
    const second = await server.peers.take();
    second.ws.close(4000);
    await harness.next('Close');
    await harness.next('Error');
    assert.equal((await harness.next('Open')).uri, '/');
  });

  it('takes no credentials to another host', async () => {
    const [server, other] = [await wsServer(), await wsServer()];
    const harness = await talker({ URL: server.url, user: 'u', password: 'p', headers: { 'X-Key': 'k' } }).open();
    const first = await server.peers.take();
    assert.equal(first.request?.headers['x-key'], 'k');
    first.ws.send(JSON.stringify({ go: other.url }));
    await harness.next('Open');
    const { request } = await other.peers.take();
    assert.deepEqual([request?.headers.authorization, request?.headers['x-key']], [undefined, undefined]);
  });

  it('ends open requests, and asks the kept ones again', async () => {
    const server = await wsServer();
    const { socket, events } = await talker({ URL: server.url }).open();
    const old = await server.peers.take();
    const outcomes = new Queue<Outcome>();
    const parts = new Queue<Outcome>();
    socket.request({ method: 'once', timeout: 5, many: false, keep: false }, (outcome) => outcomes.push(outcome));
    socket.request({ method: 'kept', timeout: 5, many: true, keep: true }, (outcome) => parts.push(outcome));
    await old.messages.take();
    await old.messages.take();
    old.ws.send('{"again":true}');
    const { success, sent } = await outcomes.take();
    assert.deepEqual([success, sent], [false, true]);
    const fresh = await server.peers.take();
    assert.equal((await fresh.messages.take()).data, '{"id":1,"method":"kept"}');
    fresh.ws.send('{"id":1,"result":1}');
    const { renewed, success: again } = await parts.take();
    assert.deepEqual([renewed, again], [1, true]);
    assert.equal(events.all.filter(({ type }) => type === 2).length, 0);
  });

  it('leaves the old connection as it is if the new one fails', async () => {
    const server = await picky(2);
    const harness = await talker({ URL: server.url }).open();
    const old = await server.peers.take();
    old.ws.send('{"again":true}');
    const { reason, http_status, wait_time } = await harness.next('Error');
    assert.match(reason, /was not renewed and goes on.*503/);
    assert.deepEqual([http_status, wait_time, harness.socket.state], [503, 0, 'open']);
    harness.socket.send({ hi: 1 }, () => {});
    assert.equal((await old.messages.take()).data, '{"hi":1}');
  });

  it('tells a URL that cannot be used, and goes on', async () => {
    const server = await wsServer();
    const harness = await talker({ URL: server.url }).open();
    (await server.peers.take()).ws.send('{"go":"no url"}');
    assert.match((await harness.next('Error')).reason, /was not renewed and goes on.*URL/);
    assert.equal(harness.socket.state, 'open');
  });

  it('is an ordinary attempt if the old connection ends meanwhile', async () => {
    const server = await wsServer();
    const harness = talker({ URL: server.url }, { onOpen: [{ wait: { hello: true } }] });
    const started = harness.start();
    const old = await server.peers.take();
    old.ws.send('{"hello":true}');
    await started;
    await harness.next('Open');
    old.ws.send('{"again":true}');
    const fresh = await server.peers.take();
    old.ws.close(4000);
    assert.equal((await harness.next('Close')).code, 4000);
    assert.equal(harness.socket.info().readyState, 'connecting');
    fresh.ws.send('{"hello":true}');
    assert.equal((await harness.next('Open')).renews, undefined);
    assert.equal(harness.socket.state, 'open');
  });

  it('ends with a stop, which closes both connections', async () => {
    const server = await wsServer();
    const harness = talker({ URL: server.url }, { onOpen: [{ send: { hi: 1 } }, { wait: { hello: true } }] });
    const started = harness.start();
    const old = await server.peers.take();
    old.ws.send('{"hello":true}');
    await started;
    old.ws.send('{"again":true}');
    const fresh = await server.peers.take();
    await fresh.messages.take();
    await harness.stop(1000, 'bye');
    assert.deepEqual(
      [await old.closes.take(), await fresh.closes.take()].map(({ code }) => code),
      [1000, 1000],
    );
    assert.deepEqual(harness.names, ['Open', 'Close']);
  });

  it('does not loop fast if the peer asks for it on each connection', async () => {
    const server = await wsServer();
    let count = 0;
    const harness = talker({ URL: server.url, minWaitBetweenReconnectionRetries: 1000 });
    harness.socket.events.on(({ type }) => {
      if (type === 1) count++;
    });
    const started = harness.start();
    for (let i = 0; i < 2; i++) (await server.peers.take()).ws.send('{"again":true}');
    await started;
    await until(() => count === 2, 'the second connection');
    await assert.rejects(server.peers.take('a third connection', 200));
  });

  it('moves to another URL during the opening', async () => {
    const server = await wsServer();
    const harness = talker({ URL: server.url }, { onOpen: [{ wait: { hello: true } }] });
    const started = harness.start();
    const first = await server.peers.take();
    first.ws.send(JSON.stringify({ go: `${server.url}two` }));
    const second = await server.peers.take();
    assert.equal(second.request?.url, '/two');
    second.ws.send('{"hello":true}');
    assert.equal((await started).success, true);
    assert.equal((await first.closes.take()).code, 1000);
  });
});

describe('the option maxAgeSecs', () => {
  afterEach(teardown);

  it('renews the connection, and again the new one', async () => {
    const server = await wsServer();
    const harness = await client({ URL: server.url, maxAgeSecs: 0.05 }).open();
    assert.equal((await harness.next('Open')).renews, true);
    assert.equal((await harness.next('Open')).renews, true);
    const old = await server.peers.take();
    assert.deepEqual(await old.closes.take(), { code: 1000, reason: 'Renewed' });
    assert.equal(harness.names.includes('Close'), false);
  });

  it('emits what the peer sends on the old connection until its close frame', async () => {
    const server = await rawServer();
    const harness = await client({ URL: server.url, maxAgeSecs: 0.05, closeTimeoutMs: 2000 }).open();
    const old = await server.peers.take();
    await harness.next('Open');
    assert.deepEqual(await within(old.close(), 'the close'), { code: 1000, reason: 'Renewed' });
    old.send(1, 'late');
    assert.equal((await harness.next('Message')).str, 'late');
  });

  it('first sends what a peer that reads late has not taken', async () => {
    const server = await wsServer();
    const harness = await client({ URL: server.url, maxAgeSecs: 0.05, closeTimeoutMs: 10 }).open();
    const old = await server.peers.take();
    old.ws.pause();
    const sent = Promise.all([1, 2, 3].map(() => harness.send('x'.repeat(4_000_000))));
    await harness.next('Open');
    // The second renewal comes after the time limit of a close frame.
    await harness.next('Open');
    old.ws.resume();
    assert.deepEqual(
      (await sent).map(({ success, errorStr }) => errorStr ?? success),
      [true, true, true],
    );
    for (let i = 0; i < 3; i++) assert.equal(((await old.messages.take()).data as string).length, 4_000_000);
    assert.deepEqual(await old.closes.take(), { code: 1000, reason: 'Renewed' });
  });

  it('tries a failed renewal again by the waits of reconnection', async () => {
    const server = await picky(2, 3);
    const harness = await client({ URL: server.url, maxAgeSecs: 0.05, minWaitBetweenReconnectionRetries: 10 }).open();
    const [first, second] = [await harness.next('Error'), await harness.next('Error')];
    assert.deepEqual([first.retries, first.wait_time, second.retries, second.wait_time], [1, 10, 2, 20]);
    assert.equal((await harness.next('Open')).renews, true);
  });

  it('a stop meanwhile takes closeTimeoutMs once, if neither peer answers', async () => {
    const server = await rawServer();
    const harness = await client({ URL: server.url, maxAgeSecs: 0.05, closeTimeoutMs: 600 }).open();
    await harness.next('Open');
    const [old, fresh] = [await server.peers.take(), await server.peers.take()];
    await until(() => old.frames.all.length > 0, 'the close of the old connection');
    // Two in turn would take 1200 ms.
    await harness.stop(1000, 'bye');
    assert.deepEqual([(await old.close()).reason, (await fresh.close()).reason], ['Renewed', 'bye']);
  });

  it('counts for the connection that a reconnection made, and not after a stop', async () => {
    const server = await wsServer();
    const harness = await client({ URL: server.url, maxAgeSecs: 0.05, stableAfterMs: 0 }).open();
    (await server.peers.take()).ws.close(4000);
    await harness.next('Close');
    assert.equal((await harness.next('Open')).renews, undefined);
    assert.equal((await harness.next('Open')).renews, true);
    await harness.stop();
    const { length } = server.peers.all;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(server.peers.all.length, length);
  });
});
