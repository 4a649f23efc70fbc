import assert from 'node:assert/strict';
import type { Outcome, RequestInput } from '../../../src/conversation';
import { fakeClock } from '../../helpers/clock';
import { type Peer, type PeerServer, wsServer } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { client } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

const answer = { when: { result: { exists: true } }, id: 'id', value: 'result' };

/** A client that was connected, and whose server is gone. */
async function down(rpc: object = {}, options: object = {}) {
  const clock = fakeClock({ withPerformance: true });
  const peer = await wsServer();
  const protocol = { format: 'json', rpc: { ids: 'number', answer, cancel: { type: 'json', value: { cancel: true } }, ...rpc } };
  const harness = await client({ URL: peer.url, protocol, stableAfterMs: 0, queueSize: 10, ...options }).open();
  await peer.die();
  await harness.next('Close');
  // The first attempt follows at once, and fails.
  await harness.next('Error');
  const { socket } = harness;
  const ask = (method: string, more: Partial<RequestInput> = {}) => {
    const outcomes: Outcome[] = [];
    const end = socket.request({ message: { method }, timeout: 60, many: false, keep: false, ...more }, (one) => outcomes.push(one));
    return { outcomes, end };
  };
  const cancel = (id: unknown) => socket.requests?.cancel(id);
  return { clock, socket, peer, ask, cancel };
}

/** Returns the next connection of the client. */
async function back(clock: ReturnType<typeof fakeClock>, { port }: PeerServer): Promise<Peer> {
  const again = await wsServer({ port });
  clock.tick(100);
  return again.peers.take();
}

const brief = (outcomes: readonly Outcome[]) => outcomes.map(({ success, sent, errorStr, result }) => result ?? [success, sent, errorStr]);

describe('requests that wait in the outbox', () => {
  afterEach(teardown);

  it('count for maxPending, and one more is refused at once', async () => {
    const { ask, socket, clock, peer } = await down({ maxPending: 2 });
    const first = ask('a');
    ask('b');
    const refused = 'The request was not sent: 2 requests of client 1 are open (rpc.maxPending).';
    assert.deepEqual(brief(ask('c').outcomes), [[false, false, refused]]);
    assert.deepEqual([socket.info().queued, socket.requests?.size], [2, 2]);
    const { ws, messages } = await back(clock, peer);
    const { id } = JSON.parse(String((await messages.take()).data));
    await until(() => socket.info().queued === 0, 'the requests');
    assert.deepEqual(brief(ask('d').outcomes), [[false, false, refused]]);
    ws.send(JSON.stringify({ id, result: 'yes' }));
    await until(() => first.outcomes.length === 1, 'the answer');
    assert.deepEqual(ask('e').outcomes, []);
  });

  it('count before the first connection too', async () => {
    const peer = await wsServer();
    const harness = client({ URL: peer.url, protocol: { format: 'json', rpc: { answer, maxPending: 1 } }, queueSize: 10 });
    const starting = harness.start();
    const outcomes: Outcome[] = [];
    for (const method of ['a', 'b'])
      harness.socket.request({ message: { method }, timeout: 5, many: false, keep: false }, (one) => outcomes.push(one));
    assert.deepEqual(brief(outcomes), [[false, false, 'The request was not sent: 1 requests of client 1 are open (rpc.maxPending).']]);
    await starting;
  });

  it('can be cancelled by their requestId, and are then not sent', async () => {
    const { ask, cancel, clock, peer, socket } = await down();
    const { outcomes, end } = ask('a', { requestId: 'mine', many: true });
    ask('b');
    clock.tick(70);
    assert.equal(cancel('mine'), undefined);
    const cancelled = { success: false, requestId: 'mine', ms: 70, sent: false, errorStr: 'cancelled', last: true };
    assert.deepEqual(outcomes, [cancelled]);
    assert.equal(socket.info().queued, 1);
    assert.equal(cancel('mine'), 'No request with the id mine is open.');
    end();
    assert.equal(outcomes.length, 1);
    const { messages } = await back(clock, peer);
    assert.equal(JSON.parse(String((await messages.take()).data)).method, 'b');
  });

  it('keep their id from other requests', async () => {
    const { ask, clock, peer, socket } = await down();
    ask('a', { requestId: 1 });
    const taken = 'The request was not sent: a request with the id 1 is open. Choose another requestId.';
    assert.deepEqual(brief(ask('b', { requestId: 1 }).outcomes), [[false, false, taken]]);
    ask('c');
    const { messages } = await back(clock, peer);
    const ids = [JSON.parse(String((await messages.take()).data)).id, JSON.parse(String((await messages.take()).data)).id];
    assert.deepEqual(ids, [1, 2]);
    assert.equal(socket.requests?.size, 2);
  });

  it('no longer count after they expired, were dropped, or their node was removed', async () => {
    const { ask, clock, socket } = await down({ maxPending: 2 }, { queueSize: 1, queueFull: 'drop-oldest' });
    const dropped = ask('a', { requestId: 'a' });
    const removed = ask('b', { requestId: 'b' });
    assert.match(String(dropped.outcomes[0]?.errorStr), /it was dropped/);
    removed.end();
    const expired = ask('c', { requestId: 'a', timeout: 0.05 });
    clock.tick(60);
    assert.deepEqual(
      expired.outcomes.map(({ ms, errorStr }) => [ms, errorStr]),
      [[50, 'The request was not sent: it expired after it had waited for 0.05 s.']],
    );
    assert.deepEqual([socket.requests?.size, socket.info().queued], [0, 0]);
    assert.deepEqual(ask('d', { requestId: 'b' }).outcomes, []);
  });

  it('end with a stop, each once', async () => {
    const { ask, socket } = await down();
    const { outcomes } = ask('a', { requestId: 'a' });
    await socket.stop(1000, '');
    assert.deepEqual(brief(outcomes), [[false, false, 'The request was not sent: client 1 was stopped while it waited.']]);
    assert.equal(socket.requests?.size, 0);
  });
});
