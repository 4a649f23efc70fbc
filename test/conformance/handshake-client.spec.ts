import assert from 'node:assert/strict';
import { closeBody, encodeFrame, opcodes } from '../helpers/frames';
import { answerHeaders, type Head, type HeaderLines, headText, withHeaders } from '../helpers/raw-peer';
import { answerWith, call, client, closes, endsBadly, heldByAFlow, stillServes } from './peer-pair';

const hello = encodeFrame({ opcode: opcodes.text, payload: 'hello' });

/** Responses that do not open a connection. */
interface Rejection {
  readonly first?: string;
  readonly headers?: (request: Head) => HeaderLines;
  readonly options?: Record<string, unknown>;
  readonly status: number;
  readonly says: RegExp;
}
const without = (name: string) => (request: Head) => withHeaders(answerHeaders(request), { [name]: undefined });
const instead = (changes: Record<string, string>) => (request: Head) => withHeaders(answerHeaders(request), changes);
const length0 = (): HeaderLines => [['Content-Length', '0']];

const refused: Record<string, Rejection> = {
  'no Sec-WebSocket-Accept': { headers: without('Sec-WebSocket-Accept'), status: 101, says: /wrong Sec-WebSocket-Accept/ },
  'the accept value of another key': {
    headers: instead({ 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }),
    status: 101,
    says: /wrong Sec-WebSocket-Accept/,
  },
  'an empty Sec-WebSocket-Accept': { headers: instead({ 'Sec-WebSocket-Accept': '' }), status: 101, says: /wrong Sec-WebSocket-Accept/ },
  'no Upgrade': { headers: without('Upgrade'), status: 101, says: /101/ },
  'Upgrade: h2c': { headers: instead({ Upgrade: 'h2c' }), status: 101, says: /Upgrade/ },
  'no Connection': { headers: without('Connection'), status: 101, says: /101/ },
  'Connection: close': { headers: instead({ Connection: 'close' }), status: 101, says: /101/ },
  'a subprotocol where none was offered': {
    headers: instead({ 'Sec-WebSocket-Protocol': 'chat' }),
    status: 101,
    says: /no subprotocol was negotiated/,
  },
  'a subprotocol that was not offered': {
    headers: instead({ 'Sec-WebSocket-Protocol': 'talk' }),
    options: { subProtocols: ['chat'] },
    status: 101,
    says: /no subprotocol was negotiated/,
  },
  'a subprotocol in other letters': {
    headers: instead({ 'Sec-WebSocket-Protocol': 'CHAT' }),
    options: { subProtocols: ['chat'] },
    status: 101,
    says: /no subprotocol was negotiated/,
  },
  'two subprotocols': {
    headers: instead({ 'Sec-WebSocket-Protocol': 'chat, talk' }),
    options: { subProtocols: ['chat', 'talk'] },
    status: 101,
    says: /no subprotocol was negotiated/,
  },
  'no subprotocol where some were offered': {
    headers: answerHeaders,
    options: { subProtocols: ['chat'] },
    status: 101,
    says: /no subprotocol was negotiated/,
  },
  ...Object.fromEntries(
    [
      '200 OK',
      '204 No Content',
      '400 Bad Request',
      '401 Unauthorized',
      '403 Forbidden',
      '404 Not Found',
      '426 Upgrade Required',
      '500 Oops',
      '503 Busy',
    ].map((line) => [line, { first: `HTTP/1.1 ${line}`, headers: length0, status: Number(line.slice(0, 3)), says: new RegExp(line) }]),
  ),
  '400 from a server of HTTP/1.0': { first: 'HTTP/1.0 400 Bad Request', headers: length0, status: 400, says: /400 Bad Request/ },
  'a status line without words': { first: 'HTTP/1.1 418', headers: length0, status: 418, says: /answered 418 instead/ },
};

