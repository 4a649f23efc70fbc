import assert from 'node:assert/strict';
import { type Flow, type Item, type Msg, run } from '../helpers/flow';
import { closedPort, rawServer, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, waitQuietly } from './suite';

const items = (options: Msg): Item[] => [
  { id: 'c', type: 'ix-client', minWaitBetweenReconnectionRetries: 10, stableAfterMs: 0, ...options },
  ...nodesOf('client', 'start stop clear send', 'c'),
  { id: 'info', type: 'ix-client-create' },
  // All four outputs are wired to one node, so that the order of different events is visible.
  { id: 'e', type: 'ix-client-events', client: 'c', wires: [['all'], ['all'], ['all'], ['all']] },
  { id: 'all', type: 'helper' },
];
const event = async (flow: Flow, name: string): Promise<Msg> => {
  const { event, payload } = await flow.out('all').take(name);
  assert.equal(event, name, `${event} instead of ${name}: ${JSON.stringify(payload)}`);
  return payload;
};
async function started(options: Msg): Promise<Flow> {
  const flow = await run(items(options));
  assert.equal((await flow.command('start')).payload.success, true);
  await event(flow, 'Open');
  return flow;
}

describe('reconnection, as a flow sees it', () => {
  inNodeRed();

  for (const [name, end] of [
    ['a clean 1000 from the peer', (ws: { close(code: number): void; terminate(): void }) => ws.close(1000)],
    ['an end without a word', (ws: { terminate(): void }) => ws.terminate()],
  ] as const) {
    it(`${name}: a Close, and at once an Open`, async () => {
      const peer = await wsServer();
      const flow = await started({ URL: peer.url });
      for (let i = 0; i < 3; i++) {
        end((await peer.peers.take()).ws);
        await event(flow, 'Close');
        await event(flow, 'Open');
      }
      assert.equal((await flow.command('send', 'x')).payload.success, true);
    });
  }

  it('failure n is an Error with retries n and a wait_time that doubles up to the longest; an Open counts again', async () => {
    const peer = await wsServer();
    const { port } = peer;
    const flow = await started({ URL: peer.url, maxWaitBetweenReconnectionRetries: 100, minWaitBetweenReconnectionRetries: 30 });
    await peer.peers.take();
    await peer.die();
    await event(flow, 'Close');
    for (const [retries, wait_time] of [
      [1, 30],
      [2, 60],
      [3, 100],
      [4, 100],
    ]) {
      const { reason, ...rest } = await event(flow, 'Error');
      assert.deepEqual(rest, { retries, wait_time, http_status: 0, decompressionError: false });
      assert.match(reason, /refused/);
    }
    const again = await wsServer({ port });
    let next = await flow.out('all').take('an event');
    while (next.event === 'Error') next = await flow.out('all').take('an event');
    assert.equal(next.event, 'Open');
    await again.peers.take();
    await again.die();
    await event(flow, 'Close');
    assert.equal((await event(flow, 'Error')).retries, 1);
  });

  it('the waits of the defaults begin with 100, 200 and 400 ms', async () => {
    const flow = await run(items({ URL: `ws://127.0.0.1:${await closedPort()}/`, minWaitBetweenReconnectionRetries: '', autoStart: true }));
    const waits = [await event(flow, 'Error'), await event(flow, 'Error'), await event(flow, 'Error')].map(({ wait_time }) => wait_time);
    assert.deepEqual(waits, [100, 200, 400]);
  });

  it('with jitter the wait_time is the wait that is taken: anything up to the full one', async () => {
    const flow = await run(
      items({
        URL: `ws://127.0.0.1:${await closedPort()}/`,
        minWaitBetweenReconnectionRetries: 50,
        maxWaitBetweenReconnectionRetries: 100,
        jitter: true,
        autoStart: true,
      }),
    );
    let before = 0;
    for (let i = 0; i < 4; i++) {
      const { wait_time } = await event(flow, 'Error');
      const now = Date.now();
      assert.ok(wait_time >= 0 && wait_time <= 100, String(wait_time));
      if (i > 0) assert.ok(now >= before - 2, 'not tried again before its time');
      before = now + wait_time;
    }
  });

  for (const command of ['stop', 'clear']) {
    it(`${command} while it waits: it ends, and nothing is emitted afterwards`, async () => {
      const peer = await wsServer();
      const flow = await started({ URL: peer.url, minWaitBetweenReconnectionRetries: 50 });
      await peer.peers.take();
      await peer.die();
      await event(flow, 'Close');
      await event(flow, 'Error');
      assert.equal((await flow.command(command)).payload.success, true);
      await waitQuietly(150);
      assert.ok(flow.out('all').isEmpty);
    });

    it(`${command} of an open connection: its Close, and nothing afterwards`, async () => {
      const peer = await wsServer();
      const flow = await started({ URL: peer.url });
      await flow.command(command);
      assert.deepEqual(await event(flow, 'Close'), { code: 1000, reason: 'Normal closure', remote: false });
      await waitQuietly(100);
      assert.ok(flow.out('all').isEmpty);
      assert.equal(peer.peers.all.length, 1);
    });
  }

  it('without automatic reconnection an end is an end, and a start works again', async () => {
    const peer = await wsServer();
    const flow = await started({ URL: peer.url, enableAutomaticReconnection: false });
    (await peer.peers.take()).ws.close(1000);
    await event(flow, 'Close');
    await waitQuietly(50);
    assert.ok(flow.out('all').isEmpty);
    assert.equal((await flow.command('info', { id: 1 })).payload.readyState, 'closed');
    assert.equal((await flow.command('start')).payload.success, true);
    await event(flow, 'Open');
  });

  it('a failed first start is reported by its status alone: no Error, no further try', async () => {
    let tries = 0;
    const refusing = await wsServer({ verifyClient: () => ++tries < 0 });
    const flow = await run(items({ URL: refusing.url }));
    assert.equal((await flow.command('start')).payload.http_status, 401);
    await waitQuietly(100);
    assert.ok(flow.out('all').isEmpty);
    assert.equal(tries, 1);
    assert.equal((await flow.command('info', { id: 1 })).payload.readyState, 'closed');
  });

  it('with retryFirstConnect the start answers at the first failure and continues trying; events report the rest', async () => {
    const port = await closedPort();
    const flow = await run(items({ URL: `ws://127.0.0.1:${port}/`, retryFirstConnect: true }));
    assert.equal((await flow.command('start')).payload.success, false);
    const { retries, wait_time } = await event(flow, 'Error');
    assert.deepEqual([retries, wait_time], [1, 10]);
    await wsServer({ port });
    let next = await flow.out('all').take('an event');
    while (next.event === 'Error') next = await flow.out('all').take('an event');
    assert.equal(next.event, 'Open');
    assert.equal((await flow.command('start')).payload.errorCode, 'ERR_STATE');
  });

  it('starting one that waits for its next try is ERR_STATE, and it continues', async () => {
    const peer = await wsServer();
    const { port } = peer;
    const flow = await started({ URL: peer.url, maxWaitBetweenReconnectionRetries: 100 });
    await peer.peers.take();
    await peer.die();
    await event(flow, 'Close');
    await event(flow, 'Error');
    const { success, errorCode } = (await flow.command('start')).payload;
    assert.deepEqual([success, errorCode], [false, 'ERR_STATE']);
    await wsServer({ port });
    let next = await flow.out('all').take('an event');
    while (next.event === 'Error') next = await flow.out('all').take('an event');
    assert.equal(next.event, 'Open');
  });

  it('an attempt that hangs ends after handshakeTimeoutSecs and is an Error like any other', async () => {
    const silent = await rawServer({ answer: () => '' });
    const flow = await run(items({ URL: silent.url, handshakeTimeoutSecs: 0.1, autoStart: true }));
    assert.match((await event(flow, 'Error')).reason, /0\.1 s/);
    assert.equal((await event(flow, 'Error')).retries, 2);
  });

  it('a peer that answers no ping is closed with 1011, and connected again', async () => {
    const raw = await rawServer();
    const flow = await started({ URL: raw.url, pingInterval: 0.1 });
    assert.equal((await (await raw.peers.take()).frames.take('a ping at once')).opcode, 9);
    const { code, reason } = await event(flow, 'Close');
    assert.deepEqual([code, reason], [1011, 'Ping timeout']);
    await event(flow, 'Open');
  });
});
