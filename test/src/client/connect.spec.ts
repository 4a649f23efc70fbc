import assert from 'node:assert/strict';

import dns = require('node:dns');

import type { IncomingMessage } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { ClientStart } from '../../../src/client/answers';
import type { Layer } from '../../../src/options/read';
import { certs, type Pair } from '../../helpers/certs';
import { acceptKey, closedPort, httpServer, lines, rawServer, tcpServer, tlsServer, wsServer } from '../../helpers/peers';
import { Queue, within } from '../../helpers/queue';
import { client, server } from '../../helpers/sockets';
import { onTeardown, stub, teardown } from '../../helpers/teardown';

/** Asserts the sentence of a failed start, and that nothing else happened. */
async function failure(given: Layer, timeout = 2): Promise<ClientStart> {
  const harness = client(given);
  const status = await harness.start({}, { timeout });
  assert.equal(status.success, false);
  assert.match(status.errorStr ?? '', /^Could not connect to \S+: .{10,}[.?]$/s);
  assert.equal(harness.socket.state, 'idle');
  assert.deepEqual(harness.names, []);
  return status;
}

const nothing = { http_status: 0, headers: {}, uri: '', protocol: '' };
const withoutSentence = ({ errorStr: _, success: __, ...rest }: ClientStart) => rest;

/** Returns a port that neither accepts nor refuses connections, because its backlog is full. */
async function fullPort(): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  onTeardown(() => worker.terminate());
  const port = await within(new Promise<number>((resolve) => worker.once('message', resolve)), 'a port that nobody accepts on');
  for (let connected = true; connected; ) {
    const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
    onTeardown(() => socket.destroy());
    connected = await within(new Promise((resolve) => socket.once('connect', () => resolve(true))), 'a connection', 150).then(
      () => true,
      () => false,
    );
  }
  return port;
}