describe('the opening handshake of a client (RFC 6455, section 4.1)', () => {
  heldByAFlow();

  it('asks with what the RFC demands, and with nothing else', async () => {
    const { head, peer, event } = await client.meet();
    const { host, 'sec-websocket-key': key = '', ...others } = head.headers;
    assert.equal(head.first, 'GET / HTTP/1.1');
    assert.match(String(host), /^127\.0\.0\.1:\d+$/);
    assert.equal(Buffer.from(key, 'base64').length, 16);
    assert.deepEqual(others, { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' });
    await closes({ peer, event });
  });

  it('has a new key and new masks each time', async () => {
    const keys = new Set<string>();
    const masks = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const pair = await client.meet();
      keys.add(pair.head.headers['sec-websocket-key'] ?? '');
      for (const message of ['a', 'a', 'a']) {
        await pair.send(message);
        masks.add((await pair.peer.frame()).mask.toString('hex'));
      }
      await closes(pair);
    }
    assert.deepEqual([keys.size, masks.size], [20, 60]);
  });

  const targets: Record<string, string> = {
    '': '/',
    '/': '/',
    '/a/b?x=1&x=2': '/a/b?x=1&x=2',
    '?x=1': '/?x=1',
    '/a#fragment': '/a',
    '/%41%2f': '/%41%2f',
    '/ü?ü': '/%C3%BC?%C3%BC',
    '/a b': '/a%20b',
  };
  for (const [typed, target] of Object.entries(targets)) {
    it(`asks for ${target} where the URL ends with "${typed}"`, async () => {
      const { request, peer, answer } = await call({ path: typed });
      assert.equal(request.first, `GET ${target} HTTP/1.1`);
      answerWith(peer, answerHeaders(request));
      assert.equal((await answer).payload.uri, target);
    });
  }

  it('writes no header of its handshake otherwise because a flow says so', async () => {
    const own = {
      Upgrade: 'h2c',
      connection: 'close',
      'SEC-WEBSOCKET-KEY': 'mine',
      'Sec-WebSocket-Version': '8',
      'Sec-WebSocket-Extensions': 'x',
    };
    const { request, peer, answer } = await call({ headers: { ...own, 'X-Mine': 'yes' } });
    const {
      upgrade,
      connection,
      'sec-websocket-version': version,
      'sec-websocket-extensions': extensions,
      'x-mine': mine,
    } = request.headers;
    assert.deepEqual(
      { upgrade, connection, version, extensions, mine },
      { upgrade: 'websocket', connection: 'Upgrade', version: '13', extensions: undefined, mine: 'yes' },
    );
    assert.notEqual(request.headers['sec-websocket-key'], 'mine');
    answerWith(peer, answerHeaders(request));
    assert.equal((await answer).payload.success, true);
  });

  for (const [what, { first = 'HTTP/1.1 101 Switching Protocols', headers = answerHeaders, options = {}, status, says }] of Object.entries(
    refused,
  )) {
    it(`makes no connection of ${what}: the start says so and no event comes, and the next start succeeds`, async () => {
      const { peer, request, journal, answer } = await call(options);
      peer.write(headText(first, headers(request)));
      const { success, http_status, errorStr, uri, headers: heard } = (await answer).payload;
      assert.deepEqual({ success, http_status, uri }, { success: false, http_status: status, uri: '/' });
      assert.match(errorStr, says);
      assert.deepEqual(heard, Object.fromEntries(headers(request)));
      await peer.end();
      assert.ok(journal.isEmpty);
      await stillServes(client);
    });
  }

  const noAnswers: Record<string, string> = {
    'bytes that are no HTTP': '\x00\x01\x02\xff\r\n\r\n',
    'a frame instead of an answer': '\x81\x05hello',
    'half an answer, and the end of TCP': 'HTTP/1.1 101 Switching Pro',
    'a head without its end, and the end of TCP': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n',
    'nothing, and the end of TCP': '',
    'HTTP of a version that is none': 'HTTP/9.9 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'a head of 20,000 bytes': `HTTP/1.1 101 Switching Protocols\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  };
  for (const [what, bytes] of Object.entries(noAnswers)) {
    it(`makes no connection of ${what}: the start says so and no event comes, and the next start succeeds`, async () => {
      const { peer, journal, answer } = await call();
      if (what.endsWith('TCP')) peer.socket.end(bytes);
      else peer.write(bytes);
      const { success, http_status, errorStr, headers, uri } = (await answer).payload;
      assert.deepEqual({ success, http_status, headers, uri }, { success: false, http_status: 0, headers: {}, uri: '' });
      assert.match(errorStr, /^Could not connect to .+\.( .+[.?])?$/);
      await peer.end();
      assert.ok(journal.isEmpty);
      await stillServes(client);
    });
  }

  const accepted: Record<string, { headers: (request: Head) => HeaderLines; options?: Record<string, unknown>; before?: string }> = {
    'headers in lower case': {
      headers: (request) => answerHeaders(request).map(([name, value]) => [name.toLowerCase(), value]),
    },
    'Upgrade in capitals': { headers: instead({ Upgrade: 'WEBSOCKET' }) },
    'Connection: keep-alive, Upgrade': { headers: instead({ Connection: 'keep-alive, Upgrade' }) },
    'the second of the subprotocols offered': {
      headers: instead({ 'Sec-WebSocket-Protocol': 'talk' }),
      options: { subProtocols: ['chat', 'talk'] },
    },
    '100 Continue first': { headers: answerHeaders, before: 'HTTP/1.1 100 Continue\r\n\r\n' },
    '103 Early Hints first': { headers: answerHeaders, before: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' },
  };
  for (const [what, { headers, options = {}, before = '' }] of Object.entries(accepted)) {
    it(`connects where the answer has ${what}`, async () => {
      const { peer, request, answer, journal } = await call(options);
      peer.write(before + headText('HTTP/1.1 101 Switching Protocols', headers(request)));
      const { success, http_status, protocol, errorStr } = (await answer).payload;
      assert.deepEqual({ success, http_status, errorStr }, { success: true, http_status: 101, errorStr: undefined });
      assert.equal(protocol, what.includes('subprotocols') ? 'talk' : '');
      assert.equal((await journal.take('the Open event')).payload.protocol, protocol);
    });
  }

  describe('loses no bytes that come', () => {
    it('in one piece with the answer: they are received after the Open', async () => {
      const pair = await client.meet({ with: Buffer.concat([hello, encodeFrame({ opcode: opcodes.ping, payload: 'p' }), hello]) });
      assert.equal((await pair.event('Message')).str, 'hello');
      assert.equal((await pair.event('Message')).str, 'hello');
      assert.equal((await pair.peer.frame('a pong')).payload.toString(), 'p');
      await closes(pair);
    });

    it('in one piece with the answer: a frame that is not whole', async () => {
      for (let cut = 1; cut < hello.length; cut++) {
        const pair = await client.meet({ with: hello.subarray(0, cut) });
        pair.peer.write(hello.subarray(cut));
        assert.equal((await pair.event('Message')).str, 'hello');
        await closes(pair);
      }
    });

    it('in one piece with the answer: 1,000 messages', async () => {
      const frames = Array.from({ length: 1000 }, (_, at) => encodeFrame({ opcode: opcodes.text, payload: String(at) }));
      const pair = await client.meet({ with: Buffer.concat(frames) });
      for (let at = 0; at < 1000; at++) assert.equal((await pair.event('Message')).str, String(at));
      await closes(pair);
    });

    it('in one piece with the answer: a compressed message, with its size', async () => {
      const pair = await client.meet({
        options: { enablePerMessageDeflate: true },
        headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
        with: encodeFrame({ opcode: opcodes.text, rsv: 4, payload: Buffer.from('f248cdc9c90700', 'hex') }),
      });
      const { str, wireSize } = await pair.event('Message');
      assert.deepEqual({ str, wireSize }, { str: 'Hello', wireSize: 7 });
      await closes(pair);
    });

    it('in one piece with the answer: a close frame, and the start has succeeded all the same', async () => {
      const pair = await client.meet({
        with: Buffer.concat([hello, encodeFrame({ opcode: opcodes.close, payload: closeBody(4000, 'bye') })]),
      });
      assert.equal((await pair.event('Message')).str, 'hello');
      assert.deepEqual(await pair.peer.agrees(), { code: 4000, reason: 'bye' });
      assert.deepEqual(await pair.event('Close'), { code: 4000, reason: 'bye', remote: true });
    });

    it('in one piece with the answer: a violation', async () => {
      const pair = await client.meet({ with: Buffer.concat([hello, encodeFrame({ opcode: 5 })]) });
      assert.equal((await pair.event('Message')).str, 'hello');
      await endsBadly(pair, { code: 1002, reason: 'Protocol error: unknown opcode 5' });
      await stillServes(client);
    });

    it('with an answer that TCP cuts in two, wherever it cuts', async () => {
      for (let cut = 1; cut < 160; cut += 3) {
        const { peer, request, answer, journal } = await call();
        const bytes = Buffer.concat([Buffer.from(headText('HTTP/1.1 101 Switching Protocols', answerHeaders(request))), hello]);
        await peer.pieces(bytes, [Math.min(cut, bytes.length - 1)]);
        assert.equal((await answer).payload.success, true);
        assert.equal((await journal.take('the Open event')).event, 'Open');
        assert.equal((await journal.take('the Message event')).payload.str, 'hello');
        peer.send({ opcode: opcodes.close });
        await peer.agrees();
        assert.equal((await journal.take('the Close event')).event, 'Close');
      }
    });

    it('one at a time, the answer included', async () => {
      const { peer, request, answer, journal } = await call();
      const bytes = Buffer.concat([Buffer.from(headText('HTTP/1.1 101 Switching Protocols', answerHeaders(request))), hello]);
      await peer.pieces(bytes, [...bytes.keys()].slice(1));
      assert.equal((await answer).payload.success, true);
      assert.equal((await journal.take('the Open event')).event, 'Open');
      assert.equal((await journal.take('the Message event')).payload.str, 'hello');
    });
  });
});
