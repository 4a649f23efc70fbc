import assert from 'node:assert/strict';
import { within } from '../helpers/flow';
import { closeBody, type FrameSpec, opcodes } from '../helpers/frames';
import { acceptOf, exampleKey, headText, parseHead, requestHeaders, turn, withHeaders } from '../helpers/raw-peer';
import { closes, dial, endsBadly, heldByAFlow, server, stillServes } from './peer-pair';

type Changes = Record<string, string | undefined>;

/** A refused request, its response, and its Error event. */
interface Rejection {
  readonly first?: string;
  readonly headers?: Changes;
  readonly status: number;
  readonly reason: RegExp;
}

const key = /Sec-WebSocket-Key/;
const version = /Sec-WebSocket-Version/;
const http = /not valid HTTP/;
const refused: Record<string, Rejection> = {
  'no Sec-WebSocket-Key': { headers: { 'Sec-WebSocket-Key': undefined }, status: 400, reason: key },
  'an empty Sec-WebSocket-Key': { headers: { 'Sec-WebSocket-Key': '' }, status: 400, reason: key },
  'a Sec-WebSocket-Key of 15 bytes': { headers: { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') }, status: 400, reason: key },
  'a Sec-WebSocket-Key of 17 bytes': { headers: { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') }, status: 400, reason: key },
  'a Sec-WebSocket-Key that is not base64': { headers: { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }, status: 400, reason: key },
  'no Sec-WebSocket-Version': { headers: { 'Sec-WebSocket-Version': undefined }, status: 400, reason: version },
  ...Object.fromEntries(
    ['', '0', '7', '12', '14', 'x', '13, 14'].map((value) => [
      `Sec-WebSocket-Version "${value}"`,
      { headers: { 'Sec-WebSocket-Version': value }, status: 400, reason: version },
    ]),
  ),
  'Upgrade: h2c': { headers: { Upgrade: 'h2c' }, status: 426, reason: /asks for the string "h2c"/ },
  'Upgrade: websocket, h2c': { headers: { Upgrade: 'websocket, h2c' }, status: 426, reason: /asks for the string "websocket, h2c"/ },
  ...Object.fromEntries(
    ['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'].map((method) => [
      `the method ${method}`,
      { first: `${method} / HTTP/1.1`, status: 405, reason: /Invalid HTTP method/ },
    ]),
  ),
  'a Sec-WebSocket-Protocol that is no list of tokens': {
    headers: { 'Sec-WebSocket-Protocol': 'a b' },
    status: 400,
    reason: /Sec-WebSocket-Protocol/,
  },
  'a Sec-WebSocket-Extensions that cannot be read': {
    headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; =' },
    status: 400,
    reason: /Sec-WebSocket-Extensions/,
  },
  'an Origin from elsewhere': { headers: { Origin: 'https://elsewhere.example' }, status: 403, reason: /allowedOrigins/ },
  'an Origin that is hidden': { headers: { Origin: 'null' }, status: 403, reason: /allowedOrigins/ },
  'a method in lower case': { first: 'get / HTTP/1.1', status: 400, reason: http },
  'an HTTP version that is none': { first: 'GET / HTTP/9.9', status: 400, reason: http },
  'a blank in the target': { first: 'GET /a b HTTP/1.1', status: 400, reason: http },
  'a target without a slash': { first: 'GET a HTTP/1.1', status: 400, reason: http },
  'a target that is a query': { first: 'GET ?a=b HTTP/1.1', status: 400, reason: http },
  'a NUL in the target': { first: 'GET /a\0b HTTP/1.1', status: 400, reason: http },
  'a NUL in a header': { headers: { 'X-Any': 'a\0b' }, status: 400, reason: http },
  'a header of 17,000 bytes': { headers: { 'X-Any': 'a'.repeat(17_000) }, status: 431, reason: /Header overflow/ },
  'a target of 17,000 bytes': { first: `GET /${'a'.repeat(17_000)} HTTP/1.1`, status: 431, reason: /Header overflow/ },
};

/** Plain HTTP is answered 426, and is not reported as an Error event. */
const plain: Record<string, { first?: string; headers?: Changes }> = {
  'no Upgrade': { headers: { Upgrade: undefined } },
  'no Connection': { headers: { Connection: undefined } },
  'Connection: keep-alive': { headers: { Connection: 'keep-alive' } },
  'neither, and the method POST': { first: 'POST / HTTP/1.1', headers: { Upgrade: undefined, Connection: undefined } },
};

const admitted: Record<string, { headers?: Changes }> = {
  'Upgrade in capitals': { headers: { Upgrade: 'WebSocket' } },
  'Connection: keep-alive, Upgrade': { headers: { Connection: 'keep-alive, Upgrade' } },
  'connection: UPGRADE': { headers: { Connection: 'UPGRADE' } },
  'a header of 15,000 bytes': { headers: { 'X-Any': 'a'.repeat(15_000) } },
  'a header beyond ASCII': { headers: { 'X-Any': '\xe9\xff' } },
  'an Origin of its own host': { headers: { Origin: 'https://127.0.0.1' } },
};

const targets = [
  '/',
  '/?',
  '/a/b?x=1&x=2',
  '/a?b#c',
  '//a//b/./../c',
  '/%41%zz%2f%00',
  "/a;b=c,d@e:f!$'()*+",
  '/{"json":[1]}|^`\\',
  `/${'x'.repeat(4000)}`,
  '*',
  'http://elsewhere.example:81/a?b',
  'ws://elsewhere.example/a',
];

const hello: FrameSpec = { opcode: opcodes.text, payload: 'hello' };

describe('the opening handshake of a server (RFC 6455, section 4.2)', () => {
  heldByAFlow();

  it('answers the key of the RFC with the accept value of the RFC, and nothing that was not asked for', async () => {
    const { head, peer, event } = await server.meet();
    assert.equal(acceptOf(exampleKey), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.deepEqual(head.headers, { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' });
    await closes({ peer, event });
  });

  for (const [what, { first = 'GET /its/path?q HTTP/1.1', headers = {}, status, reason }] of Object.entries(refused)) {
    it(`refuses ${what} with ${status} and an Error, and serves the next`, async () => {
      const { peer, journal } = await dial({ enablePerMessageDeflate: true });
      peer.write(headText(first, withHeaders(requestHeaders, headers)));
      const head = parseHead(await within(peer.head, "the server's answer"));
      assert.match(head.first, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(head.headers.connection ?? '', /\bclose$/);
      if (reason === version) assert.equal(head.headers['sec-websocket-version'], '13');
      await peer.end();
      assert.equal(Number(head.headers['content-length']), peer.remainder.length);
      const { event, payload } = await journal.take('the Error event');
      const { reason: said, remotePort, uri, ...rest } = payload;
      assert.equal(event, 'Error');
      assert.match(said, reason);
      assert.ok(uri === undefined || first.includes(uri), `the uri is ${uri}`);
      assert.equal(remotePort, peer.socket.localPort);
      assert.deepEqual(rest, { retries: 0, wait_time: 0, http_status: status, decompressionError: false, count: 1, remoteIp: '127.0.0.1' });
      await turn();
      assert.ok(journal.isEmpty, 'there is one event and no other');
      await stillServes(server);
    });
  }

  for (const [what, { first = 'GET / HTTP/1.1', headers = {} }] of Object.entries(plain)) {
    it(`answers a request with ${what} with 426, with no event, and serves the next`, async () => {
      const { peer, journal } = await dial();
      peer.write(headText(first, withHeaders(requestHeaders, headers)));
      const head = parseHead(await within(peer.head, "the server's answer"));
      assert.equal(head.first, 'HTTP/1.1 426 Upgrade Required');
      assert.equal(head.headers.upgrade, 'websocket');
      await peer.end();
      await turn();
      assert.ok(journal.isEmpty);
      await stillServes(server);
    });
  }

  for (const [what, bytes] of Object.entries({
    'a CONNECT request': headText('CONNECT elsewhere.example:443 HTTP/1.1', [['Host', 'elsewhere.example']]),
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a TLS handshake': Buffer.from('16030100c8010000c40303', 'hex').toString('latin1'),
    'bytes at random': '\x00\x01\x02\xff\xfe\r\n\r\n',
    'nothing, and the end of TCP': '',
  })) {
    it(`drops ${what}, and serves the next`, async () => {
      const { peer } = await dial();
      peer.write(bytes);
      if (bytes === '') peer.socket.end();
      await peer.end();
      await stillServes(server);
    });
  }

  for (const [what, { headers = {} }] of Object.entries(admitted)) {
    it(`accepts a request with ${what}, and its Open has all headers as they came`, async () => {
      const { open, peer, event } = await server.meet({ headers });
      assert.deepEqual(open.headers, Object.fromEntries(withHeaders(requestHeaders, headers)));
      await closes({ peer, event });
    });
  }

  for (const target of targets) {
    it(`takes the target ${target.slice(0, 40)} as it came`, async () => {
      const pair = await server.meet({ target });
      const { peer, event, open } = pair;
      assert.equal(open.uri, target);
      peer.send(hello);
      assert.equal((await event('Message')).uri, target);
      peer.send({ opcode: opcodes.close });
      await peer.agrees();
      assert.equal((await event('Close')).uri, target);
    });
  }

  describe('loses no bytes that come', () => {
    const frames: FrameSpec[] = [hello, { opcode: opcodes.ping, payload: 'p' }, { opcode: opcodes.binary, payload: Buffer.alloc(300, 1) }];
    const masked = async () => (await server.meet()).peer.bytes(...frames);
    const hears = async (pair: Awaited<ReturnType<typeof server.meet>>) => {
      assert.equal((await pair.event('Message')).str, 'hello');
      assert.ok(Buffer.alloc(300, 1).equals((await pair.event('Message')).str));
      assert.equal((await pair.peer.frame('a pong')).payload.toString(), 'p');
    };

    it('in one piece with the request', async () => {
      const pair = await server.meet({ with: await masked() });
      await hears(pair);
      await closes(pair);
    });

    it('in one piece with the request: a frame that is not whole', async () => {
      const bytes = await masked();
      for (const cut of [1, 2, 5, 8, bytes.length - 1]) {
        const pair = await server.meet({ with: bytes.subarray(0, cut) });
        pair.peer.write(bytes.subarray(cut));
        await hears(pair);
        await closes(pair);
      }
    });

    it('in one piece with the request: a compressed message, with its size', async () => {
      const compressed: FrameSpec = { opcode: opcodes.text, rsv: 4, payload: Buffer.from('f248cdc9c90700', 'hex') };
      const pair = await server.meet({
        options: { enablePerMessageDeflate: true },
        headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
        with: (await server.meet()).peer.bytes(compressed),
      });
      const { str, wireSize } = await pair.event('Message');
      assert.deepEqual({ str, wireSize }, { str: 'Hello', wireSize: 7 });
      await closes(pair);
    });

    it('in one piece with the request: 1,000 messages', async () => {
      const pair = await server.meet({
        with: (await server.meet()).peer.bytes(...Array.from({ length: 1000 }, (_, at) => ({ opcode: opcodes.text, payload: String(at) }))),
      });
      for (let at = 0; at < 1000; at++) assert.equal((await pair.event('Message')).str, String(at));
      await closes(pair);
    });

    it('in one piece with the request: a close frame', async () => {
      const pair = await server.meet({
        with: (await server.meet()).peer.bytes(hello, { opcode: opcodes.close, payload: closeBody(4000, 'bye') }),
      });
      assert.equal((await pair.event('Message')).str, 'hello');
      assert.deepEqual(await pair.peer.agrees(), { code: 4000, reason: 'bye' });
      assert.equal((await pair.event('Close')).code, 4000);
    });

    it('in one piece with the request: a violation', async () => {
      const pair = await server.meet({ with: (await server.meet()).peer.bytes(hello, { opcode: 5 }) });
      assert.equal((await pair.event('Message')).str, 'hello');
      await endsBadly(pair, { code: 1002, reason: 'Protocol error: unknown opcode 5' });
      await stillServes(server);
    });

    it('with a request that TCP cuts in two, wherever it cuts', async () => {
      const request = Buffer.from(headText('GET /cut HTTP/1.1', requestHeaders));
      for (let cut = 1; cut < request.length; cut += 3) {
        const { peer, journal } = await dial();
        await peer.pieces(Buffer.concat([request, peer.bytes(hello)]), [cut]);
        assert.equal((await journal.take('the Open event')).payload.uri, '/cut');
        assert.equal((await journal.take('the Message event')).payload.str, 'hello');
        peer.socket.destroy();
      }
    });

    it('one at a time, the request included', async () => {
      const { peer, journal } = await dial();
      const bytes = Buffer.concat([Buffer.from(headText('GET /slow HTTP/1.1', requestHeaders)), peer.bytes(hello)]);
      await peer.pieces(bytes, [...bytes.keys()].slice(1));
      assert.equal((await journal.take('the Open event')).payload.uri, '/slow');
      assert.equal((await journal.take('the Message event')).payload.str, 'hello');
    });
  });
});
