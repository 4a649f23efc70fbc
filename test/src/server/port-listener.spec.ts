import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import type { Layer } from '../../../src/options/read';
import { graceMs, maxSilentOfAddress, pollMs } from '../../../src/server/admission/handshake-places';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { lines, rawClient, readAll, tcpClient, upgradeRequest, wsClient } from '../../helpers/peers';
import { until, within } from '../../helpers/queue';
import { client, type ServerHarness, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

/** Sends the bytes of a request. @returns the whole response, and the local address. */
async function ask(harness: ServerHarness, request: string): Promise<{ answer: string; localPort: number | undefined }> {
  const socket = await tcpClient(harness.port);
  const { localPort } = socket;
  const answered = readAll(socket);
  socket.write(request);
  return { answer: await answered, localPort };
}

const ended = (socket: Socket) => within(new Promise((resolve) => socket.resume().once('close', resolve)), 'the end of a connection', 2000);

describe('listener', () => {
  afterEach(teardown);

  describe('host and addressFamily', () => {
    const rows: [string, Layer, string][] = [
      ['nothing', {}, 'ws://127.0.0.1:'],
      ['an empty host', { host: '' }, 'ws://127.0.0.1:'],
      ['IPv6', { addressFamily: 6 }, 'ws://[::1]:'],
      ['IPv6 by the number of Linux', { addressFamily: 10 }, 'ws://[::1]:'],
      ['IPv4 by its number', { addressFamily: 2 }, 'ws://127.0.0.1:'],
      ['every address', { host: '0.0.0.0' }, 'ws://0.0.0.0:'],
      ['every address of IPv6', { host: '::', addressFamily: 6 }, 'ws://[::]:'],
      ['an address in brackets', { host: '[::1]', addressFamily: 6 }, 'ws://[::1]:'],
      ['an address with blanks', { host: ' 127.0.0.1 ' }, 'ws://127.0.0.1:'],
      ['another loopback address', { host: '127.0.0.2' }, 'ws://127.0.0.2:'],
      ['a name', { host: 'localhost' }, 'ws://127.0.0.1:'],
    ];
    for (const [title, given, uri] of rows) {
      it(`${title} listens on ${uri}…`, async function () {
        const status = await server(given).start();
        if (uri.includes('[') && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(status.errorStr ?? '')) return this.skip(); // No IPv6 on this machine.
        assert.equal(status.success, true, status.errorStr);
        assert.equal(status.uri, `${uri}${status.port}`);
      });
    }

    it('a name is looked up in the family that was asked for', async () => {
      const known = await lookup('localhost', { family: 6 }).then(
        () => true,
        () => false,
      );
      const { success, errorStr = '', uri } = await server({ host: 'localhost', addressFamily: 6 }).start();
      if (known) assert.match(uri, /^ws:\/\/\[::1\]:/);
      else assert.match(errorStr, /the name localhost has no IPv6 address \(\w+\)/);
      assert.equal(success, known);
    });

    const mismatches: [Layer, RegExp][] = [
      [{ host: '::1' }, /option host must be a name or an IPv4 address, as addressFamily says; got the IPv6 address ::1/],
      [
        { host: '127.0.0.1', addressFamily: 6 },
        /option host must be a name or an IPv6 address, as addressFamily says; got the IPv4 address 127\.0\.0\.1/,
      ],
      [{ host: '[::]', addressFamily: 'IPv4' }, /option host/],
    ];
    for (const [given, sentence] of mismatches) {
      it(`${JSON.stringify(given)} do not fit together`, async () => {
        await assert.rejects(server(given).start(), { code: 'ERR_OPTION', message: sentence });
      });
    }

    const failures: [string, Layer, RegExp][] = [
      ['an address that is not of this machine', { host: '192.0.2.1' }, /192\.0\.2\.1 is not an address of this machine \(EADDRNOTAVAIL\)/],
      [
        'a name that does not exist',
        { host: 'no-such-host.invalid' },
        /the name no-such-host\.invalid has no IPv4 address \(ENOTFOUND\)|no-such-host\.invalid/,
      ],
    ];
    for (const [title, given, sentence] of failures) {
      it(`${title} is a failure with a sentence`, async () => {
        const { success, errorStr = '' } = await server(given).start();
        assert.equal(success, false);
        assert.match(errorStr, /^Could not listen on ws:\/\/\S+: .+\.$/);
        assert.match(errorStr, sentence);
      });
    }

    it('a port that only root may have is a failure with a sentence', async function () {
      if (process.getuid?.() !== 0) return this.skip();
      process.seteuid?.(65534);
      try {
        const { success, errorStr = '' } = await server({ port: 1 }).start();
        if (success) return this.skip(); // Every user may listen on this port here.
        assert.match(errorStr, /this user may not listen on port 1 \(EACCES\)\. Choose port 1024 or above/);
      } finally {
        process.seteuid?.(0);
      }
    });
  });

  for (const backlog of [0, 1, 511]) {
    it(`backlog ${backlog} is accepted, and clients get in`, async () => {
      const harness = await server({ backlog }).open();
      await Promise.all([wsClient(harness.url()), wsClient(harness.url())]);
    });
  }

  describe('maxConnections', () => {
    it('one more is closed at once without an answer, and reported as an Error', async () => {
      const harness = await server({ maxConnections: 2 }).open();
      await wsClient(harness.url());
      await wsClient(harness.url());
      await harness.next('Open');
      await harness.next('Open');
      const socket = await tcpClient(harness.port);
      const { localPort } = socket;
      assert.equal(await readAll(socket), '');
      const { reason, remoteIp, remotePort, ...rest } = await harness.next('Error');
      assert.match(reason, /closed at once: 2 connections are open, as many as maxConnections allows/);
      assert.deepEqual([remoteIp, remotePort], ['127.0.0.1', localPort]);
      assert.deepEqual(rest, { retries: 0, wait_time: 0, http_status: 0, decompressionError: false, count: 1 });
    });

    it('the place of one that has gone is free again', async () => {
      const harness = await server({ maxConnections: 1 }).open();
      for (let i = 0; i < 3; i++) {
        const peer = await rawClient(harness.port);
        await harness.next('Open');
        peer.socket.destroy();
        await harness.next('Close');
      }
    });

    it('does not count who is still in the handshake', async () => {
      const harness = await server({ maxConnections: 1 }).open();
      await tcpClient(harness.port);
      await rawClient(harness.port);
      await harness.next('Open');
    });

    it('counts at the end of the handshake: when the others have taken all places meanwhile, it is 503', async () => {
      const harness = await server({ maxConnections: 1 }).open();
      const socket = await tcpClient(harness.port);
      await rawClient(harness.port);
      await harness.next('Open');
      const answered = readAll(socket);
      socket.write(upgradeRequest('/late'));
      assert.match(await answered, /^HTTP\/1\.1 503 /);
      const { reason, http_status, uri } = await harness.next('Error');
      assert.match(reason, /refused with 503: 1 connections are open, as many as maxConnections allows/);
      assert.deepEqual([http_status, uri], [503, '/late']);
    });

    it('100 silent connections take no place of good clients, and the silent ones of one address are 8 at most', async () => {
      const clock = fakeClock({ withPerformance: true });
      const harness = await server({ maxConnections: 10 }).open();
      const silent = await Promise.all(Array.from({ length: 50 }, () => tcpClient(harness.port)));
      for (let i = 0; i < 5; i++) await rawClient(harness.port);
      silent.push(...(await Promise.all(Array.from({ length: 50 }, () => tcpClient(harness.port)))));
      for (let i = 0; i < 5; i++) await rawClient(harness.port);
      const isOpen = (socket: Socket) => !socket.destroyed;
      for (const socket of silent) socket.resume();
      assert.equal(harness.socket.info().clients.length, 10);
      // There are at most 64 unfinished handshakes. A well-behaved client replaced one for a moment.
      await until(() => silent.filter(isOpen).length === 64 - 1, 'the oldest to make room');
      clock.tick(graceMs + pollMs);
      await until(() => silent.filter(isOpen).length === maxSilentOfAddress, 'the others to be dropped');
      assert.deepEqual(silent.map(isOpen), [...Array(92).fill(false), ...Array(8).fill(true)], 'the youngest stay');
      assert.equal(clock.now > 0, true);
    });

    it('a connection dropped for others is reported as an Error, with the count', async () => {
      const clock = fakeClock({ withPerformance: true });
      const harness = await server().open();
      const silent = await Promise.all(Array.from({ length: maxSilentOfAddress + 3 }, () => tcpClient(harness.port)));
      const three = Promise.all(silent.slice(0, 3).map(ended));
      await wsClient(harness.url());
      await harness.next('Open');
      clock.tick(graceMs + pollMs);
      await three;
      const { reason, http_status, count } = await harness.next('Error');
      assert.match(reason, /^The connection was dropped: its upgrade request was not there yet, and other connections needed its place\.$/);
      assert.deepEqual([http_status, count], [0, 1]);
      clock.tick(1000);
      assert.equal((await harness.next('Error')).count, 2);
    });

    it('0 lets nobody in', async () => {
      const harness = await server({ maxConnections: 0 }).open();
      await assert.rejects(wsClient(harness.url()));
      assert.match((await harness.next('Error')).reason, /0 connections are open/);
    });

    it('a client of ours that is refused like this reports that the server may be full', async () => {
      const harness = await server({ maxConnections: 0 }).open();
      assert.match(
        (await client({ URL: harness.url() }).start()).errorStr ?? '',
        /closed the connection before it answered .*whether it is full/,
      );
    });
  });

  describe('handshakeTimeoutSecs', () => {
    const slow: [string, (socket: Socket) => void][] = [
      ['is silent', () => {}],
      ['stops in the middle of its request', (socket) => socket.write('GET / HTTP/1.1\r\nHost:')],
    ];
    for (const [title, begin] of slow) {
      it(`drops a client that ${title}, to the millisecond, and reports an Error`, async () => {
        const clock = fakeClock();
        const harness = await server({ handshakeTimeoutSecs: 3 }).open();
        const socket = await tcpClient(harness.port);
        const { localPort } = socket;
        begin(socket);
        await wsClient(harness.url()); // The server has accepted both.
        await harness.next('Open');
        const gone = ended(socket);
        clock.tick(2999);
        assert.equal(socket.destroyed, false);
        clock.tick(1);
        await gone;
        const { reason, remoteIp, remotePort, http_status, retries, wait_time } = await harness.next('Error');
        assert.match(reason, /dropped: its upgrade request was not there after 3 s \(handshakeTimeoutSecs\)/);
        assert.deepEqual([remoteIp, remotePort, http_status, retries, wait_time], ['127.0.0.1', localPort, 0, 0, 0]);
      });
    }

    it('drops who drips its request, a byte at a time', async () => {
      const harness = await server({ handshakeTimeoutSecs: 0.3 }).open();
      const socket = await tcpClient(harness.port);
      const drip = setInterval(() => socket.write('x'), 10);
      const before = performance.now();
      socket.write('GET / HTTP/1.1\r\nX: ');
      await ended(socket).finally(() => clearInterval(drip));
      const took = performance.now() - before;
      assert.equal(took > 250 && took < 1000, true, `it took ${took} ms`);
      await harness.next('Error');
    });

    it('reads what has arrived while the flow was busy before it drops anybody', async () => {
      const harness = await server({ handshakeTimeoutSecs: 0.3 }).open();
      const socket = await tcpClient(harness.port);
      await wsClient(harness.url()); // The server has accepted both.
      await harness.next('Open');
      socket.write(upgradeRequest());
      const before = performance.now();
      while (performance.now() - before < 500);
      await harness.next('Open');
    });

    it('does not touch who has got in', async () => {
      const clock = fakeClock();
      const harness = await server({ handshakeTimeoutSecs: 3 }).open();
      const peer = await rawClient(harness.port);
      await harness.next('Open');
      clock.tick(3_600_000);
      peer.send(1, 'still here');
      assert.equal((await harness.next('Message')).str, 'still here');
      assert.equal(clock.countTimers(), 0);
    });
  });

  describe('plain HTTP', () => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      it(`${method} is answered 426, and the connection ends`, async () => {
        const harness = await server().open();
        const { answer } = await ask(harness, lines(`${method} /x HTTP/1.1`, 'Host: x', 'Content-Length: 0'));
        assert.match(answer, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
        assert.match(answer, /\r\nUpgrade: websocket\r\n/i);
        assert.match(answer, /This is a WebSocket server/);
      });
    }

    it('works with fetch', async () => {
      const harness = await server().open();
      const response = await fetch(`http://127.0.0.1:${harness.port}/`);
      assert.equal(response.status, 426);
      assert.match(await response.text(), /WebSocket/);
    });

    it('an upgrade to something else is answered 426 and reported as an Error', async () => {
      const harness = await server().open();
      const { answer } = await ask(harness, lines('GET /x HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: h2c'));
      assert.match(answer, /^HTTP\/1\.1 426 /);
      const { http_status, uri } = await harness.next('Error');
      assert.deepEqual([http_status, uri], [426, '/x']);
    });
  });

  describe('a bad upgrade request is answered, and reported as an Error with its connection', () => {
    const request = (change: (text: string) => string) => change(upgradeRequest('/bad?x'));
    const rows: [string, string, number, RegExp][] = [
      ['no key', request((text) => text.replace(/Sec-WebSocket-Key: .*\r\n/, '')), 400, /Sec-WebSocket-Key/],
      [
        'a key that is none',
        request((text) => text.replace(/Sec-WebSocket-Key: .*\r\n/, 'Sec-WebSocket-Key: x\r\n')),
        400,
        /Sec-WebSocket-Key/,
      ],
      ['no version', request((text) => text.replace(/Sec-WebSocket-Version: .*\r\n/, '')), 400, /Sec-WebSocket-Version/],
      ['version 7', request((text) => text.replace('Version: 13', 'Version: 7')), 400, /Sec-WebSocket-Version/],
      ['POST', request((text) => text.replace('GET', 'POST')), 405, /method/],
      [
        'extensions that cannot be read',
        upgradeRequest('/bad?x', ['Sec-WebSocket-Extensions: permessage-deflate;;x']),
        400,
        /Sec-WebSocket-Extensions/,
      ],
      ['a subprotocol that is none', upgradeRequest('/bad?x', ['Sec-WebSocket-Protocol: a,b c']), 400, /Sec-WebSocket-Protocol/],
    ];
    for (const [title, text, status, reason] of rows) {
      it(`${title}: ${status}`, async () => {
        const harness = await server().open();
        const { answer, localPort } = await ask(harness, text);
        assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
        const error = await harness.next('Error');
        assert.match(error.reason, reason);
        assert.match(error.reason, new RegExp(`refused with ${status}: .+\\.$`));
        assert.deepEqual(
          { ...error, reason: '' },
          {
            retries: 0,
            wait_time: 0,
            http_status: status,
            reason: '',
            decompressionError: false,
            count: 1,
            uri: '/bad?x',
            remoteIp: '127.0.0.1',
            remotePort: localPort,
          },
        );
        assert.deepEqual(harness.names, ['Error']);
      });
    }

    it('something that is not HTTP: 400', async () => {
      const harness = await server().open();
      const { answer, localPort } = await ask(harness, 'EHLO there\r\n\r\n');
      assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
      const { reason, http_status, remotePort, uri } = await harness.next('Error');
      assert.match(reason, /refused with 400: it is not valid HTTP/);
      assert.deepEqual([http_status, remotePort, uri], [400, localPort, undefined]);
    });

    it('headers that are far too long: 431', async () => {
      const harness = await server().open();
      const { answer } = await ask(harness, upgradeRequest('/', [`X: ${'x'.repeat(100_000)}`]));
      assert.match(answer, /^HTTP\/1\.1 431 /);
      assert.equal((await harness.next('Error')).http_status, 431);
    });

    it('a client that leaves before its request is complete causes no event', async () => {
      const harness = await server().open();
      const socket = await tcpClient(harness.port);
      socket.write('GET / HTTP/1.1\r\n');
      socket.destroy();
      await wsClient(harness.url());
      await harness.next('Open');
    });

    it('a client that resets the connection in the middle of its request keeps the server whole', async () => {
      const harness = await server().open();
      for (let i = 0; i < 5; i++) {
        const socket = await tcpClient(harness.port);
        socket.write(upgradeRequest('/').slice(0, 40 + i));
        socket.resetAndDestroy();
      }
      await wsClient(harness.url());
    });

    it('a client that resets the connection right after its request keeps the server whole', async () => {
      const harness = await server().open();
      for (let i = 0; i < 10; i++) {
        const socket = await tcpClient(harness.port);
        socket.write(upgradeRequest('/gone'), () => socket.resetAndDestroy());
        await ended(socket);
      }
      const peer = await wsClient(harness.url('/here'));
      for (;;) if ((await harness.events.take('the Open of who is here')).payload.uri === '/here') break;
      peer.ws.send('fine');
      for (;;) if ((await harness.events.take('its message')).type === 0) break;
      const opens = harness.names.filter((name) => name === 'Open').length;
      assert.equal(harness.names.filter((name) => name === 'Close').length, opens - 1);
    });
  });

  for (const [title, leave] of [
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    for (const tls of [false, true]) {
      it(`a connection that the client ${title} before its first byte is not an event, ${tls ? 'with' : 'without'} TLS`, async () => {
        const { certFile, keyFile } = certs().server;
        const harness = await server({ ...(tls && { tls, certFile, keyFile }) }).open();
        for (let i = 0; i < 5; i++) {
          const socket = await tcpClient(harness.port);
          const gone = ended(socket);
          leave(socket);
          await gone;
        }
        await rawClient(harness.port, { ...(tls && { tls: { rejectUnauthorized: false } }) });
        await harness.next('Open');
        await harness.stop();
        assert.deepEqual(
          harness.names.filter((name) => name === 'Error'),
          [],
        );
      });
    }
  }

  describe('healthPath', () => {
    const health = { healthPath: '/healthz' };
    const get = async (harness: ServerHarness, path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${harness.port}${path}`, { method });
      return [response.status, await response.text()];
    };

    it('answers 200 and the number of connections, and reports nothing', async () => {
      const harness = await server(health).open();
      assert.deepEqual(await get(harness, '/healthz'), [200, '{"connections":0}\n']);
      await wsClient(harness.url());
      await harness.next('Open');
      assert.deepEqual(await get(harness, '/healthz?x=1'), [200, '{"connections":1}\n']);
      assert.deepEqual(await get(harness, '/healthz', 'HEAD'), [200, '']);
      assert.deepEqual(harness.names, ['Open']);
    });

    it('leaves other paths and methods at 426', async () => {
      const harness = await server(health).open();
      assert.equal((await get(harness, '/'))[0], 426);
      assert.equal((await get(harness, '/healthz', 'POST'))[0], 426);
    });

    it('is none by default', async () => assert.equal((await get(await server().open(), '/healthz'))[0], 426));

    it('asks for no login, and is answered while the server is full, whose next upgrade is 503', async () => {
      const harness = await server({ ...health, maxConnections: 1, auth: 'bearer', token: 'sesame', path: '/chat' }).open();
      await rawClient(harness.port, { path: '/chat', headers: ['Authorization: Bearer sesame'] });
      assert.deepEqual(await get(harness, '/healthz'), [200, '{"connections":1}\n']);
      const { answer } = await ask(harness, upgradeRequest('/chat'));
      assert.match(answer, /^HTTP\/1\.1 503 /);
    });
  });

  it('a message that comes with the upgrade request in one piece is received after Open', async () => {
    const harness = await server().open();
    const socket = await tcpClient(harness.port);
    socket.write(Buffer.concat([Buffer.from(upgradeRequest('/')), Buffer.from([0x81, 0x82, 0, 0, 0, 0]), Buffer.from('hi')]));
    await harness.next('Open');
    assert.equal((await harness.next('Message')).str, 'hi');
  });

  it('many clients at once all get in', async () => {
    const harness = await server({ backlog: 511 }).open();
    await Promise.all(Array.from({ length: 60 }, (_, i) => wsClient(harness.url(`/${i}`))));
    for (let i = 0; i < 60; i++) await harness.next('Open');
    assert.equal(harness.socket.info().clients.length, 60);
  });
});