describe('connect', () => {
  afterEach(teardown);

  describe('before there is an answer', () => {
    it('a URL that nothing can be done with is refused with its option', async () => {
      await assert.rejects(client({ URL: 'ws//host' }).start(), {
        code: 'ERR_OPTION',
        message: /option URL must be a URL that begins with ws:\/\/ or wss:\/\//,
      });
    });

    it('no URL at all is refused with its option', async () => {
      const harness = client();
      await assert.rejects(harness.start(), { code: 'ERR_OPTION', message: /option URL must be given/ });
      assert.equal(harness.socket.state, 'idle');
    });

    it('a name that does not exist was not found', async () => {
      const status = await failure({ URL: 'ws://no-such-host.invalid:81/' }, 5);
      assert.match(status.errorStr ?? '', /the name no-such-host\.invalid was not found \(E/);
      assert.deepEqual(withoutSentence(status), nothing);
    });

    it('a port on which nobody listens refuses', async () => {
      const port = await closedPort();
      const status = await failure({ URL: `ws://127.0.0.1:${port}/x?y` });
      assert.match(status.errorStr ?? '', new RegExp(`127\\.0\\.0\\.1:${port} refused the connection \\(ECONNREFUSED\\)`));
      assert.deepEqual(withoutSentence(status), nothing);
    });

    it('a name with several addresses, all of which refuse, refuses', async () => {
      const port = await closedPort();
      assert.match((await failure({ URL: `ws://localhost:${port}/` })).errorStr ?? '', /refused the connection \(ECONNREFUSED\)/);
    });

    it('a network that is not there cannot be reached', async () => {
      // An IPv6 address of the documentation prefix, which is not routed.
      const { errorStr = '' } = await failure({ URL: 'ws://[2001:db8::1]:81/' }, 0.3);
      assert.match(errorStr, /\[2001:db8::1\]:81 cannot be reached \(E|timed out .* phase DNS\/TCP/);
    });

    it('the password of the URL is in no sentence', async () => {
      const { errorStr = '' } = await failure({ URL: `ws://ann:secret@127.0.0.1:${await closedPort()}/` });
      assert.match(errorStr, /ws:\/\/ann:\*\*\*@127/);
      assert.doesNotMatch(errorStr, /secret/);
    });

    it('a server that closes the connection without a response has its own sentence', async () => {
      const port = await tcpServer((socket) => socket.once('data', () => socket.end()));
      const status = await failure({ URL: `ws://127.0.0.1:${port}/` });
      assert.match(status.errorStr ?? '', /closed the connection before it answered \(ECONNRESET\)/);
      assert.deepEqual(withoutSentence(status), nothing);
    });

    it('a server that resets the connection has the same sentence', async () => {
      const port = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
      assert.match((await failure({ URL: `ws://127.0.0.1:${port}/` })).errorStr ?? '', /closed the connection before it answered/);
    });

    it('a server that does not speak HTTP has its own sentence', async () => {
      const port = await tcpServer((socket) => socket.write('220 mail.example ESMTP\r\n'));
      assert.match((await failure({ URL: `ws://127.0.0.1:${port}/` })).errorStr ?? '', /did not answer with HTTP \(HPE_/);
    });

    it('ws:// to a server that speaks TLS fails with a sentence', async () => {
      const port = await tlsServer(certs().server);
      assert.match((await failure({ URL: `ws://127.0.0.1:${port}/` })).errorStr ?? '', /closed the connection before it answered|not HTTP/);
    });
  });

  describe('the deadline reports its phase', () => {
    const phase = async (URL: string, more: Layer = {}) => {
      const status = await failure({ URL, ...more }, 0.2);
      assert.deepEqual(withoutSentence(status), nothing);
      return /timed out after 0\.2 s in the phase (.+?):/.exec(status.errorStr ?? '')?.[1];
    };

    it('DNS/TCP: a name server that does not answer', async () => {
      stub(dns, 'lookup', (() => {}) as never);
      assert.equal(await phase('ws://slow.example/'), 'DNS/TCP');
    });
    it('DNS/TCP: a port that accepts nobody', async () => assert.equal(await phase(`ws://127.0.0.1:${await fullPort()}/`), 'DNS/TCP'));
    it('DNS/TCP: the same with TLS', async () => assert.equal(await phase(`wss://127.0.0.1:${await fullPort()}/`), 'DNS/TCP'));
    it('TLS: a server that is silent', async () => assert.equal(await phase(`wss://127.0.0.1:${await tcpServer()}/`), 'TLS'));
    it('HTTP: a server that is silent', async () => assert.equal(await phase(`ws://127.0.0.1:${await tcpServer()}/`), 'HTTP'));

    it('HTTP: a TLS server that is silent after its handshake', async () => {
      assert.equal(await phase(`wss://127.0.0.1:${await tlsServer(certs().server)}/`, { caFile: 'NONE' }), 'HTTP');
    });

    it('HTTP: a server that drips its answer, a byte at a time', async () => {
      const port = await tcpServer((socket) => {
        const answer = 'HTTP/1.1 101 Switching Protocols\r\nX: '.split('');
        const drip = setInterval(() => socket.write(answer.shift() ?? 'x'), 10);
        socket.once('close', () => clearInterval(drip));
      });
      assert.equal(await phase(`ws://127.0.0.1:${port}/`), 'HTTP');
    });

    it('is one over all redirects', async () => {
      const port = await httpServer((request, response) => {
        setTimeout(() => response.writeHead(302, { Location: `${request.url}x` }).end(), 60);
      });
      const { errorStr = '' } = await failure({ URL: `ws://127.0.0.1:${port}/` }, 0.3);
      assert.match(errorStr, /timed out after 0\.3 s/);
    });

    it('leaves the peer without a connection', async () => {
      const closed = new Queue<boolean>();
      const port = await tcpServer((socket) => socket.resume().once('close', () => closed.push(true)));
      await failure({ URL: `ws://127.0.0.1:${port}/` }, 0.1);
      await closed.take('the end of the connection');
    });
  });

  describe('TLS', () => {
    const rows: [string, () => { server: Pair; client?: Layer }, RegExp][] = [
      [
        'a certificate that nobody vouches for is not trusted',
        () => ({ server: certs().server }),
        /is not trusted \(\w+\)\. Add the CA.*caFile/,
      ],
      [
        'a certificate of a foreign CA is not trusted',
        () => ({ server: certs().foreign, client: { caFile: certs().ca.certFile } }),
        /is not trusted \(\w+\)/,
      ],
      [
        'a certificate that has expired',
        () => ({ server: certs().expired, client: { caFile: certs().ca.certFile } }),
        /has expired \(CERT_HAS_EXPIRED\)/,
      ],
      [
        'a certificate that is not valid yet',
        () => ({ server: certs().notYet, client: { caFile: certs().ca.certFile } }),
        /is not valid yet \(CERT_NOT_YET_VALID\)/,
      ],
      [
        'a certificate for another host',
        () => ({ server: certs().wrongHost, client: { caFile: certs().ca.certFile } }),
        /is for another host, not for 127\.0\.0\.1/,
      ],
    ];
    for (const [title, make, sentence] of rows) {
      it(title, async () => {
        const { server, client: given } = make();
        const { port } = await wsServer({ tls: { cert: server.cert, key: server.key } });
        const status = await failure({ URL: `wss://127.0.0.1:${port}/`, ...given });
        assert.match(status.errorStr ?? '', sentence);
        assert.match(status.errorStr ?? '', new RegExp(`127\\.0\\.0\\.1:${port}`));
        assert.deepEqual(withoutSentence(status), nothing);
      });
    }

    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`a client certificate that is demanded and not given, with ${maxVersion}`, async () => {
        const { server, ca } = certs();
        const { port } = await wsServer({ tls: { ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true, maxVersion } });
        const { errorStr = '' } = await failure({ URL: `wss://127.0.0.1:${port}/`, caFile: ca.certFile });
        assert.match(errorStr, /client certificate/);
      });
    }

    it('a server that does not speak TLS', async () => {
      const { port } = await wsServer();
      assert.match(
        (await failure({ URL: `wss://127.0.0.1:${port}/` })).errorStr ?? '',
        /does not speak TLS \(ERR_SSL_\w+\)\. Use ws:\/\/ instead/,
      );
    });

    it('a server that closes the connection during the TLS handshake', async () => {
      const port = await tcpServer((socket) => socket.once('data', () => socket.end()));
      assert.match((await failure({ URL: `wss://127.0.0.1:${port}/` })).errorStr ?? '', /closed the connection before it answered/);
    });
  });

  describe('an HTTP answer other than 101', () => {
    const rows: [number, string, RegExp][] = [
      [200, 'OK', /answered 200 OK instead of 101 Switching Protocols\. Check that this URL/],
      [401, 'Unauthorized', /answered 401 Unauthorized.* Check the user and password/],
      [403, 'Forbidden', /answered 403 Forbidden/],
      [404, 'Not Found', /answered 404 Not Found.* Check the path/],
      [426, 'Upgrade Required', /answered 426/],
      [503, 'Service Unavailable', /answered 503/],
      [418, "I'm a Teapot", /answered 418/],
    ];
    for (const [code, text, sentence] of rows) {
      it(`${code} fills http_status, headers and uri`, async () => {
        const port = await httpServer((_, response) =>
          response.writeHead(code, text, { 'X-oDD': 'Value', 'Content-Length': '2' }).end('no'),
        );
        const status = await failure({ URL: `ws://127.0.0.1:${port}/a%20b?c=d#e` });
        assert.match(status.errorStr ?? '', sentence);
        assert.equal(status.http_status, code);
        assert.equal(status.uri, '/a%20b?c=d');
        assert.equal(status.headers['X-oDD'], 'Value');
      });
    }

    const challenges: [string, RegExp][] = [
      [
        'Digest realm="cam, a", nonce="abc", qop="auth,auth-int"',
        /answered 401.* asks for Digest authentication, which clients do not support/,
      ],
      ['Negotiate', /asks for Negotiate authentication/],
      ['NTLM', /asks for NTLM authentication/],
      ['Digest realm="x", Basic realm="x"', /Check the user and password/],
      ['Bearer realm="Digest"', /Check the user and password/],
    ];
    for (const [challenge, sentence] of challenges) {
      it(`401 with the challenge ${challenge}`, async () => {
        const port = await httpServer((_, response) => response.writeHead(401, { 'WWW-Authenticate': challenge }).end());
        assert.match((await failure({ URL: `ws://127.0.0.1:${port}/`, user: 'u', password: 'p' })).errorStr ?? '', sentence);
      });
    }

    it('400 to compression parameters names perMessageDeflateOptions', async () => {
      const port = await httpServer((_, response) => response.writeHead(400).end());
      const given = { URL: `ws://127.0.0.1:${port}/`, perMessageDeflateOptions: { serverMaxWindowBits: 9 } };
      assert.match((await failure({ ...given, enablePerMessageDeflate: true })).errorStr ?? '', /perMessageDeflateOptions/);
      assert.doesNotMatch((await failure(given)).errorStr ?? '', /perMessageDeflateOptions/);
    });

    it('more than 16 KiB of headers have a sentence of their own', async () => {
      const port = await tcpServer((socket) =>
        socket.once('data', () => socket.end(lines('HTTP/1.1 401 Unauthorized', `X-Policy: ${'x'.repeat(20_000)}`))),
      );
      assert.match((await failure({ URL: `ws://127.0.0.1:${port}/` })).errorStr ?? '', /more than 16 KiB of headers/);
    });

    it('is not waited for to its end', async () => {
      const port = await tcpServer((socket) =>
        socket.once('data', () => socket.write(lines('HTTP/1.1 200 OK', 'Content-Length: 1000000'))),
      );
      assert.equal((await failure({ URL: `ws://127.0.0.1:${port}/` })).http_status, 200);
    });
  });

  describe('an answer 101 that is not right', () => {
    const answer =
      (given: Layer, ...headers: string[]) =>
      async () => {
        const { url } = await rawServer({
          answer: (head) =>
            lines(
              'HTTP/1.1 101 Switching Protocols',
              ...headers.map((line) => line.replace('$', acceptKey(head.headers['sec-websocket-key']))),
            ),
        });
        return failure({ URL: `${url}p`, ...given });
      };
    const upgraded = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: $'];
    const rows: [string, () => Promise<ClientStart>, RegExp][] = [
      [
        'a wrong Sec-WebSocket-Accept',
        answer({}, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: d3Jvbmc='),
        /wrong Sec-WebSocket-Accept/,
      ],
      ['no Sec-WebSocket-Accept', answer({}, 'Upgrade: websocket', 'Connection: Upgrade'), /wrong Sec-WebSocket-Accept/],
      [
        'another Upgrade',
        answer({}, 'Upgrade: h2c', 'Connection: Upgrade', 'Sec-WebSocket-Accept: $'),
        /answered 101 with Upgrade: "h2c", not websocket/,
      ],
      [
        'no Connection and no Upgrade',
        answer({}, 'X: y'),
        /answered 101 Switching Protocols without the header Upgrade: websocket and the header Connection: Upgrade\./,
      ],
      ['no Connection', answer({}, 'Upgrade: websocket', 'Sec-WebSocket-Accept: $'), /without the header Connection: Upgrade\./],
      ['no Upgrade', answer({}, 'Connection: Upgrade', 'Sec-WebSocket-Accept: $'), /without the header Upgrade: websocket\./],
      [
        'a subprotocol that was not offered',
        answer({ subProtocols: ['a'] }, ...upgraded, 'Sec-WebSocket-Protocol: b'),
        /no subprotocol was negotiated/,
      ],
      ['a subprotocol where none was offered', answer({}, ...upgraded, 'Sec-WebSocket-Protocol: b'), /no subprotocol was negotiated/],
      [
        'no subprotocol where some were offered',
        answer({ subProtocols: ['a', 'b'] }, ...upgraded),
        /no subprotocol was negotiated: the server selected none \(offered: a, b\)/,
      ],
      [
        'an empty subprotocol where some were offered',
        answer({ subProtocols: ['a'] }, ...upgraded, 'Sec-WebSocket-Protocol: '),
        /the server selected none \(offered: a\)/,
      ],
      [
        'a parameter that does not fit perMessageDeflateOptions',
        answer(
          { enablePerMessageDeflate: true, perMessageDeflateOptions: { clientMaxWindowBits: 9 } },
          ...upgraded,
          'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=15',
        ),
        /client_max_window_bits=15", which does not fit perMessageDeflateOptions/,
      ],
      [
        'an extension that was not offered',
        answer({}, ...upgraded, 'Sec-WebSocket-Extensions: permessage-deflate'),
        /extension that was not offered/,
      ],
      [
        'another extension than the one offered',
        answer({ enablePerMessageDeflate: true }, ...upgraded, 'Sec-WebSocket-Extensions: x-zip'),
        /extension that was not offered/,
      ],
      [
        'a parameter of permessage-deflate that is wrong',
        answer({ enablePerMessageDeflate: true }, ...upgraded, 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99'),
        /not offered or is invalid/,
      ],
    ];
    for (const [title, run, sentence] of rows) {
      it(title, async () => {
        const { errorStr = '', http_status, uri } = await run();
        assert.match(errorStr, sentence);
        assert.equal(http_status, 101);
        assert.equal(uri, '/p');
      });
    }

    it('each of these sentences is its own', async () => {
      const sentences = await Promise.all(
        rows
          .slice(0, 1)
          .concat(rows.slice(4, 5), rows.slice(7, 8))
          .map(async ([, run]) => (await run()).errorStr?.replace(/:\d+/, '')),
      );
      assert.equal(new Set(sentences).size, 3);
    });
  });

  describe('redirects', () => {
    it('are followed, and uri is that of the last hop', async () => {
      const { url, peers } = await wsServer();
      const port = await httpServer((_, response) => response.writeHead(302, { Location: `${url}to?q=1` }).end());
      const harness = client({ URL: `ws://127.0.0.1:${port}/from` });
      const status = await harness.start();
      assert.equal(status.success, true, status.errorStr);
      assert.deepEqual([status.uri, status.http_status, (await harness.next('Open')).uri], ['/to?q=1', 101, '/to?q=1']);
      assert.equal((await peers.take()).request?.url, '/to?q=1');
    });

    for (const code of [301, 302, 303, 307, 308]) {
      it(`${code} is followed, also to a relative Location`, async () => {
        const { port } = await rawServer({
          answer: ({ line, headers }) =>
            line.includes(' /a/b ')
              ? lines(`HTTP/1.1 ${code} Moved`, 'Location: ../c', 'Content-Length: 0')
              : lines(
                  'HTTP/1.1 101 Yes',
                  'Upgrade: websocket',
                  'Connection: Upgrade',
                  `Sec-WebSocket-Accept: ${acceptKey(headers['sec-websocket-key'])}`,
                ),
        });
        const status = await client({ URL: `ws://127.0.0.1:${port}/a/b` }).start();
        assert.deepEqual([status.success, status.uri], [true, '/c'], status.errorStr);
      });
    }

    it('to http:// and with a fragment are followed as ws:// without it', async () => {
      const { port } = await wsServer();
      const from = await httpServer((_, response) => response.writeHead(307, { Location: `http://127.0.0.1:${port}/x#y` }).end());
      const status = await client({ URL: `ws://127.0.0.1:${from}/` }).start();
      assert.deepEqual([status.success, status.uri], [true, '/x'], status.errorStr);
    });

    it('to TLS are followed, and verified', async () => {
      const { ca, server } = certs();
      const { url } = await wsServer({ tls: { cert: server.cert, key: server.key } });
      const from = await httpServer((_, response) => response.writeHead(307, { Location: url }).end());
      assert.match((await failure({ URL: `ws://127.0.0.1:${from}/` })).errorStr ?? '', /not trusted/);
      const status = await client({ URL: `ws://127.0.0.1:${from}/`, caFile: ca.certFile }).start();
      assert.equal(status.success, true, status.errorStr);
    });

    it('without a target fail with what was answered', async () => {
      const port = await httpServer((_, response) => response.writeHead(302, { 'X-A': 'b' }).end());
      const status = await failure({ URL: `ws://127.0.0.1:${port}/q` });
      assert.match(status.errorStr ?? '', /answered 302, a redirect, without a Location/);
      assert.deepEqual([status.http_status, status.uri, status.headers['X-A']], [302, '/q', 'b']);
    });

    for (const location of ['ftp://127.0.0.1/', 'http://[', 'mailto:ann@example.org']) {
      it(`to ${location} fail`, async () => {
        const port = await httpServer((_, response) => response.writeHead(302, { Location: location }).end());
        const status = await failure({ URL: `ws://127.0.0.1:${port}/` });
        assert.match(status.errorStr ?? '', /redirected to ".+", which is not a WebSocket or HTTP URL/);
        assert.equal(status.http_status, 302);
      });
    }

    it('to a URL with a password do not show it', async () => {
      const port = await httpServer((_, response) => response.writeHead(302, { Location: 'ftp://ann:secret@127.0.0.1/' }).end());
      assert.doesNotMatch((await failure({ URL: `ws://127.0.0.1:${port}/` })).errorStr ?? '', /secret/);
      const gone = await closedPort();
      const other = await httpServer((_, response) => response.writeHead(302, { Location: `ws://ann:secret@127.0.0.1:${gone}/` }).end());
      const { errorStr = '' } = await failure({ URL: `ws://127.0.0.1:${other}/` });
      assert.match(errorStr, /ann:\*\*\*@/);
      assert.doesNotMatch(errorStr, /secret/);
    });

    const chain = (length: number) => async () => {
      const visited: string[] = [];
      const { url } = await wsServer();
      const port = await httpServer((request, response) => {
        visited.push(request.url ?? '');
        const next = Number(request.url?.slice(1)) + 1;
        response.writeHead(302, { Location: next < length ? `/${next}` : `${url}end` }).end();
      });
      const status = await client({ URL: `ws://127.0.0.1:${port}/0` }).start();
      return { status, visited };
    };

    it('ten in a row are followed', async () => {
      const { status } = await chain(10)();
      assert.deepEqual([status.success, status.uri], [true, '/end'], status.errorStr);
    });

    it('eleven in a row fail, with the answer of the last', async () => {
      const { status, visited } = await chain(11)();
      assert.equal(status.success, false);
      assert.match(status.errorStr ?? '', /redirected more than 10 times/);
      assert.deepEqual([status.http_status, status.uri, visited.at(-1)], [302, '/10', '/10']);
    });

    it('the http_status of a failure after a redirect is that of the last hop', async () => {
      const port = await httpServer((request, response) => {
        if (request.url === '/end') response.writeHead(403).end();
        else response.writeHead(302, { Location: '/end' }).end();
      });
      const status = await failure({ URL: `ws://127.0.0.1:${port}/` });
      assert.deepEqual([status.http_status, status.uri], [403, '/end']);
    });
  });

  describe('credentials', () => {
    const secrets = {
      headers: {
        Authorization: 'Bearer abc',
        Cookie: 'sid=1',
        'X-Api-Key': 'key',
        'Proxy-Authorization': 'x',
        'X-Auth-Token': 't',
        'X-JWT': 'j',
        'Ocp-Apim-Subscription-Key': 'k',
        'X-Functions-Key': 'f',
        'User-Agent': 'mine',
        'Accept-Language': 'fr',
        Host: 'virtual.example',
      },
    };
    const credentials = [
      ...['authorization', 'cookie', 'x-api-key', 'proxy-authorization', 'x-auth-token'],
      ...['x-jwt', 'ocp-apim-subscription-key', 'x-functions-key'],
    ];

    /** Returns the result of a client that is redirected from one server to `target(port of that server)`. */
    async function arriving(given: Layer, target: (own: number, other: number) => string): Promise<IncomingMessage['headers']> {
      const arrived = new Queue<IncomingMessage>();
      const other = await httpServer((request, response) => {
        arrived.push(request);
        response.writeHead(404).end();
      });
      const own: number = await httpServer((request, response) => {
        if (request.url === '/end') {
          arrived.push(request);
          response.writeHead(404).end();
        } else {
          response.writeHead(302, { Location: target(own, other) }).end();
        }
      });
      await client({ ...given, URL: (given.URL as string | undefined)?.replace('$', String(own)) ?? `ws://127.0.0.1:${own}/` }).start();
      return (await arrived.take('a request')).headers;
    }
    const elsewhere = (_: number, other: number) => `ws://127.0.0.1:${other}/end`;
    const here = (own: number) => `ws://127.0.0.1:${own}/end`;
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

    it('in headers travel to no other host', async () => {
      const headers = await arriving(secrets, elsewhere);
      assert.deepEqual(
        credentials.filter((name) => headers[name] !== undefined),
        [],
      );
      assert.deepEqual([headers['user-agent'], headers['accept-language']], ['mine', 'fr']);
      assert.match(headers.host ?? '', /^127\.0\.0\.1:/);
    });

    it('in headers travel to the same host', async () => {
      const headers = await arriving(secrets, here);
      assert.deepEqual(
        credentials.filter((name) => headers[name] === undefined),
        [],
      );
      assert.equal(headers.host, 'virtual.example');
    });

    it('subprotocols travel to the same host only', async () => {
      const given = { subProtocols: ['bearer.abc'], headers: { 'Sec-WebSocket-Protocol': 'other' } };
      assert.equal((await arriving(given, here))['sec-websocket-protocol'], 'bearer.abc,other');
      assert.equal((await arriving(given, elsewhere))['sec-websocket-protocol'], undefined);
    });

    it('to another name of the same machine they do not travel', async () => {
      const headers = await arriving({ ...secrets, followRedirects: 'any' }, (own) => `ws://localhost:${own}/end`);
      assert.equal(headers.authorization, undefined);
    });

    it('once lost they do not come back when a redirect leads home', async () => {
      const arrived = new Queue<IncomingMessage>();
      const other = await httpServer((_, response) => response.writeHead(302, { Location: `ws://127.0.0.1:${own}/end` }).end());
      const own: number = await httpServer((request, response) => {
        if (request.url === '/end') arrived.push(request);
        response.writeHead(request.url === '/end' ? 404 : 302, { Location: `ws://127.0.0.1:${other}/` }).end();
      });
      await client({ URL: `ws://127.0.0.1:${own}/`, ...secrets }).start();
      assert.equal((await arrived.take('a request')).headers.authorization, undefined);
    });

    const users: [string, Layer, string][] = [
      ['user and password', { user: 'ann', password: 'p w' }, 'ann:p w'],
      ['a user and password in the URL', { URL: 'ws://bob:s%3Acret@127.0.0.1:$/' }, 'bob:s:cret'],
      ['a user in the URL alone', { URL: 'ws://bob@127.0.0.1:$/' }, 'bob:'],
      [
        'a user and password in the URL that stand before those of the options',
        { user: 'ann', password: 'x', URL: 'ws://bob:y@127.0.0.1:$/' },
        'bob:y',
      ],
    ];
    for (const [title, given, sent] of users) {
      it(`${title} become Basic authentication`, async () => {
        const arrived = new Queue<IncomingMessage>();
        const port = await httpServer((request, response) => {
          arrived.push(request);
          response.writeHead(404).end();
        });
        const URL = (given.URL as string | undefined)?.replace('$', String(port)) ?? `ws://127.0.0.1:${port}/`;
        const status = await failure({ ...given, URL });
        assert.equal((await arrived.take('a request')).headers.authorization, basic(sent));
        assert.doesNotMatch(JSON.stringify(status), /cret/);
      });

      it(`${title} travel to the same host`, async () => assert.equal((await arriving(given, here)).authorization, basic(sent)));
      it(`${title} travel to the same host by a relative redirect`, async () =>
        assert.equal((await arriving(given, () => '/end')).authorization, basic(sent)));
      it(`${title} travel to no other host`, async () => assert.equal((await arriving(given, elsewhere)).authorization, undefined));
    }

    it('an Authorization header is before user and password', async () => {
      const headers = await arriving({ headers: { authorization: 'Bearer abc' }, user: 'ann', password: 'x' }, here);
      assert.equal(headers.authorization, 'Bearer abc');
    });

    /** Returns the name in the client certificate at the end of a redirect. */
    const shownAfterRedirect = async (sameHost: boolean, given: Layer, base: Layer = {}) => {
      const { ca, server } = certs();
      const tls = { cert: server.cert, key: server.key, ca: ca.cert, requestCert: true, rejectUnauthorized: false };
      const notFound = () => lines('HTTP/1.1 404 No', 'Content-Length: 0');
      const other = await rawServer({ tls, answer: notFound });
      const own = await rawServer({
        tls,
        answer: ({ line }) =>
          line.includes(' /end ')
            ? notFound()
            : lines('HTTP/1.1 302 Go', `Location: ${sameHost ? own.url : other.url}end`, 'Content-Length: 0'),
      });
      const harness = client({ URL: own.url, ...given }, () => base);
      assert.equal((await harness.start()).http_status, 404);
      assert.equal((await own.peers.take('the first hop')).certified, 'client');
      return (await (sameHost ? own : other).peers.take('the last hop')).certified;
    };
    const certificates: [string, () => [Layer, Layer?]][] = [
      ['of certFile', () => [{ caFile: certs().ca.certFile, certFile: certs().client.certFile, keyFile: certs().client.keyFile }]],
      [
        'of a tlsConfig',
        () => [
          {},
          {
            tlsConfig: {
              addTLSOptions: (options: object) => ({ ...options, ca: certs().ca.cert, cert: certs().client.cert, key: certs().client.key }),
            },
          },
        ],
      ],
    ];
    for (const [which, given] of certificates) {
      it(`the client certificate ${which} is shown to the same host`, async () =>
        assert.equal(await shownAfterRedirect(true, ...given()), 'client'));
      it(`the client certificate ${which} is shown to no other host`, async () =>
        assert.equal(await shownAfterRedirect(false, ...given()), undefined));
    }

    it('from TLS to plain text on the same host and port no credentials travel', async () => {
      const { ca, server } = certs();
      const plain = await rawServer({ answer: () => lines('HTTP/1.1 404 No', 'Content-Length: 0') });
      const secure = await rawServer({
        tls: { cert: server.cert, key: server.key },
        answer: () => lines('HTTP/1.1 302 Go', `Location: ws://127.0.0.1:${plain.port}/`, 'Content-Length: 0'),
      });
      await failure({ URL: secure.url, caFile: ca.certFile, ...secrets });
      assert.equal((await plain.peers.take('the last hop')).head.headers.authorization, undefined);
    });
  });

  describe('the request', () => {
    const requested = async (given: Layer) => {
      const { url, peers } = await rawServer();
      await client({ URL: url, ...given }).start();
      return (await peers.take('a request')).head;
    };

    it('has the headers of the options, spelled as they are', async () => {
      const { headers } = await requested({ headers: { 'X-A': 'b', 'User-Agent': 'mine', Origin: 'http://me' } });
      assert.deepEqual([headers['x-a'], headers['user-agent'], headers.origin], ['b', 'mine', 'http://me']);
    });

    it('has one Host, that of the options if there is one', async () => {
      assert.equal((await requested({ headers: { Host: 'virtual.example' } })).headers.host, 'virtual.example');
    });

    it("keeps the handshake's own headers", async () => {
      const { headers } = await requested({
        headers: {
          'sec-websocket-key': 'mine',
          Upgrade: 'x',
          CONNECTION: 'y',
          'Sec-WebSocket-Version': '7',
          'Sec-WebSocket-Extensions': 'z',
        },
      });
      assert.deepEqual(
        [headers.upgrade, headers.connection, headers['sec-websocket-version'], headers['sec-websocket-extensions']],
        ['websocket', 'Upgrade', '13', undefined],
      );
      assert.equal(Buffer.from(headers['sec-websocket-key'] ?? '', 'base64').length, 16);
    });

    it('asks for path and query as typed, without the fragment', async () => {
      const { url, peers } = await rawServer();
      await client({ URL: `${url}a%20b/ü?x=1&y#z` }).start();
      assert.equal((await peers.take('a request')).head.line, 'GET /a%20b/%C3%BC?x=1&y HTTP/1.1');
    });

    it('keeps the query of a URL without a path', async () => {
      const { port, peers } = await rawServer();
      await client({ URL: `ws://127.0.0.1:${port}?x=1` }).start();
      assert.equal((await peers.take('a request')).head.line, 'GET /?x=1 HTTP/1.1');
    });

    for (const [scheme, tls] of [
      ['http', false],
      ['https', true],
    ] as const) {
      it(`${scheme}:// counts as ${tls ? 'wss' : 'ws'}://`, async () => {
        const { server, ca } = certs();
        const { port } = await rawServer(tls ? { tls: { cert: server.cert, key: server.key } } : {});
        const status = await client({ URL: `${scheme}://127.0.0.1:${port}/`, caFile: ca.certFile }).start();
        assert.equal(status.success, true, status.errorStr);
      });
    }

    it('tls changes nothing: the scheme decides', async () => {
      const { url } = await rawServer();
      assert.equal((await client({ URL: url, tls: true }).start()).success, true);
    });

    it('offers the subprotocols in their order', async () => {
      const { url, peers } = await wsServer({ handleProtocols: () => 'b' });
      const status = await client({ URL: url, subProtocols: ['a', 'b'] }).start();
      assert.equal(status.protocol, 'b');
      assert.equal((await peers.take()).request?.headers['sec-websocket-protocol'], 'a,b');
    });

    it('a Sec-WebSocket-Protocol header counts as subProtocols', async () => {
      const { url } = await wsServer({ handleProtocols: (offered) => [...offered].join('-') === 'a-b-c' && 'c' });
      const status = await client({ URL: url, subProtocols: ['a'], headers: { 'sec-websocket-protocol': 'b, c,a' } }).start();
      assert.deepEqual([status.success, status.protocol], [true, 'c'], status.errorStr);
    });

    it('a Sec-WebSocket-Protocol header that is not a subprotocol fails with a sentence', async () => {
      const { url } = await wsServer();
      assert.ok((await failure({ URL: url, headers: { 'Sec-WebSocket-Protocol': 'a b' } })).errorStr);
    });

    it('reaches an IPv6 address', async function () {
      const harness = server({ host: '::1', addressFamily: 6 });
      const status = await harness.start();
      if (!status.success && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(status.errorStr ?? '')) return this.skip(); // No IPv6 on this machine.
      assert.equal((await client({ URL: `ws://[::1]:${status.port}/` }).start()).success, true);
    });
  });

  describe('a success', () => {
    it('answers 101, the headers spelled as received, uri and protocol', async () => {
      const { url } = await rawServer({ headers: ['X-oDD: Value', 'Set-Cookie: a=1', 'set-cookie: b=2', `X-Long: ${'x'.repeat(3000)}`] });
      const harness = client({ URL: `${url}a?b` });
      const { success, http_status, uri, protocol, headers, ...rest } = await harness.start();
      assert.deepEqual(
        { success, http_status, uri, protocol, rest },
        { success: true, http_status: 101, uri: '/a?b', protocol: '', rest: {} },
      );
      assert.deepEqual(
        [headers['X-oDD'], headers['Set-Cookie'], headers['X-Long']?.length, headers.Upgrade],
        ['Value', 'a=1, b=2', 3000, 'websocket'],
      );
      assert.equal(headers['sec-websocket-extensions'], undefined);
      assert.deepEqual(await harness.next('Open'), { uri, headers, protocol: '' });
    });

    it('counts Sec-WebSocket headers without a value as absent', async () => {
      const { url } = await rawServer({
        answer: ({ headers }) =>
          lines(
            ...['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'],
            ...[
              `Sec-WebSocket-Accept: ${acceptKey(headers['sec-websocket-key'])}`,
              'Sec-WebSocket-Protocol: ',
              'Sec-WebSocket-Extensions:  ',
            ],
          ),
      });
      await client({ URL: url }).open();
    });

    it('a message that comes with the answer in one piece is received after Open', async () => {
      const { port } = await rawServer({
        answer: ({ headers }) =>
          `${lines('HTTP/1.1 101 Yes', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptKey(headers['sec-websocket-key'])}`)}\x81\x02hi`,
      });
      const harness = await client({ URL: `ws://127.0.0.1:${port}/` }).open();
      assert.deepEqual(await harness.next('Message'), { str: 'hi', binary: false, wireSize: 2 });
    });
  });
});
