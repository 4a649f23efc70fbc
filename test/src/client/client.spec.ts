import assert from 'node:assert/strict';

import dns = require('node:dns');

import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { closedPort, httpServer, type PeerServer, rawServer, tcpServer, wsServer } from '../../helpers/peers';
import { Queue, until, within } from '../../helpers/queue';
import { client } from '../../helpers/sockets';
import { onTeardown, stub, teardown } from '../../helpers/teardown';

/** Creates a client with an open connection to its own server. */
async function connected(given: Layer = {}) {
  const peer = await wsServer();
  const harness = await client({ URL: peer.url, stableAfterMs: 0, ...given }).open();
  return { harness, peer, url: peer.url };
}

/** The server listens on its port again. */
const again = ({ port }: PeerServer) => wsServer({ port });

describe('client', () => {
  afterEach(teardown);

  describe('reconnection', () => {
    it('a dying server is Close, then Error after Error, then Open', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await peer.die();
      assert.deepEqual(await harness.next('Close'), { code: 1006, reason: 'Abnormal closure', remote: false });
      for (const [retries, wait] of [
        [1, 100],
        [2, 200],
        [3, 400],
      ] as const) {
        const { reason, ...rest } = await harness.next('Error');
        assert.deepEqual(rest, { retries, wait_time: wait, http_status: 0, decompressionError: false });
        assert.match(reason, /^Could not connect to ws:\/\/127\.0\.0\.1:\d+\/: .*refused the connection/);
        if (retries < 3) clock.tick(wait);
      }
      const back = await again(peer);
      clock.tick(400);
      assert.equal((await harness.next('Open')).uri, '/');
      await back.peers.take();
      assert.deepEqual(harness.names, ['Open', 'Close', 'Error', 'Error', 'Error', 'Open']);
    });

    it('the first try comes without a wait', async () => {
      fakeClock();
      const { harness, peer } = await connected();
      (await peer.peers.take()).ws.close(1000);
      await harness.next('Close');
      await harness.next('Open');
      await peer.peers.take('a second connection');
    });

    const series: [string, Layer, number[]][] = [
      ['by default 100, 200, 400 … 6400, 10000, 10000', {}, [100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000]],
      [
        'with maxWaitBetweenReconnectionRetries 500: 100, 200, 400, 500, 500',
        { maxWaitBetweenReconnectionRetries: 500 },
        [100, 200, 400, 500, 500],
      ],
      ['with minWaitBetweenReconnectionRetries 1000: 1000, 2000, 4000', { minWaitBetweenReconnectionRetries: 1000 }, [1000, 2000, 4000]],
    ];
    for (const [title, given, waits] of series) {
      it(`the waits are ${title}`, async () => {
        const clock = fakeClock();
        const { harness, peer } = await connected(given);
        await peer.die();
        await harness.next('Close');
        for (const wait of waits) {
          assert.equal((await harness.next('Error')).wait_time, wait);
          clock.tick(wait - 1);
          assert.equal(harness.socket.state, 'waiting');
          clock.tick(1);
          assert.equal(harness.socket.state, 'opening');
        }
      });
    }

    it('with jitter wait_time is the wait that is really taken', async () => {
      stub(Math, 'random', () => 0.25);
      const clock = fakeClock();
      const { harness, peer } = await connected({ jitter: true });
      await peer.die();
      await harness.next('Close');
      for (const wait of [25, 50, 100]) {
        assert.equal((await harness.next('Error')).wait_time, wait);
        assert.equal(harness.changes.at(-1)?.wait, wait);
        clock.tick(wait - 1);
        assert.equal(harness.socket.state, 'waiting');
        clock.tick(1);
        assert.equal(harness.socket.state, 'opening');
      }
    });

    /** A server that ends each connection as soon as it has opened. */
    async function ending(code: number, reason = '') {
      const server = await wsServer();
      const ends = () => server.peers.take('a connection').then(({ ws }) => ws.close(code, reason));
      return { url: server.url, ends };
    }

    it('a connection that ends before stableAfterMs is one more failure of the series', async () => {
      const clock = fakeClock({ withPerformance: true });
      const { url, ends } = await ending(1008, 'policy');
      const harness = client({ URL: url });
      await harness.start();
      for (const [retries, wait] of [
        [1, 100],
        [2, 200],
        [3, 400],
      ] as const) {
        await harness.next('Open');
        await ends();
        assert.deepEqual(await harness.next('Close'), { code: 1008, reason: 'policy', remote: true });
        const { reason, ...rest } = await harness.next('Error');
        assert.deepEqual(rest, { retries, wait_time: wait, http_status: 0, decompressionError: false });
        assert.match(reason, /^The connection to ws:\/\/127\.0\.0\.1:\d+\/ ended with 1008 "policy", \d+ ms after it opened/);
        assert.deepEqual(harness.socket.status, {
          state: 'waiting',
          wait,
          failure: harness.socket.status.failure,
        });
        assert.equal(harness.socket.status.failure?.code, 1008);
        clock.tick(wait - 1);
        assert.equal(harness.socket.state, 'waiting');
        clock.tick(1);
      }
    });

    it('a connection that lasts for stableAfterMs ends the series, and its end is followed at once by another', async () => {
      const clock = fakeClock({ withPerformance: true });
      const { url, ends } = await ending(1000);
      const harness = await client({ URL: url, stableAfterMs: 3000 }).open();
      await ends();
      await harness.next('Close');
      assert.equal((await harness.next('Error')).retries, 1);
      clock.tick(100);
      await harness.next('Open');
      clock.tick(3000);
      await ends();
      await harness.next('Close');
      await harness.next('Open');
      await ends();
      await harness.next('Close');
      assert.equal((await harness.next('Error')).retries, 1);
    });

    it('a stop in the Close of a young connection ends it without an Error', async () => {
      const clock = fakeClock();
      const { url, ends } = await ending(1008);
      const harness = await client({ URL: url }).open();
      harness.socket.events.on(({ type }) => type === 2 && void harness.socket.stop(1000, ''));
      await ends();
      await harness.next('Close');
      clock.tick(3_600_000);
      assert.deepEqual([harness.socket.state, harness.events.isEmpty, clock.countTimers()], ['idle', true, 0]);
    });

    it('with maxRetries 2 the second failure in a row is the last, and says so', async () => {
      const clock = fakeClock();
      const harness = client({ URL: `ws://127.0.0.1:${await closedPort()}/`, maxRetries: 2 });
      await harness.start({}, { automatic: true });
      const first = await harness.next('Error');
      assert.deepEqual([first.retries, first.wait_time, first.final], [1, 100, undefined]);
      clock.tick(100);
      const { retries, wait_time, final } = await harness.next('Error');
      assert.deepEqual([retries, wait_time, final], [2, 0, true]);
      assert.deepEqual([harness.socket.info().readyState, clock.countTimers()], ['closed', 0]);
      assert.equal(harness.socket.status.failure?.brief, 'refused');
    });

    it('with maxRetries connections that end at once count too', async () => {
      const clock = fakeClock();
      const { url, ends } = await ending(4001);
      const harness = await client({ URL: url, maxRetries: 1 }).open();
      await ends();
      await harness.next('Close');
      assert.equal((await harness.next('Error')).final, true);
      clock.tick(3_600_000);
      assert.deepEqual([harness.socket.state, harness.events.isEmpty], ['idle', true]);
    });

    for (const [status, header, wait] of [
      [429, '5', 5000],
      [503, '7200', 3_600_000],
      [503, '0', 100],
      [503, 'soon', 100],
      [404, '5', 100],
    ] as const) {
      it(`${status} with Retry-After: ${header} waits ${wait} ms`, async () => {
        const clock = fakeClock();
        let tries = 0;
        const port = await httpServer((_, response) => {
          tries++;
          response.writeHead(status, { 'Retry-After': header }).end();
        });
        const harness = client({ URL: `ws://127.0.0.1:${port}/` });
        await harness.start({}, { automatic: true });
        const { wait_time, http_status } = await harness.next('Error');
        assert.deepEqual([wait_time, http_status], [wait, status]);
        clock.tick(wait - 1);
        assert.deepEqual([harness.socket.state, tries], ['waiting', 1]);
        clock.tick(1);
        assert.equal(harness.socket.state, 'opening');
      });
    }

    it('idleTimeoutSecs closes a silent connection with 1001, and connects again', async () => {
      const clock = fakeClock();
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url, idleTimeoutSecs: 20, stableAfterMs: 0 }).open();
      const peer = await peers.take();
      clock.tick(20_000);
      assert.deepEqual(await peer.close(), { code: 1001, reason: 'Idle timeout' });
      peer.socket.destroy();
      assert.deepEqual(await harness.next('Close'), { code: 1001, reason: 'Idle timeout', remote: false });
      await harness.next('Open');
    });

    it('a success begins the series again', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await peer.die();
      await harness.next('Close');
      await harness.next('Error');
      clock.tick(100);
      assert.equal((await harness.next('Error')).retries, 2);
      const back = await again(peer);
      clock.tick(200);
      await harness.next('Open');
      await back.peers.take();
      await back.die();
      await harness.next('Close');
      const { retries, wait_time } = await harness.next('Error');
      assert.deepEqual([retries, wait_time], [1, 100]);
    });

    for (const code of [1000, 1001, 1011, 4000]) {
      it(`a close with ${code} by the peer is followed by another connection`, async () => {
        fakeClock();
        const { harness, peer } = await connected();
        (await peer.peers.take()).ws.close(code, 'bye');
        assert.deepEqual(await harness.next('Close'), { code, reason: 'bye', remote: true });
        await harness.next('Open');
      });
    }

    it('with enableAutomaticReconnection off there is a Close and nothing more', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected({ enableAutomaticReconnection: false });
      await peer.die();
      await harness.next('Close');
      assert.equal(harness.socket.state, 'idle');
      assert.equal(harness.socket.info().readyState, 'closed');
      clock.tick(3_600_000);
      assert.deepEqual([harness.socket.state, harness.names], ['idle', ['Open', 'Close']]);
    });

    it('an Error has the http_status of the answer', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await peer.die();
      await harness.next('Close');
      assert.equal((await harness.next('Error')).http_status, 0);
      await httpServer((_, response) => response.writeHead(503).end(), peer.port);
      clock.tick(100);
      const { http_status, reason } = await harness.next('Error');
      assert.equal(http_status, 503);
      assert.match(reason, /answered 503/);
    });

    it('each try has the deadline handshakeTimeoutSecs', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected({ handshakeTimeoutSecs: 7 });
      await peer.die();
      await harness.next('Close');
      await harness.next('Error');
      const heard = new Queue<boolean>();
      await tcpServer((socket) => socket.once('data', () => heard.push(true)), peer.port);
      clock.tick(100);
      await heard.take('a try');
      clock.tick(6999);
      assert.equal(harness.socket.state, 'opening');
      clock.tick(1);
      assert.match((await harness.next('Error')).reason, /timed out after 7 s in the phase HTTP/);
    });

    it('each try reads the options of the config node, and so the environment, again', async () => {
      const clock = fakeClock();
      const [first, second] = [await wsServer(), await wsServer()];
      let base: Layer = { URL: first.url, stableAfterMs: 0, headers: { 'X-Try': 'one' } };
      const harness = await client({}, () => base).open();
      await first.die();
      await harness.next('Close');
      await harness.next('Error');
      base = { URL: `${second.url}new`, headers: { 'X-Try': 'two' } };
      clock.tick(100);
      assert.equal((await harness.next('Open')).uri, '/new');
      assert.equal((await second.peers.take()).request?.headers['x-try'], 'two');
    });

    it('what start gave stays for the tries that follow', async () => {
      fakeClock();
      const { url, peers } = await wsServer();
      const harness = await client({ stableAfterMs: 0 }).open({ URL: url, headers: { 'X-A': 'b' } });
      (await peers.take()).ws.close();
      await harness.next('Close');
      await harness.next('Open');
      assert.equal((await peers.take()).request?.headers['x-a'], 'b');
    });

    it('options that have become wrong are reported as an Error, and tried again', async () => {
      const clock = fakeClock();
      const { url, peers } = await wsServer();
      let base: Layer = { URL: url, stableAfterMs: 0 };
      const harness = await client({}, () => base).open();
      base = { URL: 'nonsense', stableAfterMs: 0 };
      (await peers.take()).ws.close();
      await harness.next('Close');
      const { reason, retries, wait_time } = await harness.next('Error');
      assert.deepEqual([retries, wait_time], [1, 100]);
      assert.match(reason, /option URL must be/);
      base = { URL: url };
      clock.tick(100);
      await harness.next('Open');
    });

    it('a certificate that has gone is reported as an Error, and tried again', async () => {
      const clock = fakeClock();
      const { url, peers } = await wsServer();
      let base: Layer = { URL: url, stableAfterMs: 0 };
      const harness = await client({}, () => base).open();
      base = { URL: url.replace('ws:', 'wss:'), caFile: certs().missing, stableAfterMs: 0 };
      (await peers.take()).ws.close();
      await harness.next('Close');
      assert.match((await harness.next('Error')).reason, /option caFile names .*missing\.pem/);
      base = { URL: url };
      clock.tick(100);
      await harness.next('Open');
    });
  });

  describe('stop', () => {
    it('during a wait ends it at once, and nothing is emitted', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await peer.die();
      await harness.next('Close');
      await harness.next('Error');
      await harness.stop();
      assert.equal(harness.socket.state, 'idle');
      clock.tick(3_600_000);
      assert.deepEqual([harness.socket.state, clock.countTimers(), harness.events.isEmpty], ['idle', 0, true]);
    });

    it('during a first try answers that start with a failure, and nothing is emitted', async () => {
      const heard = new Queue<boolean>();
      const gone = new Queue<boolean>();
      const port = await tcpServer((socket) => socket.once('data', () => heard.push(true)).once('close', () => gone.push(true)));
      const harness = client({ URL: `ws://127.0.0.1:${port}/` });
      const starting = harness.start({}, { timeout: 60 });
      await heard.take('the upgrade request');
      await harness.stop();
      const { success, errorStr = '', http_status } = await starting;
      assert.deepEqual([success, http_status], [false, 0]);
      assert.match(errorStr, /the start was aborted by stop or clear\.$/);
      await gone.take('the end of the connection');
      assert.deepEqual([harness.socket.state, harness.names], ['idle', []]);
    });

    for (const mode of [{ retryFirstConnect: true }, {}] as const) {
      it(`during a first try that ${mode.retryFirstConnect ? 'goes on (retryFirstConnect)' : 'was automatic'} ends it without an event`, async () => {
        const clock = fakeClock();
        const heard = new Queue<boolean>();
        const port = await tcpServer((socket) => socket.once('data', () => heard.push(true)));
        const harness = client({ URL: `ws://127.0.0.1:${port}/`, ...mode });
        const starting = harness.start({}, { automatic: !mode.retryFirstConnect });
        await heard.take('the upgrade request');
        await harness.stop();
        assert.equal((await starting).success, false);
        clock.tick(3_600_000);
        assert.deepEqual([harness.socket.state, harness.names], ['idle', []]);
      });
    }

    it('during a later try ends it without an event', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await peer.die();
      await harness.next('Close');
      await harness.next('Error');
      const heard = new Queue<boolean>();
      await tcpServer((socket) => socket.once('data', () => heard.push(true)), peer.port);
      clock.tick(100);
      await heard.take('a try');
      await harness.stop();
      clock.tick(3_600_000);
      assert.deepEqual([harness.socket.state, harness.events.isEmpty], ['idle', true]);
    });

    it('while a name server keeps the try waiting answers at once', async () => {
      stub(dns, 'lookup', (() => {}) as never);
      const harness = client({ URL: 'ws://slow.example/' });
      const starting = harness.start({}, { timeout: 60 });
      await new Promise(setImmediate);
      await harness.stop();
      assert.match((await starting).errorStr ?? '', /aborted by stop/);
    });

    it('of a try that is about to succeed leaves no connection', async () => {
      const { url, peers } = await wsServer();
      for (let i = 0; i < 20; i++) {
        const harness = client({ URL: url });
        const starting = harness.start();
        for (let j = 0; j < i; j++) await new Promise(setImmediate);
        await harness.stop();
        const { success } = await starting;
        assert.equal(harness.socket.state, 'idle');
        assert.deepEqual(harness.names, success ? ['Open', 'Close'] : []);
        await harness.socket.clear();
      }
      for (const peer of peers.all) await peer.closes.take('the end of a connection');
    });

    it('of an open connection emits its Close and nothing more', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await harness.stop(4001, 'enough');
      assert.deepEqual(await harness.next('Close'), { code: 4001, reason: 'enough', remote: false });
      assert.deepEqual(await (await peer.peers.take()).closes.take(), { code: 4001, reason: 'enough' });
      clock.tick(3_600_000);
      assert.deepEqual([harness.socket.state, clock.countTimers(), harness.events.isEmpty], ['idle', 0, true]);
    });

    it('emits the Close before it answers', async () => {
      const { harness } = await connected();
      await harness.stop();
      assert.deepEqual(harness.names, ['Open', 'Close']);
    });

    it('twice at once is one stop', async () => {
      const { harness } = await connected();
      await Promise.all([harness.stop(4001, 'first'), harness.stop(4002, 'second')]);
      assert.equal((await harness.next('Close')).code, 4001);
      assert.equal(harness.events.isEmpty, true);
    });

    it('of a stopped client succeeds and emits nothing', async () => {
      const harness = client({ URL: 'ws://127.0.0.1:1/' });
      await harness.stop();
      await harness.stop();
      assert.deepEqual([harness.socket.state, harness.names, harness.changes], ['idle', [], []]);
    });

    it('and start and stop in one turn end with no connection', async () => {
      const { url } = await wsServer();
      const harness = client({ URL: url });
      const first = harness.stop();
      const starting = harness.start();
      await Promise.all([first, harness.stop()]);
      await starting;
      assert.equal(harness.socket.state, 'idle');
    });

    it('answers within a second where the peer is deaf, and cuts it after 300 ms', async () => {
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url }).open();
      const peer = await peers.take();
      const before = performance.now();
      await harness.stop(1000, 'Normal closure');
      const took = performance.now() - before;
      assert.ok(took >= 290 && took < 800, `it took ${took} ms`);
      assert.deepEqual(await harness.next('Close'), { code: 1000, reason: 'Normal closure', remote: false });
      assert.deepEqual(await peer.close(), { code: 1000, reason: 'Normal closure' });
      await within(peer.ended, 'the end of the connection');
    });

    it('cuts a deaf peer after closeTimeoutMs', async () => {
      const clock = fakeClock();
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url, closeTimeoutMs: 20_000 }).open();
      const peer = await peers.take();
      const stopping = harness.socket.stop(1000, '');
      await peer.close();
      clock.tick(19_999);
      assert.equal(harness.events.isEmpty, true);
      clock.tick(1);
      await within(stopping, 'the answer of stop');
      await harness.next('Close');
    });

    it('answers within a second where the peer neither reads nor answers', async () => {
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url, maxBufferedAmount: 0 }).open();
      const peer = await peers.take();
      peer.socket.pause();
      const sent = harness.send(Buffer.alloc(20_000_000));
      await harness.stop();
      assert.equal((await sent).success, false);
      assert.equal((await harness.next('Close')).code, 1000);
    });

    it('answers within a second where the peer has shut its side and does not read ours', async () => {
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url, maxBufferedAmount: 0, enableAutomaticReconnection: false }).open();
      const peer = await peers.take();
      peer.socket.pause();
      const sent = harness.send(Buffer.alloc(20_000_000));
      peer.socket.end();
      let refused = false;
      const tried = () => {
        harness.socket.send('', ({ success }) => {
          refused ||= !success;
        });
        return refused;
      };
      await until(tried, 'the end of the peer');
      await harness.stop();
      assert.equal((await sent).success, false);
      assert.equal(harness.socket.state, 'idle');
    });

    it('answers within a second where the peer continues sending and never closes', async () => {
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url }).open();
      const peer = await peers.take();
      const flood = setInterval(() => peer.socket.writable && peer.send(1, 'x'.repeat(1000)), 1);
      onTeardown(() => clearInterval(flood));
      await harness.next('Message');
      await harness.stop();
      assert.equal(harness.names.at(-1), 'Close');
      const heard = harness.events.all.length;
      await new Promise(setImmediate);
      assert.equal(harness.events.all.length, heard);
    });
  });

  describe('clear', () => {
    it('of an open client emits its Close, and nothing can be started again', async () => {
      const { harness } = await connected();
      await harness.socket.clear();
      assert.equal((await harness.next('Close')).code, 1000);
      assert.equal(harness.socket.state, 'cleared');
      await assert.rejects(harness.start(), { code: 'ERR_NO_SOCKET', message: /cleared/ });
    });

    it('leaves no handle', async () => {
      const handles = () => process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS|HTTP|Pipe)/.test(name));
      const peer = await rawServer();
      const before = handles().length;
      const harness = await client({ URL: peer.url, pingInterval: 60 }).open();
      const other = await peer.peers.take();
      await harness.socket.clear();
      other.socket.destroy();
      await within(other.ended, 'the end of the peer');
      assert.equal(handles().length, before);
    });

    it('during a wait leaves no timer', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await peer.die();
      await harness.next('Close');
      await harness.next('Error');
      await harness.socket.clear();
      assert.equal(clock.countTimers(), 0);
    });

    it('and a start in one turn leave no connection', async () => {
      const { url, peers } = await wsServer();
      const harness = client({ URL: url });
      const clearing = harness.socket.clear();
      const { success } = await harness.start().catch(() => ({ success: false }));
      await clearing;
      assert.equal(success, false);
      assert.equal(harness.socket.state, 'cleared');
      for (const peer of peers.all) await peer.closes.take('the end of a connection');
      assert.deepEqual(harness.names, []);
    });
  });

  describe('start', () => {
    it('of a running client is refused, and it runs on', async () => {
      const { harness, peer } = await connected();
      await assert.rejects(harness.start(), { code: 'ERR_STATE', message: /client 1 is already started \(open\)/ });
      assert.equal((await harness.send('hi')).success, true);
      assert.equal((await (await peer.peers.take()).messages.take()).data, 'hi');
    });

    it('while it connects is refused', async () => {
      const harness = client({ URL: `ws://127.0.0.1:${await tcpServer()}/` });
      const starting = harness.start();
      await assert.rejects(harness.start(), { code: 'ERR_STATE', message: /\(connecting\)/ });
      await harness.stop();
      await starting;
    });

    it('during a wait is refused, and the wait continues', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await peer.die();
      await harness.next('Close');
      await harness.next('Error');
      await assert.rejects(harness.start(), { code: 'ERR_STATE', message: /\(connecting\)/ });
      clock.tick(100);
      assert.equal(harness.socket.state, 'opening');
    });

    it('while it closes is refused', async () => {
      const { harness } = await connected();
      const stopping = harness.stop();
      await assert.rejects(harness.start(), { code: 'ERR_STATE', message: /\(closing\)/ });
      await stopping;
    });

    it('with a changed option while it runs is refused, and the option stays as it was', async () => {
      const { harness } = await connected();
      await assert.rejects(harness.start({ pingInterval: 5 }), { code: 'ERR_STATE' });
      assert.equal(harness.socket.info().pingInterval, -1);
    });

    it('after a natural end connects, and messages are received again', async () => {
      const { harness, peer } = await connected({ enableAutomaticReconnection: false });
      (await peer.peers.take()).ws.close(1000, 'done');
      await harness.next('Close');
      await harness.open();
      (await peer.peers.take()).ws.send('again');
      assert.equal((await harness.next('Message')).str, 'again');
    });

    it('after a stop connects', async () => {
      const { harness } = await connected();
      await harness.stop();
      await harness.next('Close');
      await harness.open();
    });

    it('that fails first is reported by its answer alone: no Error, no other try', async () => {
      const clock = fakeClock();
      const harness = client({ URL: `ws://127.0.0.1:${await closedPort()}/` });
      assert.equal((await harness.start()).success, false);
      clock.tick(3_600_000);
      assert.deepEqual([harness.socket.state, clock.countTimers(), harness.names], ['idle', 0, []]);
    });

    it('that fails first with retryFirstConnect answers so, and continues trying', async () => {
      const clock = fakeClock();
      const port = await closedPort();
      const harness = client({ URL: `ws://127.0.0.1:${port}/`, retryFirstConnect: true });
      const { success, errorStr } = await harness.start();
      assert.equal(success, false);
      const { retries, wait_time, reason } = await harness.next('Error');
      assert.deepEqual([retries, wait_time, reason], [1, 100, errorStr]);
      clock.tick(100);
      assert.equal((await harness.next('Error')).retries, 2);
      await wsServer({ port });
      clock.tick(200);
      await harness.next('Open');
    });

    it('that is automatic keeps trying by the reconnection rules from its first try', async () => {
      const clock = fakeClock();
      const port = await closedPort();
      const harness = client({ URL: `ws://127.0.0.1:${port}/` });
      assert.equal((await harness.start({}, { automatic: true })).success, false);
      assert.equal((await harness.next('Error')).wait_time, 100);
      clock.tick(100);
      assert.equal((await harness.next('Error')).wait_time, 200);
      await wsServer({ port });
      clock.tick(200);
      await harness.next('Open');
    });

    it('that is automatic, without reconnection, reports its failure as one Error that is not tried again', async () => {
      const harness = client({ URL: `ws://127.0.0.1:${await closedPort()}/`, enableAutomaticReconnection: false });
      await harness.start({}, { automatic: true });
      const { retries, wait_time } = await harness.next('Error');
      assert.deepEqual([retries, wait_time, harness.socket.state], [0, 0, 'idle']);
    });

    it('that is automatic has the deadline handshakeTimeoutSecs', async () => {
      const clock = fakeClock();
      const heard = new Queue<boolean>();
      const port = await tcpServer((socket) => socket.once('data', () => heard.push(true)));
      const harness = client({ URL: `ws://127.0.0.1:${port}/`, handshakeTimeoutSecs: 9 });
      const starting = harness.start({}, { automatic: true });
      await heard.take('the upgrade request');
      clock.tick(9000);
      assert.match((await starting).errorStr ?? '', /timed out after 9 s/);
    });

    it('has the deadline of its timeout, which does not stay', async () => {
      const clock = fakeClock();
      const heard = new Queue<boolean>();
      const port = await tcpServer((socket) => socket.once('data', () => heard.push(true)));
      const harness = client({ URL: `ws://127.0.0.1:${port}/` });
      for (const timeout of [5, 8]) {
        const starting = harness.start({}, { timeout });
        await heard.take('the upgrade request');
        clock.tick(timeout * 1000);
        assert.match((await starting).errorStr ?? '', new RegExp(`timed out after ${timeout} s`));
      }
    });

    it('leaves no timer of its deadline behind', async () => {
      const clock = fakeClock();
      await connected();
      assert.equal(clock.countTimers(), 0);
    });
  });

  describe('options', () => {
    it('given at start stay for the next start', async () => {
      const { url, peers } = await wsServer();
      const harness = client();
      await harness.open({ URL: `${url}kept`, headers: { 'X-A': 'b' } });
      await harness.stop();
      await harness.next('Close');
      await harness.open();
      await peers.take();
      const { request } = await peers.take();
      assert.deepEqual([request?.url, request?.headers['x-a']], ['/kept', 'b']);
    });

    it('given at a start that the world refused stay too', async () => {
      const harness = client();
      await harness.start({ URL: `ws://127.0.0.1:${await closedPort()}/`, pingInterval: 7 });
      assert.equal(harness.socket.info().pingInterval, 7);
    });

    it('override those of the config node', async () => {
      const { url, peers } = await wsServer();
      await client({ URL: `${url}message` }, () => ({ URL: `${url}config` })).open();
      assert.equal((await peers.take()).request?.url, '/message');
    });

    const bad: [string, Layer][] = [
      ['of the wrong type', { pingInterval: 'soon' }],
      ['out of range', { maxWaitBetweenReconnectionRetries: 1 }],
      ['a certificate that is missing', { caFile: '/nowhere/ca.pem', URL: 'wss://127.0.0.1:1/' }],
      ['a key without its certificate', { keyFile: '/nowhere/key.pem', URL: 'wss://127.0.0.1:1/' }],
      ['ciphers that do not exist', { ciphers: 'NONESUCH', URL: 'wss://127.0.0.1:1/' }],
    ];
    for (const [title, given] of bad) {
      it(`a start with a bad option (${title}) leaves the client as it was`, async () => {
        const { url } = await wsServer();
        const harness = client({ URL: url, pingInterval: 60 });
        const before = harness.socket.info();
        await assert.rejects(harness.start(given), { code: 'ERR_OPTION' });
        assert.deepEqual([harness.socket.info(), harness.socket.state, harness.names], [before, 'idle', []]);
        await harness.open();
      });
    }

    it('are checked without a start', () => {
      assert.throws(() => client({}, () => ({ URL: 5 })).socket.check(), { code: 'ERR_OPTION' });
    });
  });

  describe('information', () => {
    it('has the defaults before anything was given', () => {
      assert.deepEqual(client().socket.info(), {
        readyState: 'closed',
        URL: '',
        perMessageDeflateOptionsEnabled: false,
        pingInterval: -1,
        bufferedAmount: 0,
        automaticReconnectionEnabled: true,
        maxWaitBetweenReconnectionRetries: 10000,
      });
    });

    it('has what was given, with the password and the query hidden', () => {
      const harness = client({
        URL: 'ws://ann:secret@h:1/?x',
        enablePerMessageDeflate: true,
        pingInterval: 5,
        enableAutomaticReconnection: false,
        maxWaitBetweenReconnectionRetries: 500,
      });
      assert.deepEqual(harness.socket.info(), {
        readyState: 'closed',
        URL: 'ws://ann:***@h:1/?***',
        perMessageDeflateOptionsEnabled: true,
        pingInterval: 5,
        bufferedAmount: 0,
        automaticReconnectionEnabled: false,
        maxWaitBetweenReconnectionRetries: 500,
      });
    });

    it('pingInterval 0 is off, and −1', () => assert.equal(client({ pingInterval: 0 }).socket.info().pingInterval, -1));

    it('readyState follows: closed, connecting, open, closing, closed', async () => {
      const { url } = await wsServer();
      const harness = client({ URL: url });
      const seen = [harness.socket.info().readyState];
      const starting = harness.start();
      seen.push(harness.socket.info().readyState);
      await starting;
      seen.push(harness.socket.info().readyState);
      const stopping = harness.stop();
      seen.push(harness.socket.info().readyState);
      await stopping;
      seen.push(harness.socket.info().readyState);
      assert.deepEqual(seen, ['closed', 'connecting', 'open', 'closing', 'closed']);
      assert.deepEqual(
        harness.changes.map(({ state }) => state),
        ['opening', 'open', 'closing', 'idle'],
      );
    });

    it('bufferedAmount is what the peer has not taken yet', async () => {
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url, maxBufferedAmount: 0 }).open();
      (await peers.take()).socket.pause();
      void harness.send(Buffer.alloc(20_000_000));
      assert.equal(harness.socket.info().bufferedAmount > 1_000_000, true);
      await harness.stop();
      assert.equal(harness.socket.info().bufferedAmount, 0);
    });
  });

  describe('a change of state says why, in a word for the status line', () => {
    const last = (harness: ReturnType<typeof client>) => harness.changes.at(-1)?.failure;

    it('of a start that failed, with the option to look at', async () => {
      const harness = client({ URL: `ws://127.0.0.1:${await closedPort()}/` });
      await harness.start();
      assert.deepEqual([last(harness)?.brief, last(harness)?.option, harness.socket.status], ['refused', 'URL', harness.changes.at(-1)]);
    });

    it('of a start that was refused, with the option', async () => {
      const harness = client({ URL: 'wss://127.0.0.1:1/', caFile: certs().missing });
      await assert.rejects(harness.start());
      assert.deepEqual(last(harness), { brief: 'option', option: 'caFile' });
    });

    for (const [code, brief] of [
      [1000, undefined],
      [1001, undefined],
      [1011, 'ended'],
      [4000, 'ended'],
    ] as const) {
      it(`of an end with ${code} that is not tried again: ${brief ?? 'nothing'}`, async () => {
        const { harness, peer } = await connected({ enableAutomaticReconnection: false });
        (await peer.peers.take()).ws.close(code);
        await harness.next('Close');
        assert.deepEqual(last(harness), brief && { brief, code });
      });
    }

    it('of each try that failed, until the next begins', async () => {
      const clock = fakeClock();
      const { harness, peer } = await connected();
      await peer.die();
      await harness.next('Close');
      await harness.next('Error');
      assert.deepEqual([last(harness)?.brief, harness.changes.at(-1)?.wait], ['refused', 100]);
      clock.tick(100);
      assert.equal(last(harness), undefined);
    });
  });

  it('a server that is not verified is warned of once', async () => {
    const { url } = await wsServer({ tls: { cert: certs().server.cert, key: certs().server.key } });
    const harness = await client({ URL: url, caFile: 'NONE' }).open();
    await harness.stop();
    await harness.next('Close');
    await harness.open();
    assert.equal(harness.log.warnings.length, 1);
    assert.match(harness.log.warnings[0] ?? '', /Client 1 does not verify the certificate of wss:\/\/127.*caFile is NONE/);
    assert.equal(harness.changes.find(({ state }) => state === 'open')?.unverified, true);
  });

  it('NONE without TLS is nothing to warn of', async () => {
    const { harness } = await connected({ caFile: 'NONE' });
    assert.deepEqual(harness.log.warnings, []);
    assert.equal(harness.changes.find(({ state }) => state === 'open')?.unverified, false);
  });

  it('a send that is not open fails, and says why', async () => {
    const harness = client({ URL: 'ws://127.0.0.1:1/' });
    const { errorStr, ...rest } = await harness.send('x');
    assert.deepEqual(rest, { success: false, compressionError: false, payloadSize: 0, wireSize: 0 });
    assert.match(errorStr ?? '', /client 1 is not open \(closed\)\. Start it first\./);
  });

  it('a listener that throws is logged, and the others still receive the event', async () => {
    const { harness, peer } = await connected();
    const off = harness.socket.events.on(() => {
      off();
      throw new Error('mine');
    });
    const late = new Queue<number>();
    harness.socket.events.on(({ type }) => late.push(type));
    (await peer.peers.take()).ws.send('x');
    assert.equal(await late.take(), 0);
    assert.equal((harness.log.errors.splice(0)[0] as Error).message, 'mine');
  });
});
