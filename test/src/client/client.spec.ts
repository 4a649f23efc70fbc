import assert from 'node:assert/strict';

import dns = require('node:dns');

import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { closedPort, httpServer, type PeerServer, rawServer, tcpServer, wsServer } from '../../helpers/peers';
import { Queue, until, within } from '../../helpers/queue';
import { client } from '../../helpers/sockets';
import { atEnd, stub, tidy } from '../../helpers/teardown';

/** A client with an open connection to a server of its own. */
async function connected(given: Layer = {}) {
  const peer = await wsServer();
  const rig = await client({ URL: peer.url, ...given }).open();
  return { rig, peer, url: peer.url };
}

/** The server comes back on its port. */
const again = ({ port }: PeerServer) => wsServer({ port });

describe('client', () => {
  afterEach(tidy);

  describe('reconnection', () => {
    it('a dying server is Close, then Error after Error, then Open', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await peer.die();
      assert.deepEqual(await rig.next('Close'), { code: 1006, reason: 'Abnormal closure', remote: false });
      for (const [retries, wait] of [
        [1, 100],
        [2, 200],
        [3, 400],
      ] as const) {
        const { reason, ...rest } = await rig.next('Error');
        assert.deepEqual(rest, { retries, wait_time: wait, http_status: 0, decompressionError: false });
        assert.match(reason, /^Could not connect to ws:\/\/127\.0\.0\.1:\d+\/: .*refused the connection/);
        if (retries < 3) clock.tick(wait);
      }
      const back = await again(peer);
      clock.tick(400);
      assert.equal((await rig.next('Open')).uri, '/');
      await back.peers.take();
      assert.deepEqual(rig.names, ['Open', 'Close', 'Error', 'Error', 'Error', 'Open']);
    });

    it('the first try comes without a wait', async () => {
      fakeClock();
      const { rig, peer } = await connected();
      (await peer.peers.take()).ws.close(1000);
      await rig.next('Close');
      await rig.next('Open');
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
        const { rig, peer } = await connected(given);
        await peer.die();
        await rig.next('Close');
        for (const wait of waits) {
          assert.equal((await rig.next('Error')).wait_time, wait);
          clock.tick(wait - 1);
          assert.equal(rig.socket.state, 'waiting');
          clock.tick(1);
          assert.equal(rig.socket.state, 'opening');
        }
      });
    }

    it('with jitter wait_time is the wait that is really taken', async () => {
      stub(Math, 'random', () => 0.25);
      const clock = fakeClock();
      const { rig, peer } = await connected({ jitter: true });
      await peer.die();
      await rig.next('Close');
      for (const wait of [25, 50, 100]) {
        assert.equal((await rig.next('Error')).wait_time, wait);
        assert.equal(rig.changes.at(-1)?.wait, wait);
        clock.tick(wait - 1);
        assert.equal(rig.socket.state, 'waiting');
        clock.tick(1);
        assert.equal(rig.socket.state, 'opening');
      }
    });

    it('a success begins the series anew', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await peer.die();
      await rig.next('Close');
      await rig.next('Error');
      clock.tick(100);
      assert.equal((await rig.next('Error')).retries, 2);
      const back = await again(peer);
      clock.tick(200);
      await rig.next('Open');
      await back.peers.take();
      await back.die();
      await rig.next('Close');
      const { retries, wait_time } = await rig.next('Error');
      assert.deepEqual([retries, wait_time], [1, 100]);
    });

    for (const code of [1000, 1001, 1011, 4000]) {
      it(`a close with ${code} by the peer is followed by another connection`, async () => {
        fakeClock();
        const { rig, peer } = await connected();
        (await peer.peers.take()).ws.close(code, 'bye');
        assert.deepEqual(await rig.next('Close'), { code, reason: 'bye', remote: true });
        await rig.next('Open');
      });
    }

    it('with enableAutomaticReconnection off there is a Close and nothing more', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected({ enableAutomaticReconnection: false });
      await peer.die();
      await rig.next('Close');
      assert.equal(rig.socket.state, 'idle');
      assert.equal(rig.socket.info().readyState, 'closed');
      clock.tick(3_600_000);
      assert.deepEqual([rig.socket.state, rig.names], ['idle', ['Open', 'Close']]);
    });

    it('an Error has the http_status of the answer', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await peer.die();
      await rig.next('Close');
      assert.equal((await rig.next('Error')).http_status, 0);
      await httpServer((_, response) => response.writeHead(503).end(), peer.port);
      clock.tick(100);
      const { http_status, reason } = await rig.next('Error');
      assert.equal(http_status, 503);
      assert.match(reason, /answered 503/);
    });

    it('each try has the deadline handshakeTimeoutSecs', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected({ handshakeTimeoutSecs: 7 });
      await peer.die();
      await rig.next('Close');
      await rig.next('Error');
      const heard = new Queue<boolean>();
      await tcpServer((socket) => socket.once('data', () => heard.push(true)), peer.port);
      clock.tick(100);
      await heard.take('a try');
      clock.tick(6999);
      assert.equal(rig.socket.state, 'opening');
      clock.tick(1);
      assert.match((await rig.next('Error')).reason, /timed out after 7 s in the phase HTTP/);
    });

    it('each try reads the options of the config node, and so the environment, anew', async () => {
      const clock = fakeClock();
      const [first, second] = [await wsServer(), await wsServer()];
      let base: Layer = { URL: first.url, headers: { 'X-Try': 'one' } };
      const rig = await client({}, () => base).open();
      await first.die();
      await rig.next('Close');
      await rig.next('Error');
      base = { URL: `${second.url}new`, headers: { 'X-Try': 'two' } };
      clock.tick(100);
      assert.equal((await rig.next('Open')).uri, '/new');
      assert.equal((await second.peers.take()).request?.headers['x-try'], 'two');
    });

    it('what start gave stays for the tries that follow', async () => {
      fakeClock();
      const { url, peers } = await wsServer();
      const rig = await client().open({ URL: url, headers: { 'X-A': 'b' } });
      (await peers.take()).ws.close();
      await rig.next('Close');
      await rig.next('Open');
      assert.equal((await peers.take()).request?.headers['x-a'], 'b');
    });

    it('options that have become wrong are told as Error, and tried again', async () => {
      const clock = fakeClock();
      const { url, peers } = await wsServer();
      let base: Layer = { URL: url };
      const rig = await client({}, () => base).open();
      base = { URL: 'nonsense' };
      (await peers.take()).ws.close();
      await rig.next('Close');
      const { reason, retries, wait_time } = await rig.next('Error');
      assert.deepEqual([retries, wait_time], [1, 100]);
      assert.match(reason, /option URL must be/);
      base = { URL: url };
      clock.tick(100);
      await rig.next('Open');
    });

    it('a certificate that has gone is told as Error, and tried again', async () => {
      const clock = fakeClock();
      const { url, peers } = await wsServer();
      let base: Layer = { URL: url };
      const rig = await client({}, () => base).open();
      base = { URL: url.replace('ws:', 'wss:'), caFile: certs().missing };
      (await peers.take()).ws.close();
      await rig.next('Close');
      assert.match((await rig.next('Error')).reason, /option caFile names .*missing\.pem/);
      base = { URL: url };
      clock.tick(100);
      await rig.next('Open');
    });
  });

  describe('stop', () => {
    it('during a wait ends it at once, and nothing is emitted', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await peer.die();
      await rig.next('Close');
      await rig.next('Error');
      await rig.stop();
      assert.equal(rig.socket.state, 'idle');
      clock.tick(3_600_000);
      assert.deepEqual([rig.socket.state, clock.countTimers(), rig.events.isEmpty], ['idle', 0, true]);
    });

    it('during a first try answers that start with a failure, and nothing is emitted', async () => {
      const heard = new Queue<boolean>();
      const gone = new Queue<boolean>();
      const port = await tcpServer((socket) => socket.once('data', () => heard.push(true)).once('close', () => gone.push(true)));
      const rig = client({ URL: `ws://127.0.0.1:${port}/` });
      const starting = rig.start({}, { timeout: 60 });
      await heard.take('the upgrade request');
      await rig.stop();
      const { success, errorStr = '', http_status } = await starting;
      assert.deepEqual([success, http_status], [false, 0]);
      assert.match(errorStr, /the start was aborted by stop or clear\.$/);
      await gone.take('the end of the connection');
      assert.deepEqual([rig.socket.state, rig.names], ['idle', []]);
    });

    for (const mode of [{ retryFirstConnect: true }, {}] as const) {
      it(`during a first try that ${mode.retryFirstConnect ? 'goes on (retryFirstConnect)' : 'was automatic'} ends it without an event`, async () => {
        const clock = fakeClock();
        const heard = new Queue<boolean>();
        const port = await tcpServer((socket) => socket.once('data', () => heard.push(true)));
        const rig = client({ URL: `ws://127.0.0.1:${port}/`, ...mode });
        const starting = rig.start({}, { automatic: !mode.retryFirstConnect });
        await heard.take('the upgrade request');
        await rig.stop();
        assert.equal((await starting).success, false);
        clock.tick(3_600_000);
        assert.deepEqual([rig.socket.state, rig.names], ['idle', []]);
      });
    }

    it('during a later try ends it without an event', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await peer.die();
      await rig.next('Close');
      await rig.next('Error');
      const heard = new Queue<boolean>();
      await tcpServer((socket) => socket.once('data', () => heard.push(true)), peer.port);
      clock.tick(100);
      await heard.take('a try');
      await rig.stop();
      clock.tick(3_600_000);
      assert.deepEqual([rig.socket.state, rig.events.isEmpty], ['idle', true]);
    });

    it('while a name server keeps the try waiting answers at once', async () => {
      stub(dns, 'lookup', (() => {}) as never);
      const rig = client({ URL: 'ws://slow.example/' });
      const starting = rig.start({}, { timeout: 60 });
      await new Promise(setImmediate);
      await rig.stop();
      assert.match((await starting).errorStr ?? '', /aborted by stop/);
    });

    it('of a try that is about to succeed leaves no connection', async () => {
      const { url, peers } = await wsServer();
      for (let i = 0; i < 20; i++) {
        const rig = client({ URL: url });
        const starting = rig.start();
        for (let j = 0; j < i; j++) await new Promise(setImmediate);
        await rig.stop();
        const { success } = await starting;
        assert.equal(rig.socket.state, 'idle');
        assert.deepEqual(rig.names, success ? ['Open', 'Close'] : []);
        await rig.socket.clear();
      }
      for (const peer of peers.all) await peer.closes.take('the end of a connection');
    });

    it('of an open connection emits its Close and nothing more', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await rig.stop(4001, 'enough');
      assert.deepEqual(await rig.next('Close'), { code: 4001, reason: 'enough', remote: false });
      assert.deepEqual(await (await peer.peers.take()).closes.take(), { code: 4001, reason: 'enough' });
      clock.tick(3_600_000);
      assert.deepEqual([rig.socket.state, clock.countTimers(), rig.events.isEmpty], ['idle', 0, true]);
    });

    it('emits the Close before it answers', async () => {
      const { rig } = await connected();
      await rig.stop();
      assert.deepEqual(rig.names, ['Open', 'Close']);
    });

    it('twice at once is one stop', async () => {
      const { rig } = await connected();
      await Promise.all([rig.stop(4001, 'first'), rig.stop(4002, 'second')]);
      assert.equal((await rig.next('Close')).code, 4001);
      assert.equal(rig.events.isEmpty, true);
    });

    it('of a stopped client succeeds and emits nothing', async () => {
      const rig = client({ URL: 'ws://127.0.0.1:1/' });
      await rig.stop();
      await rig.stop();
      assert.deepEqual([rig.socket.state, rig.names, rig.changes], ['idle', [], []]);
    });

    it('and start and stop in one turn end with no connection', async () => {
      const { url } = await wsServer();
      const rig = client({ URL: url });
      const first = rig.stop();
      const starting = rig.start();
      await Promise.all([first, rig.stop()]);
      await starting;
      assert.equal(rig.socket.state, 'idle');
    });

    it('answers within a second where the peer is deaf, and cuts it after 300 ms', async () => {
      const { url, peers } = await rawServer();
      const rig = await client({ URL: url }).open();
      const peer = await peers.take();
      const before = performance.now();
      await rig.stop(1000, 'Normal closure');
      const took = performance.now() - before;
      assert.ok(took >= 290 && took < 800, `it took ${took} ms`);
      assert.deepEqual(await rig.next('Close'), { code: 1000, reason: 'Normal closure', remote: false });
      assert.deepEqual(await peer.close(), { code: 1000, reason: 'Normal closure' });
      await within(peer.ended, 'the end of the connection');
    });

    it('answers within a second where the peer neither reads nor answers', async () => {
      const { url, peers } = await rawServer();
      const rig = await client({ URL: url, maxBufferedAmount: 0 }).open();
      const peer = await peers.take();
      peer.socket.pause();
      const sent = rig.send(Buffer.alloc(20_000_000));
      await rig.stop();
      assert.equal((await sent).success, false);
      assert.equal((await rig.next('Close')).code, 1000);
    });

    it('answers within a second where the peer has shut its side and does not read ours', async () => {
      const { url, peers } = await rawServer();
      const rig = await client({ URL: url, maxBufferedAmount: 0, enableAutomaticReconnection: false }).open();
      const peer = await peers.take();
      peer.socket.pause();
      const sent = rig.send(Buffer.alloc(20_000_000));
      peer.socket.end();
      let refused = false;
      const tried = () => {
        rig.socket.send('', ({ success }) => {
          refused ||= !success;
        });
        return refused;
      };
      await until(tried, 'the end of the peer');
      await rig.stop();
      assert.equal((await sent).success, false);
      assert.equal(rig.socket.state, 'idle');
    });

    it('answers within a second where the peer goes on sending and never closes', async () => {
      const { url, peers } = await rawServer();
      const rig = await client({ URL: url }).open();
      const peer = await peers.take();
      const flood = setInterval(() => peer.socket.writable && peer.send(1, 'x'.repeat(1000)), 1);
      atEnd(() => clearInterval(flood));
      await rig.next('Message');
      await rig.stop();
      assert.equal(rig.names.at(-1), 'Close');
      const heard = rig.events.all.length;
      await new Promise(setImmediate);
      assert.equal(rig.events.all.length, heard);
    });
  });

  describe('clear', () => {
    it('of an open client emits its Close, and nothing can be started again', async () => {
      const { rig } = await connected();
      await rig.socket.clear();
      assert.equal((await rig.next('Close')).code, 1000);
      assert.equal(rig.socket.state, 'cleared');
      await assert.rejects(rig.start(), { code: 'ERR_NO_SOCKET', message: /cleared/ });
    });

    it('leaves no handle', async () => {
      const handles = () => process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS|HTTP|Pipe)/.test(name));
      const peer = await rawServer();
      const before = handles().length;
      const rig = await client({ URL: peer.url, pingInterval: 60 }).open();
      const other = await peer.peers.take();
      await rig.socket.clear();
      other.socket.destroy();
      await within(other.ended, 'the end of the peer');
      assert.equal(handles().length, before);
    });

    it('during a wait leaves no timer', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await peer.die();
      await rig.next('Close');
      await rig.next('Error');
      await rig.socket.clear();
      assert.equal(clock.countTimers(), 0);
    });

    it('and a start in one turn leave no connection', async () => {
      const { url, peers } = await wsServer();
      const rig = client({ URL: url });
      const clearing = rig.socket.clear();
      const { success } = await rig.start().catch(() => ({ success: false }));
      await clearing;
      assert.equal(success, false);
      assert.equal(rig.socket.state, 'cleared');
      for (const peer of peers.all) await peer.closes.take('the end of a connection');
      assert.deepEqual(rig.names, []);
    });
  });

  describe('start', () => {
    it('of a running client is refused, and it runs on', async () => {
      const { rig, peer } = await connected();
      await assert.rejects(rig.start(), { code: 'ERR_STATE', message: /client 1 is already started \(open\)/ });
      assert.equal((await rig.send('hi')).success, true);
      assert.equal((await (await peer.peers.take()).messages.take()).data, 'hi');
    });

    it('while it connects is refused', async () => {
      const rig = client({ URL: `ws://127.0.0.1:${await tcpServer()}/` });
      const starting = rig.start();
      await assert.rejects(rig.start(), { code: 'ERR_STATE', message: /\(connecting\)/ });
      await rig.stop();
      await starting;
    });

    it('during a wait is refused, and the wait goes on', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await peer.die();
      await rig.next('Close');
      await rig.next('Error');
      await assert.rejects(rig.start(), { code: 'ERR_STATE', message: /\(connecting\)/ });
      clock.tick(100);
      assert.equal(rig.socket.state, 'opening');
    });

    it('while it closes is refused', async () => {
      const { rig } = await connected();
      const stopping = rig.stop();
      await assert.rejects(rig.start(), { code: 'ERR_STATE', message: /\(closing\)/ });
      await stopping;
    });

    it('with a changed option while it runs is refused, and the option stays as it was', async () => {
      const { rig } = await connected();
      await assert.rejects(rig.start({ pingInterval: 5 }), { code: 'ERR_STATE' });
      assert.equal(rig.socket.info().pingInterval, -1);
    });

    it('after a natural end connects, and messages are heard again', async () => {
      const { rig, peer } = await connected({ enableAutomaticReconnection: false });
      (await peer.peers.take()).ws.close(1000, 'done');
      await rig.next('Close');
      await rig.open();
      (await peer.peers.take()).ws.send('again');
      assert.equal((await rig.next('Message')).str, 'again');
    });

    it('after a stop connects', async () => {
      const { rig } = await connected();
      await rig.stop();
      await rig.next('Close');
      await rig.open();
    });

    it('that fails first is told by its answer alone: no Error, no other try', async () => {
      const clock = fakeClock();
      const rig = client({ URL: `ws://127.0.0.1:${await closedPort()}/` });
      assert.equal((await rig.start()).success, false);
      clock.tick(3_600_000);
      assert.deepEqual([rig.socket.state, clock.countTimers(), rig.names], ['idle', 0, []]);
    });

    it('that fails first with retryFirstConnect answers so, and goes on trying', async () => {
      const clock = fakeClock();
      const port = await closedPort();
      const rig = client({ URL: `ws://127.0.0.1:${port}/`, retryFirstConnect: true });
      const { success, errorStr } = await rig.start();
      assert.equal(success, false);
      const { retries, wait_time, reason } = await rig.next('Error');
      assert.deepEqual([retries, wait_time, reason], [1, 100, errorStr]);
      clock.tick(100);
      assert.equal((await rig.next('Error')).retries, 2);
      await wsServer({ port });
      clock.tick(200);
      await rig.next('Open');
    });

    it('that is automatic keeps trying by the reconnection rules from its first try', async () => {
      const clock = fakeClock();
      const port = await closedPort();
      const rig = client({ URL: `ws://127.0.0.1:${port}/` });
      assert.equal((await rig.start({}, { automatic: true })).success, false);
      assert.equal((await rig.next('Error')).wait_time, 100);
      clock.tick(100);
      assert.equal((await rig.next('Error')).wait_time, 200);
      await wsServer({ port });
      clock.tick(200);
      await rig.next('Open');
    });

    it('that is automatic, without reconnection, tells its failure as one Error that is not tried again', async () => {
      const rig = client({ URL: `ws://127.0.0.1:${await closedPort()}/`, enableAutomaticReconnection: false });
      await rig.start({}, { automatic: true });
      const { retries, wait_time } = await rig.next('Error');
      assert.deepEqual([retries, wait_time, rig.socket.state], [0, 0, 'idle']);
    });

    it('that is automatic has the deadline handshakeTimeoutSecs', async () => {
      const clock = fakeClock();
      const heard = new Queue<boolean>();
      const port = await tcpServer((socket) => socket.once('data', () => heard.push(true)));
      const rig = client({ URL: `ws://127.0.0.1:${port}/`, handshakeTimeoutSecs: 9 });
      const starting = rig.start({}, { automatic: true });
      await heard.take('the upgrade request');
      clock.tick(9000);
      assert.match((await starting).errorStr ?? '', /timed out after 9 s/);
    });

    it('has the deadline of its timeout, which does not stay', async () => {
      const clock = fakeClock();
      const heard = new Queue<boolean>();
      const port = await tcpServer((socket) => socket.once('data', () => heard.push(true)));
      const rig = client({ URL: `ws://127.0.0.1:${port}/` });
      for (const timeout of [5, 8]) {
        const starting = rig.start({}, { timeout });
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
      const rig = client();
      await rig.open({ URL: `${url}kept`, headers: { 'X-A': 'b' } });
      await rig.stop();
      await rig.next('Close');
      await rig.open();
      await peers.take();
      const { request } = await peers.take();
      assert.deepEqual([request?.url, request?.headers['x-a']], ['/kept', 'b']);
    });

    it('given at a start that the world refused stay too', async () => {
      const rig = client();
      await rig.start({ URL: `ws://127.0.0.1:${await closedPort()}/`, pingInterval: 7 });
      assert.equal(rig.socket.info().pingInterval, 7);
    });

    it('stand above those of the config node', async () => {
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
        const rig = client({ URL: url, pingInterval: 60 });
        const before = rig.socket.info();
        await assert.rejects(rig.start(given), { code: 'ERR_OPTION' });
        assert.deepEqual([rig.socket.info(), rig.socket.state, rig.names], [before, 'idle', []]);
        await rig.open();
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
      const rig = client({
        URL: 'ws://ann:secret@h:1/?x',
        enablePerMessageDeflate: true,
        pingInterval: 5,
        enableAutomaticReconnection: false,
        maxWaitBetweenReconnectionRetries: 500,
      });
      assert.deepEqual(rig.socket.info(), {
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
      const rig = client({ URL: url });
      const seen = [rig.socket.info().readyState];
      const starting = rig.start();
      seen.push(rig.socket.info().readyState);
      await starting;
      seen.push(rig.socket.info().readyState);
      const stopping = rig.stop();
      seen.push(rig.socket.info().readyState);
      await stopping;
      seen.push(rig.socket.info().readyState);
      assert.deepEqual(seen, ['closed', 'connecting', 'open', 'closing', 'closed']);
      assert.deepEqual(
        rig.changes.map(({ state }) => state),
        ['opening', 'open', 'closing', 'idle'],
      );
    });

    it('bufferedAmount is what the peer has not taken yet', async () => {
      const { url, peers } = await rawServer();
      const rig = await client({ URL: url, maxBufferedAmount: 0 }).open();
      (await peers.take()).socket.pause();
      void rig.send(Buffer.alloc(20_000_000));
      assert.equal(rig.socket.info().bufferedAmount > 1_000_000, true);
      await rig.stop();
      assert.equal(rig.socket.info().bufferedAmount, 0);
    });
  });

  describe('a change of state says why, in a word for the status line', () => {
    const last = (rig: ReturnType<typeof client>) => rig.changes.at(-1)?.failure;

    it('of a start that failed, with the option to look at', async () => {
      const rig = client({ URL: `ws://127.0.0.1:${await closedPort()}/` });
      await rig.start();
      assert.deepEqual([last(rig)?.brief, last(rig)?.option, rig.socket.standing], ['refused', 'URL', rig.changes.at(-1)]);
    });

    it('of a start that was refused, with the option', async () => {
      const rig = client({ URL: 'wss://127.0.0.1:1/', caFile: certs().missing });
      await assert.rejects(rig.start());
      assert.deepEqual(last(rig), { brief: 'option', option: 'caFile' });
    });

    for (const [code, brief] of [
      [1000, undefined],
      [1001, undefined],
      [1011, 'ended'],
      [4000, 'ended'],
    ] as const) {
      it(`of an end with ${code} that is not tried again: ${brief ?? 'nothing'}`, async () => {
        const { rig, peer } = await connected({ enableAutomaticReconnection: false });
        (await peer.peers.take()).ws.close(code);
        await rig.next('Close');
        assert.deepEqual(last(rig), brief && { brief, code });
      });
    }

    it('of each try that failed, until the next begins', async () => {
      const clock = fakeClock();
      const { rig, peer } = await connected();
      await peer.die();
      await rig.next('Close');
      await rig.next('Error');
      assert.deepEqual([last(rig)?.brief, rig.changes.at(-1)?.wait], ['refused', 100]);
      clock.tick(100);
      assert.equal(last(rig), undefined);
    });
  });

  it('a server that is not verified is warned of once', async () => {
    const { url } = await wsServer({ tls: { cert: certs().server.cert, key: certs().server.key } });
    const rig = await client({ URL: url, caFile: 'NONE' }).open();
    await rig.stop();
    await rig.next('Close');
    await rig.open();
    assert.equal(rig.log.warnings.length, 1);
    assert.match(rig.log.warnings[0] ?? '', /Client 1 does not verify the certificate of wss:\/\/127.*caFile is NONE/);
    assert.equal(rig.changes.find(({ state }) => state === 'open')?.unverified, true);
  });

  it('NONE without TLS is nothing to warn of', async () => {
    const { rig } = await connected({ caFile: 'NONE' });
    assert.deepEqual(rig.log.warnings, []);
    assert.equal(rig.changes.find(({ state }) => state === 'open')?.unverified, false);
  });

  it('a send that is not open fails, and says why', async () => {
    const rig = client({ URL: 'ws://127.0.0.1:1/' });
    const { errorStr, ...rest } = await rig.send('x');
    assert.deepEqual(rest, { success: false, compressionError: false, payloadSize: 0, wireSize: 0 });
    assert.match(errorStr ?? '', /client 1 is not open \(closed\)\. Start it first\./);
  });

  it('a listener that throws is told to the log, and keeps nobody else from hearing', async () => {
    const { rig, peer } = await connected();
    const off = rig.socket.events.on(() => {
      off();
      throw new Error('mine');
    });
    const late = new Queue<number>();
    rig.socket.events.on(({ type }) => late.push(type));
    (await peer.peers.take()).ws.send('x');
    assert.equal(await late.take(), 0);
    assert.equal((rig.log.errors.splice(0)[0] as Error).message, 'mine');
  });
});
