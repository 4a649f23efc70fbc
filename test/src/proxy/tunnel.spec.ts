import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientStart } from '../../../src/client/answers';
import type { ProxySource } from '../../../src/options/kinds';
import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { acceptKey, closedPort, httpServer, lines, rawServer, tcpClient, tcpServer, tlsServer, wsServer } from '../../helpers/peers';
import { httpProxy, proxyEnvironment } from '../../helpers/proxy';
import { Queue, until, within } from '../../helpers/queue';
import { client, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

const through = (url: string, more: Omit<ProxySource, 'url'> = {}) => ({ proxy: { url, ...more } });

/** A node's options come from its form only. */
const formClient = (given: Layer) => client({}, () => given);

async function failure(given: Layer, timeout = 2): Promise<ClientStart> {
  const harness = formClient(given);
  const status = await harness.start({}, { timeout });
  assert.equal(status.success, false);
  assert.match(status.errorStr ?? '', /^Could not connect to \S+ through the proxy https?:\/\/[\w.:-]+: .{10,}[.?]$/s);
  assert.deepEqual([harness.socket.state, harness.names], ['idle', []]);
  return status;
}

describe('through an HTTP proxy', () => {
  afterEach(teardown);
  beforeEach(() => proxyEnvironment({}));

  const tls = () => {
    const { cert, key } = certs().server;
    return { cert, key };
  };

  for (const [scheme, secure] of [
    ['ws', false],
    ['wss', true],
  ] as const) {
    describe(`a ${scheme}:// URL`, () => {
      const target = () => wsServer(secure ? { tls: tls() } : {});
      const trust = secure ? { caFile: certs().ca.certFile } : {};
      const HTTP = scheme === 'ws' ? 'HTTP_PROXY' : 'HTTPS_PROXY';

      it('opens, and messages go both ways', async () => {
        const [proxy, far] = [await httpProxy(), await target()];
        const harness = await formClient({ URL: far.url, ...trust, ...through(proxy.url) }).open();
        const { url, headers } = await proxy.asked.take();
        assert.deepEqual([url, headers.host], [`127.0.0.1:${far.port}`, `127.0.0.1:${far.port}`]);
        const peer = await far.peers.take();
        await harness.send('there');
        assert.equal((await peer.messages.take()).data, 'there');
        peer.ws.send(Buffer.alloc(300_000, 1));
        assert.equal((await harness.next('Message')).str.length, 300_000);
        await harness.stop(4001, 'done');
        assert.deepEqual(await peer.closes.take(), { code: 4001, reason: 'done' });
        await until(() => proxy.sockets.size === 0, 'the end of the tunnel');
      });

      for (const [title, behaviour, credentials] of [
        ['in the URL', 'ann:s3cret@', undefined],
        ['of the node', '', { username: 'ann', password: 's3cret' }],
      ] as const) {
        it(`Basic credentials ${title} are shown to the proxy, and not to the server`, async () => {
          const [proxy, far] = [await httpProxy({ credentials: 'ann:s3cret' }), await target()];
          const url = proxy.url.replace('//', `//${behaviour}`);
          await formClient({ URL: far.url, ...trust, ...through(url, { ...(credentials && { credentials }) }) }).open();
          assert.equal((await far.peers.take()).request?.headers['proxy-authorization'], undefined);
        });
      }

      it(`${HTTP} of the environment is used, with its credentials`, async () => {
        const [proxy, far] = [await httpProxy({ credentials: 'ann:s3cret' }), await target()];
        proxyEnvironment({ [HTTP]: proxy.url.replace('//', '//ann:s3cret@') });
        await client({ URL: far.url, ...trust }).open();
        assert.equal(proxy.asked.all.length, 1);
      });

      it('NO_PROXY leads past it', async () => {
        const [proxy, far] = [await httpProxy(), await target()];
        proxyEnvironment({ [HTTP]: proxy.url, NO_PROXY: 'localhost,127.0.0.1' });
        await client({ URL: far.url, ...trust }).open();
        assert.equal(proxy.asked.all.length, 0);
      });

      it("the node's list leads past it", async () => {
        const [proxy, far] = [await httpProxy(), await target()];
        await formClient({ URL: far.url, ...trust, ...through(proxy.url, { noproxy: [`127.0.0.1:${far.port}`] }) }).open();
        assert.equal(proxy.asked.all.length, 0);
      });

      it('a proxy that speaks TLS itself', async () => {
        const [proxy, far] = [await httpProxy({ tls: tls() }), await target()];
        const { errorStr = '' } = await failure({ URL: far.url, ...trust, ...through(proxy.url) });
        // The client's trusted CAs apply to the server, not to the proxy.
        assert.match(
          errorStr,
          /the proxy https:\/\/127\.0\.0\.1:\d+ has a certificate that is not trusted \(\w+\)\. Set NODE_EXTRA_CA_CERTS/,
        );
      });

      it('407 is reported, with the response of the proxy and no password', async () => {
        const [proxy, far] = [await httpProxy({ credentials: 'ann:s3cret' }), await target()];
        const asks = await failure({ URL: far.url, ...trust, ...through(proxy.url) });
        assert.match(asks.errorStr ?? '', /the proxy answered 407 Proxy Authentication Required: it requires a user name and password\. /);
        assert.deepEqual([asks.http_status, asks.headers['proxy-authenticate'], asks.uri], [407, 'Basic realm="test"', '']);
        const refuses = await failure({ URL: far.url, ...trust, ...through(proxy.url.replace('//', '//ann:wr0ng@')) });
        assert.match(refuses.errorStr ?? '', /it does not accept the user name and password\. /);
        assert.doesNotMatch(JSON.stringify([asks, refuses]), /wr0ng|s3cret|ann/);
        assert.equal(far.peers.all.length, 0);
      });

      it('an unreachable server: the proxy answers 502, and the sentence names the server', async () => {
        const [proxy, port] = [await httpProxy(), await closedPort()];
        const { errorStr = '', http_status } = await failure({ URL: `${scheme}://127.0.0.1:${port}/x`, ...through(proxy.url) });
        assert.match(errorStr, new RegExp(`the proxy answered 502 Bad Gateway: it could not reach 127\\.0\\.0\\.1:${port}\\. `));
        assert.equal(http_status, 502);
      });

      it('the deadline counts from the beginning, and a silent proxy is reported', async () => {
        const proxy = await httpProxy({ answer: '' });
        const { errorStr = '' } = await failure({ URL: `${scheme}://127.0.0.1:1/`, ...through(proxy.url) }, 0.2);
        assert.match(errorStr, /timed out after 0\.2 s in the phase proxy: the proxy was not found, or did not open a tunnel/);
        await until(() => proxy.sockets.size === 0, 'the end of the connection to the proxy');
      });

      it('a silent server behind the proxy is reported by its own phase', async () => {
        const [proxy, port] = [await httpProxy(), await tcpServer()];
        const { errorStr = '' } = await failure({ URL: `${scheme}://127.0.0.1:${port}/`, ...through(proxy.url) }, 0.3);
        assert.match(errorStr, new RegExp(`in the phase ${secure ? 'TLS' : 'HTTP'}:`));
        await until(() => proxy.sockets.size === 0, 'the end of the tunnel');
      });

      it('a stop while the proxy is silent ends it at once', async () => {
        const proxy = await httpProxy({ answer: '' });
        const harness = formClient({ URL: `${scheme}://127.0.0.1:1/`, ...through(proxy.url) });
        const started = harness.start({}, { timeout: 30 });
        await proxy.asked.take();
        await harness.stop();
        assert.match((await started).errorStr ?? '', /aborted by stop or clear/);
        await until(() => proxy.sockets.size === 0, 'the end of the connection to the proxy');
      });

      it("what the server answers is the server's", async () => {
        const [proxy, far] = [
          await httpProxy(),
          await rawServer({ ...(secure && { tls: tls() }), answer: () => 'HTTP/1.1 404 Not Found\r\nX-From: server\r\n\r\n' }),
        ];
        const { errorStr = '', http_status, headers, uri } = await failure({ URL: `${far.url}x?y`, ...trust, ...through(proxy.url) });
        assert.match(errorStr, /the server answered 404 Not Found instead of 101/);
        assert.deepEqual([http_status, headers['X-From'], uri], [404, 'server', '/x?y']);
      });

      it('a client that lost its connection comes back through the proxy', async () => {
        const [proxy, far] = [await httpProxy(), await target()];
        const harness = await formClient({ URL: far.url, stableAfterMs: 0, ...trust, ...through(proxy.url) }).open();
        (await far.peers.take()).ws.terminate();
        await harness.next('Close');
        await harness.next('Open');
        assert.equal(proxy.asked.all.length, 2);
      });
    });
  }

  describe("the client's TLS options are about the server behind the proxy", () => {
    it('a certificate that nobody vouches for', async () => {
      const [proxy, far] = [await httpProxy(), await wsServer({ tls: tls() })];
      const { errorStr = '' } = await failure({ URL: far.url, ...through(proxy.url) });
      assert.match(errorStr, new RegExp(`the certificate of 127\\.0\\.0\\.1:${far.port} is not trusted`));
    });

    it('caFile NONE verifies nothing', async () => {
      const [proxy, far] = [await httpProxy(), await wsServer({ tls: tls() })];
      const harness = await formClient({ URL: far.url, caFile: 'NONE', ...through(proxy.url) }).open();
      assert.match(harness.log.warnings.join(), /does not verify/);
    });

    it('a client certificate is shown to the server', async () => {
      const { certFile, keyFile } = certs().client;
      const { cert, key } = certs().server;
      const far = await wsServer({ tls: { cert, key, ca: certs().ca.cert, requestCert: true, rejectUnauthorized: true } });
      const [proxy, both] = [await httpProxy(), { URL: far.url, caFile: certs().ca.certFile }];
      await failure({ ...both, ...through(proxy.url) });
      await formClient({ ...both, certFile, keyFile, ...through(proxy.url) }).open();
    });

    it('the name that is verified is the one in the URL', async () => {
      const { cert, key } = certs().wrongHost;
      const far = await wsServer({ tls: { cert, key } });
      const proxy = await httpProxy({ to: far.port });
      const both = { caFile: certs().ca.certFile, ...through(proxy.url) };
      await formClient({ URL: `wss://elsewhere.example:${far.port}/`, ...both }).open();
      assert.equal((await proxy.asked.take()).url, `elsewhere.example:${far.port}`);
      const { errorStr = '' } = await failure({ URL: `wss://localhost:${far.port}/`, ...both });
      assert.match(errorStr, /is for another host, not for localhost/);
    });

    it('so is an address, whatever the proxy is called', async () => {
      // The certificate is valid for localhost, the name of the proxy, but not for the address of the server.
      const { cert, key } = certs().server;
      const far = await wsServer({ tls: { cert, key } });
      const proxy = await httpProxy({ to: far.port });
      const url = `http://localhost:${proxy.port}`;
      const { errorStr = '' } = await failure({ URL: `wss://192.0.2.1:${far.port}/`, caFile: certs().ca.certFile, ...through(url) });
      assert.match(errorStr, /is for another host, not for 192\.0\.2\.1/);
    });

    it('a Host header of the flow changes nothing in that', async () => {
      const far = await wsServer({ tls: tls() });
      const proxy = await httpProxy();
      const headers = { Host: 'elsewhere.example' };
      await formClient({ URL: far.url, headers, caFile: certs().ca.certFile, ...through(proxy.url) }).open();
      assert.equal((await far.peers.take()).request?.headers.host, 'elsewhere.example');
    });
  });

  describe('a proxy that does not do its part', () => {
    const URL = 'ws://server.example:81/';
    const rows: [string, string, number, RegExp][] = [
      [
        '403',
        '403 Forbidden',
        403,
        /answered 403 Forbidden: it does not allow connections to server\.example:81\. Many proxies allow only port 443/,
      ],
      ['405', '405 Method Not Allowed', 405, /answered 405 Method Not Allowed: it does not open tunnels \(CONNECT\)/],
      ['503', '503 Service Unavailable', 503, /temporarily cannot reach server\.example:81/],
      ['504', '504 Gateway Timeout', 504, /received no answer from server\.example:81 in time/],
      [
        'another status',
        "418 I'm a teapot",
        418,
        /answered 418 I'm a teapot: it did not open a tunnel to server\.example:81\. Check that it is an HTTP proxy\./,
      ],
      ['a status without words', '500', 500, /answered 500: it did not open a tunnel/],
    ];
    for (const [title, line, status, sentence] of rows) {
      it(`answers ${title}`, async () => {
        const proxy = await httpProxy({ answer: `HTTP/1.1 ${line}\r\nVia: x\r\nVia: y\r\n\r\nbody` });
        const { errorStr = '', http_status, headers } = await failure({ URL, ...through(proxy.url) });
        assert.match(errorStr, sentence);
        assert.deepEqual([http_status, headers], [status, { via: 'x,y' }]);
      });
    }

    it('refuses the connection', async () => {
      const port = await closedPort();
      const { errorStr = '', http_status } = await failure({ URL, ...through(`http://127.0.0.1:${port}`) });
      assert.match(
        errorStr,
        new RegExp(`the proxy http://127\\.0\\.0\\.1:${port} refused the connection \\(ECONNREFUSED\\)\\. Check that it is running`),
      );
      assert.equal(http_status, 0);
    });

    it('has a name that does not exist', async () => {
      const { errorStr = '' } = await failure({ URL, ...through('http://no-such-proxy.invalid:3128') }, 5);
      assert.match(errorStr, /the proxy http:\/\/no-such-proxy\.invalid:3128 could not be resolved \(E\w+\)\. Check the spelling/);
    });

    it('closes the connection', async () => {
      const port = await tcpServer((socket) => socket.once('data', () => socket.end()));
      assert.match((await failure({ URL, ...through(`http://127.0.0.1:${port}`) })).errorStr ?? '', /did not reply like an HTTP proxy/);
    });

    it('resets the connection', async () => {
      const port = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
      assert.match(
        (await failure({ URL, ...through(`http://127.0.0.1:${port}`) })).errorStr ?? '',
        /closed the connection before it answered \(/,
      );
    });

    it('is an HTTP server, not an HTTP proxy', async () => {
      const port = await httpServer((_, response) => response.end('hello'));
      assert.match((await failure({ URL, ...through(`http://127.0.0.1:${port}`) })).errorStr ?? '', /did not reply like an HTTP proxy/);
    });

    it('speaks no HTTP at all', async () => {
      const port = await tcpServer((socket) => socket.end('220 mail.example ESMTP\r\n\r\n'));
      await failure({ URL, ...through(`http://127.0.0.1:${port}`) });
    });

    it('speaks TLS where http:// was said, or the other way round', async () => {
      const { cert, key } = certs().server;
      const port = await tlsServer({ cert, key });
      await failure({ URL, ...through(`http://127.0.0.1:${port}`) });
      const plain = await httpProxy();
      const { errorStr = '' } = await failure({ URL, ...through(`https://127.0.0.1:${plain.port}`) });
      assert.match(errorStr, /did not complete the TLS handshake \(\w+\)\. Check whether its URL must start with http:\/\//);
    });

    it('is silent and speaks TLS: the deadline ends that too', async () => {
      let open = 0;
      const port = await tcpServer((socket) => {
        open++;
        socket.once('close', () => open--).resume();
      });
      await failure({ URL, ...through(`https://127.0.0.1:${port}`) }, 0.2);
      await until(() => open === 0, 'the end of the connection to the proxy');
    });
  });

  describe('a proxy that answers CONNECT in pieces, or without end', () => {
    /** A proxy that passes on the socket of a tunnel request. */
    const rawProxy = (answer: (socket: Socket) => unknown) => tcpServer((socket) => socket.once('data', () => void answer(socket)));
    /** Writes a text repeatedly while it is read. */
    const writeForEver = (socket: Socket, first: string, again: string) => {
      let written = Buffer.byteLength(first);
      socket.write(first);
      const more = () => {
        for (let full = false; !full && !socket.destroyed; ) {
          full = !socket.write(again);
          written += again.length;
        }
      };
      socket.on('drain', more);
      more();
      return () => written;
    };

    for (const [title, first, again] of [
      ['headers', 'HTTP/1.1 200 OK\r\n', `X-Filler: ${'x'.repeat(1000)}\r\n`],
      ['one header', 'HTTP/1.1 200 OK\r\nX: ', 'x'.repeat(1000)],
      ['a status line', 'HTTP/1.1 200 ', 'x'.repeat(1000)],
    ] as const) {
      it(`${title} without end: the connection is closed after 16 KiB of it`, async () => {
        const ended = new Queue<number>();
        const port = await rawProxy((socket) => {
          const written = writeForEver(socket, first, again);
          socket.once('close', () => ended.push(written()));
        });
        const { errorStr = '' } = await failure({ URL: 'ws://127.0.0.1:1/', ...through(`http://127.0.0.1:${port}`) }, 30);
        assert.match(errorStr, /answered with more than 16384 bytes of headers \(HPE_HEADER_OVERFLOW\)/);
        await ended.take('the end of the connection');
      });
    }

    for (const [status, sentence] of [
      ['407 Proxy Authentication Required', /it requires a user name and password/],
      ['403 Forbidden', /does not allow connections to/],
    ] as const) {
      it(`${status} with a body without end: the connection is closed`, async () => {
        const ended = new Queue<number>();
        const port = await rawProxy((socket) => {
          const written = writeForEver(socket, `HTTP/1.1 ${status}\r\n\r\n`, 'x'.repeat(1000));
          socket.once('close', () => ended.push(written()));
        });
        const answer = await failure({ URL: 'ws://127.0.0.1:1/', ...through(`http://127.0.0.1:${port}`) }, 30);
        assert.equal(answer.http_status, Number.parseInt(status, 10));
        assert.match(answer.errorStr ?? '', sentence);
        await ended.take('the end of the connection');
      });
    }

    it('headers without end, a byte at a time: the deadline ends it', async () => {
      const ended = new Queue<boolean>();
      const port = await rawProxy((socket) => {
        const drip = setInterval(() => socket.write('x'), 5);
        socket.write('HTTP/1.1 200 OK\r\nX: ');
        socket.once('close', () => {
          clearInterval(drip);
          ended.push(true);
        });
      });
      const { errorStr = '' } = await failure({ URL: 'ws://127.0.0.1:1/', ...through(`http://127.0.0.1:${port}`) }, 0.2);
      assert.match(errorStr, /timed out after 0\.2 s in the phase proxy/);
      await ended.take('the end of the connection');
    });

    it('a byte at a time: the tunnel opens, and the first frame of the server is not lost', async () => {
      const { port: far } = await rawServer({
        answer: ({ headers }) =>
          `${lines('HTTP/1.1 101 Yes', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptKey(headers['sec-websocket-key'])}`)}\x81\x02hi`,
      });
      const port = await rawProxy(async (socket) => {
        socket.setNoDelay();
        for (const byte of 'HTTP/1.1 200 OK\r\nVia: x\r\n\r\n') await new Promise((resolve) => socket.write(byte, resolve));
        const behind = await tcpClient(far);
        socket.pipe(behind).pipe(socket);
      });
      const harness = await formClient({ URL: 'ws://server.example/', ...through(`http://127.0.0.1:${port}`) }).open();
      assert.equal((await harness.next('Message')).str, 'hi');
    });

    it('closes midway', async () => {
      for (const part of ['H', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK\r\nVia: x\r\n']) {
        const port = await rawProxy((socket) => socket.end(part));
        const { errorStr = '' } = await failure({ URL: 'ws://127.0.0.1:1/', ...through(`http://127.0.0.1:${port}`) });
        assert.match(errorStr, /did not reply like an HTTP proxy/, part);
      }
    });

    for (const [scheme, sentence] of [
      ['ws', /the server answered 404 Not Found/],
      ['wss', /does not speak TLS \(ERR_SSL_WRONG_VERSION_NUMBER\)/],
    ] as const) {
      it(`${scheme}: what comes behind the answer, in the same segment, is read as from the server`, async () => {
        const port = await rawProxy((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'));
        const { errorStr = '' } = await failure({ URL: `${scheme}://127.0.0.1:1/`, ...through(`http://127.0.0.1:${port}`) });
        assert.match(errorStr, sentence);
      });
    }

    it('any status from 200 to 299 opens the tunnel', async () => {
      const far = await wsServer();
      const port = await rawProxy(async (socket) => {
        const behind = await tcpClient(far.port);
        socket.write('HTTP/1.1 204 Yes\r\nContent-Length: 7\r\n\r\n');
        socket.pipe(behind).pipe(socket);
      });
      await formClient({ URL: 'ws://server.example/', ...through(`http://127.0.0.1:${port}`) }).open();
    });
  });

  it('a proxy that speaks TLS opens a tunnel, and TLS runs within TLS', async () => {
    const { cert, key } = certs().server;
    const proxy = await httpProxy({ tls: { cert, key }, credentials: 'ann:s3cret' });
    const far = await wsServer({ tls: { cert, key } });
    const { stdout } = await within(
      promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', join(__dirname, '../../helpers/through.ts')], {
        env: {
          ...process.env,
          NODE_EXTRA_CA_CERTS: certs().ca.certFile,
          HTTPS_PROXY: `https://ann:s3cret@localhost:${proxy.port}`,
          URL: far.url,
          CA: certs().ca.certFile,
        },
      }),
      'the end of the process',
      20_000,
    );
    assert.equal(stdout.trim(), 'true');
    assert.equal((await proxy.asked.take()).url, `127.0.0.1:${far.port}`);
  });

  it('a proxy that cannot be one is refused, and nothing was tried', async () => {
    const harness = formClient({ URL: 'ws://127.0.0.1:1/', ...through('socks5://127.0.0.1:1080') });
    await assert.rejects(harness.start(), { code: 'ERR_OPTION', option: 'proxy', message: /must be the URL of an HTTP proxy/ });
    assert.equal(harness.socket.state, 'idle');
  });

  it('a redirect goes through the proxy that is for its own URL', async () => {
    const [proxy, far] = [await httpProxy(), await wsServer()];
    const port = await httpServer((_, response) => response.writeHead(302, { Location: far.url }).end());
    proxyEnvironment({ HTTP_PROXY: proxy.url, NO_PROXY: `127.0.0.1:${port}` });
    await client({ URL: `ws://127.0.0.1:${port}/` }).open();
    assert.equal((await proxy.asked.take()).url, `127.0.0.1:${far.port}`);
  });

  it('a message cannot choose the proxy', async () => {
    const [proxy, far] = [await httpProxy(), await wsServer()];
    await client({ URL: far.url, ...through(proxy.url) }).open(through(proxy.url));
    assert.equal(proxy.asked.all.length, 0);
  });

  it('our own server is reached with compression, sizes and pings as without a proxy', async () => {
    const [proxy, harness] = [await httpProxy(), await server({ pingInterval: 0.05 }).open()];
    const own = await formClient({ URL: harness.url('/p'), enablePerMessageDeflate: true, ...through(proxy.url) }).open();
    await harness.next('Open');
    const { wireSize, payloadSize } = await own.send('compress me '.repeat(500));
    assert.ok(wireSize < payloadSize / 10, `${wireSize} of ${payloadSize}`);
    assert.equal((await harness.next('Message')).wireSize, wireSize);
    await within(new Promise((resolve) => setTimeout(resolve, 200)), 'some pings');
    assert.equal(own.socket.state, 'open');
  });
});
