import assert from 'node:assert/strict';
import type { Outcome } from '../../src/conversation';
import { presetNames, readPreset } from '../../src/conversation';
import { wsClient, wsServer } from '../helpers/peers';
import { ask, presetClient, presetServer } from '../helpers/presets';
import { Queue, until } from '../helpers/queue';
import { teardown } from '../helpers/teardown';

const preset = 'json-rpc-2.0';
const input = { method: 'm', timeout: 5, many: false, keep: false };

async function pair(given: object = {}) {
  const server = await wsServer();
  const client = await presetClient(preset, { URL: server.url, ...given }).open();
  return { server, client, peer: await server.peers.take() };
}

describe('requests of a client', () => {
  afterEach(teardown);

  it('1,000 at once: each gets its answer, in any order', async () => {
    const { client, peer } = await pair({ maxBufferedMessages: 10_000 });
    const all = Promise.all(Array.from({ length: 1000 }, (_, i) => ask(client, { ...input, params: [i] })));
    const asked: { id: number; params: [number] }[] = [];
    while (asked.length < 1000) asked.push(JSON.parse(String((await peer.messages.take()).data)));
    // 7 and 1000 have no common factor: each is answered once, in another order.
    for (let i = 0; i < 1000; i++) {
      const { id, params } = asked[(i * 7 + 3) % 1000] as (typeof asked)[number];
      peer.ws.send(JSON.stringify({ jsonrpc: '2.0', id, result: params[0] * 2 }));
    }
    const outcomes = await all;
    assert.deepEqual(
      outcomes.map(({ success, result }) => [success, result]),
      outcomes.map((_, i) => [true, i * 2]),
    );
    assert.equal(client.socket.requests?.size, 0);
    assert.deepEqual(client.names, ['Open']);
  });

  it('50 open ones have 50 outcomes when the server dies', async () => {
    const { server, client, peer } = await pair();
    const outcomes = new Queue<Outcome>();
    for (let i = 0; i < 50; i++) client.socket.request(input, (outcome) => outcomes.push(outcome));
    for (let i = 0; i < 50; i++) await peer.messages.take();
    await server.die();
    for (let i = 0; i < 50; i++) {
      const { success, sent } = await outcomes.take();
      assert.deepEqual([success, sent], [false, true]);
    }
    await client.next('Close');
    assert.deepEqual([outcomes.all.length, client.socket.requests?.size], [50, 0]);
  });

  it('have one outcome if the peer answers twice, or with the id of another', async () => {
    const { client, peer } = await pair();
    const outcomes = new Queue<Outcome>();
    client.socket.request(input, (outcome) => outcomes.push(outcome));
    const { id } = JSON.parse(String((await peer.messages.take()).data));
    for (const other of [id + 1, -id, { id }, [id], null]) peer.ws.send(JSON.stringify({ jsonrpc: '2.0', id: other, result: 'other' }));
    peer.ws.send(JSON.stringify({ jsonrpc: '2.0', id, result: 'first' }));
    peer.ws.send(JSON.stringify({ jsonrpc: '2.0', id, result: 'second' }));
    const results = [];
    for (;;) {
      const { data } = (await client.next('Message')) as { data: { result: string } };
      results.push(data.result);
      if (data.result === 'second') break;
    }
    assert.deepEqual(results, ['other', 'other', 'other', 'other', 'other', 'second']);
    assert.deepEqual([outcomes.all.length, outcomes.all[0]?.result], [1, 'first']);
  });

  it('have one outcome if the peer never answers, or closes in the middle', async () => {
    const { client, peer } = await pair();
    const { success, sent, errorStr = '' } = await ask(client, { ...input, timeout: 0.05 });
    assert.deepEqual([success, sent], [false, true]);
    assert.match(errorStr, /timed out/);
    const asked = ask(client, input);
    await peer.messages.take();
    await peer.messages.take();
    peer.ws.send('{"jsonrpc":"2.0","id":2,"res');
    peer.ws.close(4000);
    assert.match((await asked).errorStr ?? '', /ended before the answer came/);
    assert.equal(client.socket.requests?.size, 0);
  });
});

/** The presets whose opening waits for the peer. */
const waiting = presetNames().filter((name) => JSON.stringify(readPreset(name)?.onOpen ?? '').includes('"wait"'));
const secrets = { token: 'open sesame', login: 'open sesame', passcode: 'open sesame', password: 'open sesame' };

describe('a peer during the opening', () => {
  afterEach(teardown);

  for (const name of waiting) {
    it(`of ${name} that floods ends the attempt with 1009`, async () => {
      const server = await wsServer();
      const harness = presetClient(name, { URL: server.url, secrets, maxPayload: 4096 });
      const started = harness.start();
      const { ws, closes } = await server.peers.take();
      const flood = name === 'stomp-1.2' ? 'MESSAGE\n\nx\0' : name === 'socket.io-4' ? '42["x"]' : '{"type":"flood","error":1}';
      for (let i = 0; i < 1000; i++) ws.send(name === 'signalr-json' ? '{"a":1' : flood);
      const { success, errorStr = '' } = await started;
      assert.equal(success, false);
      assert.match(errorStr, /opening conversation failed/);
      assert.equal((await closes.take()).code, 1009);
      assert.deepEqual(harness.names, []);
    });

    it(`of ${name} that repeats secrets and goes away is told, without the secrets`, async () => {
      const server = await wsServer();
      const harness = presetClient(name, { URL: server.url, secrets });
      const started = harness.start();
      const { ws, messages } = await server.peers.take();
      ws.send('no json, no frame: open sesame');
      await until(() => messages.all.length > 0 || harness.names.length > 0, 'the first message or an Error').catch(() => {});
      ws.close(4000, 'open sesame');
      const { success, errorStr = '' } = await started;
      assert.equal(success, false);
      const seen = [errorStr, harness.changes, harness.log.warnings, harness.socket.info(), ...reasons(harness.events.all)];
      assert.equal(JSON.stringify(seen).includes('open sesame'), false, JSON.stringify(seen));
    });
  }

  it('of a server that does not log in has no Open and no Close, and is closed with 1008', async () => {
    const server = await presetServer('signalr-json').open();
    const peer = await wsClient(server.url());
    peer.ws.send('{"error":"no"}\u001e');
    assert.match((await server.next('Error')).reason, /the peer refused/);
    assert.equal((await peer.closes.take()).code, 1008);
    assert.deepEqual(server.names, ['Error']);
  });
});

const reasons = (events: readonly { payload: object }[]) => events.map(({ payload }) => ('reason' in payload ? payload.reason : ''));
