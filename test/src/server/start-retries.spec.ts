import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { closedPort, listening, wsClient } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { type ServerHarness, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

/** A port that somebody else holds. */
async function held(): Promise<{ port: number; free: () => Promise<unknown> }> {
  const holder: Server = createServer();
  const port = await listening(holder);
  return { port, free: () => new Promise((resolve) => holder.close(resolve)) };
}

const automatic = (harness: ServerHarness, given: Layer = {}) => harness.socket.start(given, { automatic: true });
const isWaiting = (harness: ServerHarness) => until(() => harness.socket.state === 'waiting', 'the failure of a start');

describe('the automatic start of a server', () => {
  afterEach(teardown);

  it('is repeated until the port is free, with one Error event', async () => {
    const clock = fakeClock();
    const { port, free } = await held();
    const harness = server({ port });
    assert.equal((await automatic(harness)).success, false);
    const { reason, retries, wait_time } = await harness.next('Error');
    assert.match(reason, new RegExp(`port ${port} is in use`));
    assert.deepEqual([retries, wait_time], [1, 250]);
    assert.deepEqual(harness.socket.status, {
      state: 'waiting',
      connections: 0,
      wait: 250,
      failure: { ...harness.socket.status.failure, brief: 'portInUse', option: 'port' },
    });
    clock.tick(250);
    await isWaiting(harness);
    assert.equal(harness.socket.status.wait, 500);
    await free();
    clock.tick(500);
    await until(() => harness.socket.state === 'open', 'the server to listen');
    await wsClient(`ws://127.0.0.1:${port}/`);
    await harness.next('Open');
    assert.deepEqual(harness.names, ['Error', 'Open']);
    assert.equal(clock.countTimers(), 0);
  });

  it('waits longer each time, 30 s at most', async () => {
    const clock = fakeClock();
    const { port } = await held();
    const harness = server({ port });
    await automatic(harness);
    const waits: (number | undefined)[] = [];
    for (let i = 0; i < 9; i++) {
      const { wait = 0 } = harness.socket.status;
      waits.push(wait);
      clock.tick(wait);
      await isWaiting(harness);
    }
    assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('reports each reason that differs from the previous one', async () => {
    const clock = fakeClock();
    const { port } = await held();
    const harness = server({ port, tls: true, certFile: join(certs().dir, 'late.pem'), keyFile: certs().server.keyFile });
    const answer = await automatic(harness);
    assert.match(answer.errorStr ?? '', /certFile/);
    assert.match((await harness.next('Error')).reason, /certFile/);
    clock.tick(250);
    await isWaiting(harness);
    // The volume with the file is mounted.
    cpSync(certs().server.certFile, join(certs().dir, 'late.pem'));
    try {
      clock.tick(500);
      const { reason, retries } = await harness.next('Error');
      assert.match(reason, /is in use/);
      assert.equal(retries, 3);
      assert.deepEqual(harness.names, ['Error', 'Error']);
    } finally {
      rmSync(join(certs().dir, 'late.pem'));
    }
  });

  it('ends with a stop', async () => {
    const clock = fakeClock();
    const { port, free } = await held();
    const harness = server({ port });
    await automatic(harness);
    await harness.stop();
    assert.deepEqual([harness.socket.state, clock.countTimers()], ['idle', 0]);
    await free();
    clock.tick(60_000);
    assert.equal(harness.socket.state, 'idle');
  });

  it('ends with a clear', async () => {
    const clock = fakeClock();
    const harness = server({ port: (await held()).port });
    await automatic(harness);
    await harness.socket.clear();
    assert.deepEqual([harness.socket.state, clock.countTimers()], ['cleared', 0]);
  });

  it('gives way to a start command, which does not wait, and continues if that fails', async () => {
    const clock = fakeClock();
    const { port, free } = await held();
    const harness = server({ port });
    await automatic(harness);
    assert.equal((await harness.start()).success, false);
    assert.deepEqual([harness.socket.state, clock.countTimers()], ['waiting', 1]);
    await free();
    assert.equal((await harness.start()).success, true);
    assert.equal(clock.countTimers(), 0);
  });

  it('continues though a start command has an option that is not usable', async () => {
    fakeClock();
    const harness = server({ port: (await held()).port });
    await automatic(harness);
    await assert.rejects(harness.start({ tls: true, certFile: certs().server.keyFile, keyFile: certs().server.keyFile }), {
      code: 'ERR_OPTION',
    });
    assert.equal(harness.socket.state, 'waiting');
  });

  it('is not repeated for an option that no waiting mends', async () => {
    const { keyFile } = certs().server;
    const harness = server({ tls: true, certFile: keyFile, keyFile });
    await assert.rejects(automatic(harness), { code: 'ERR_OPTION' });
    assert.equal(harness.socket.state, 'idle');
  });

  it('begins again after it has listened: a start command that fails is not repeated', async () => {
    const port = await closedPort();
    const harness = server({ port });
    assert.equal((await automatic(harness)).success, true);
    await harness.stop();
    const other = await listening(createServer(), port);
    assert.equal(other, port);
    assert.equal((await harness.start()).success, false);
    assert.equal(harness.socket.state, 'idle');
  });
});
