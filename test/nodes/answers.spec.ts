import assert from 'node:assert/strict';
import { type Flow, type Msg, run } from '../helpers/flow';
import { closedPort, httpServer, rawServer, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf } from './suite';

const client = () => run(nodesOf('client', 'create start stop send clear'));
const server = () => run(nodesOf('server', 'create start stop send tag disconnect clear'));
/** Starts a client of the flow that is connected to this URL. */
async function connected(url: string, options: Msg = {}): Promise<Flow> {
  const flow = await client();
  await flow.command('create', { URL: url, ...options });
  assert.equal((await flow.command('start', { id: 1 })).payload.success, true);
  return flow;
}
/** Starts a server of the flow. @returns its address. */
async function listening(options: Msg = {}): Promise<{ flow: Flow; uri: string }> {
  const flow = await server();
  await flow.command('create', { port: 0, ...options });
  return { flow, uri: (await flow.command('start', { id: -1 })).payload.uri };
}
/** Matches a sentence with an attempt and a remedy. */
function isSentence(text: unknown): asserts text is string {
  assert.equal(typeof text, 'string');
  assert.match(text as string, /^[A-Z].{20,}[.?]$/s);
}

describe('what a command answers: exactly these fields', () => {
  inNodeRed();

  describe('client create', () => {
    it('{ id }', async () => {
      const flow = await client();
      assert.deepEqual((await flow.command('create', { URL: 'ws://127.0.0.1:1/' })).payload, { id: 1 });
    });

    it('with an id, only information, and nothing is made', async () => {
      const flow = await client();
      await flow.command('create', { URL: 'ws://127.0.0.1:1/a?b=c', enablePerMessageDeflate: true, pingInterval: 5 });
      assert.deepEqual((await flow.command('create', { id: 1 })).payload, {
        readyState: 'closed',
        URL: 'ws://127.0.0.1:1/a?b=***',
        perMessageDeflateOptionsEnabled: true,
        pingInterval: 5,
        bufferedAmount: 0,
        automaticReconnectionEnabled: true,
        maxWaitBetweenReconnectionRetries: 10000,
      });
      assert.equal((await flow.command('create', { id: 2 })).payload.errorCode, 'ERR_NO_SOCKET');
    });

    it('pingInterval is −1 when it is off, by 0 too', async () => {
      const flow = await client();
      for (const given of [{}, { pingInterval: 0 }, { pingInterval: '0' }]) {
        const { id } = (await flow.command('create', given)).payload;
        assert.equal((await flow.command('create', { id })).payload.pingInterval, -1);
      }
    });

    it('readyState is connecting, open, closing or closed', async () => {
      // A peer that does not answer a close frame keeps the client in closing.
      const peer = await rawServer();
      const flow = await client();
      const state = async () => (await flow.command('create', { id: 1 })).payload.readyState;
      await flow.command('create', { URL: peer.url });
      assert.equal(await state(), 'closed');
      const started = flow.command('start', { id: 1 });
      assert.equal(await state(), 'connecting');
      await started;
      assert.equal(await state(), 'open');
      const stopped = flow.command('stop', { id: 1 });
      assert.equal(await state(), 'closing');
      await stopped;
      assert.equal(await state(), 'closed');
    });

    it('between two tries it is connecting too', async () => {
      const peer = await wsServer();
      const flow = await run([...nodesOf('client', 'create start'), { id: 'e', type: 'ix-client-events' }]);
      await flow.command('create', { URL: peer.url, minWaitBetweenReconnectionRetries: 5000 });
      await flow.command('start', { id: 1 });
      await peer.peers.take();
      await peer.die();
      await flow.out('e.3').take('the failure of the first try');
      assert.equal((await flow.command('create', { id: 1 })).payload.readyState, 'connecting');
    });

    it('bufferedAmount is what was not handed to the operating system yet', async () => {
      const peer = await wsServer();
      const flow = await connected(peer.url);
      const { ws } = await peer.peers.take();
      ws.pause();
      const size = 32 * 1024 * 1024;
      const sent = flow.command('send', { id: 1, message: Buffer.alloc(size) });
      const { bufferedAmount } = (await flow.command('create', { id: 1 })).payload;
      assert.ok(bufferedAmount > size / 4 && bufferedAmount < size + 100, String(bufferedAmount));
      ws.resume();
      await sent;
      assert.equal((await flow.command('create', { id: 1 })).payload.bufferedAmount, 0);
    });
  });

  describe('client start', () => {
    it('{ success, http_status, headers, uri, protocol }: uri is path and query, headers spelled as received', async () => {
      const peer = await wsServer();
      const flow = await client();
      // A fragment is dropped.
      await flow.command('create', { URL: `${peer.url}chat/röom?a=1&b=%20#fragment`, subProtocols: ['two', 'one'] });
      const raw = await rawServer({ headers: ['X-oDD-Spelling: Yes', 'Sec-WebSocket-Protocol: two'] });
      const { headers, ...rest } = (await flow.command('start', { id: 1 })).payload;
      assert.deepEqual(rest, { success: true, http_status: 101, uri: '/chat/r%C3%B6om?a=1&b=%20', protocol: 'two' });
      assert.equal(headers.Upgrade, 'websocket');
      await flow.command('stop', { id: 1 });
      const spelled = (await flow.command('start', { id: 1, URL: raw.url })).payload.headers;
      assert.equal(spelled['X-oDD-Spelling'], 'Yes');
      assert.deepEqual(Object.keys(spelled).sort(), [
        'Connection',
        'Sec-WebSocket-Accept',
        'Sec-WebSocket-Protocol',
        'Upgrade',
        'X-oDD-Spelling',
      ]);
    });

    it('without an answer: success false, http_status 0, no headers, and errorStr', async () => {
      const port = await closedPort();
      const flow = await client();
      await flow.command('create', { URL: `ws://127.0.0.1:${port}/a` });
      const { errorStr, ...rest } = (await flow.command('start', { id: 1 })).payload;
      assert.deepEqual(rest, { success: false, http_status: 0, headers: {}, uri: '', protocol: '' });
      isSentence(errorStr);
      assert.ok(errorStr.includes(`ws://127.0.0.1:${port}/a`) && errorStr.includes('refused'), errorStr);
    });

    it('with another answer than 101: http_status, headers and uri are filled', async () => {
      const port = await httpServer((_, response) => response.writeHead(403, { 'X-Why': 'not today' }).end());
      const flow = await client();
      await flow.command('create', { URL: `ws://127.0.0.1:${port}/door?x=1` });
      const { errorStr, headers, ...rest } = (await flow.command('start', { id: 1 })).payload;
      assert.deepEqual(rest, { success: false, http_status: 403, uri: '/door?x=1', protocol: '' });
      assert.equal(headers['X-Why'], 'not today');
      isSentence(errorStr);
      assert.match(errorStr, /403/);
    });

    it('over a redirect: uri is that of the last hop', async () => {
      const peer = await wsServer();
      const port = await httpServer((_, response) => response.writeHead(302, { Location: `${peer.url}target?y=2` }).end());
      const flow = await client();
      await flow.command('create', { URL: `ws://127.0.0.1:${port}/first` });
      const { success, http_status, uri } = (await flow.command('start', { id: 1 })).payload;
      assert.deepEqual([success, http_status, uri], [true, 101, '/target?y=2']);
    });

    it('that offered subprotocols and had none answered: success false', async () => {
      const peer = await wsServer({ handleProtocols: () => false });
      const flow = await client();
      await flow.command('create', { URL: peer.url, headers: { 'sec-websocket-protocol': 'one' } });
      const { success, http_status, protocol, errorStr } = (await flow.command('start', { id: 1 })).payload;
      assert.deepEqual([success, http_status, protocol], [false, 101, '']);
      assert.match(errorStr, /subprotocol/);
      assert.equal((await peer.peers.take()).request?.headers['sec-websocket-protocol'], 'one');
    });

    it('aborted by stop: both answer, the start with success false', async () => {
      const raw = await rawServer({ answer: () => '' });
      const flow = await client();
      await flow.command('create', { URL: raw.url });
      const started = flow.command('start', { id: 1 });
      await raw.peers.take();
      assert.equal((await flow.command('stop', { id: 1 })).payload.success, true);
      const { errorStr, ...rest } = (await started).payload;
      assert.deepEqual(rest, { success: false, http_status: 0, headers: {}, uri: '', protocol: '' });
      assert.match(errorStr, /aborted by stop/);
    });
  });

  it('client stop: the information after the stop, and success', async () => {
    const peer = await wsServer();
    const flow = await connected(peer.url);
    const expected = {
      readyState: 'closed',
      URL: peer.url,
      perMessageDeflateOptionsEnabled: false,
      pingInterval: -1,
      bufferedAmount: 0,
      automaticReconnectionEnabled: true,
      maxWaitBetweenReconnectionRetries: 10000,
      success: true,
    };
    assert.deepEqual((await flow.command('stop', { id: 1 })).payload, expected);
    assert.deepEqual((await flow.command('stop', { id: 1 })).payload, expected, 'stop of a stopped socket succeeds');
  });

  describe('client send', () => {
    it('{ success, compressionError, payloadSize, wireSize }: without compression the sizes are equal, text counts as UTF-8', async () => {
      const peer = await wsServer();
      const flow = await connected(peer.url);
      const text = 'é€😀';
      assert.deepEqual((await flow.command('send', { id: 1, message: text })).payload, {
        success: true,
        compressionError: false,
        payloadSize: 9,
        wireSize: 9,
      });
    });

    it('with compression wireSize is the compressed size', async () => {
      const peer = await wsServer({ perMessageDeflate: true });
      const flow = await connected(peer.url, { enablePerMessageDeflate: true });
      const { payloadSize, wireSize, ...rest } = (await flow.command('send', { id: 1, message: 'a'.repeat(10000) })).payload;
      assert.deepEqual(rest, { success: true, compressionError: false });
      assert.equal(payloadSize, 10000);
      assert.ok(wireSize > 0 && wireSize < 100, String(wireSize));
    });

    it('of a client that is not open: success false, both sizes 0, errorStr, and no errorCode', async () => {
      const flow = await client();
      await flow.command('create', { URL: 'ws://127.0.0.1:1/' });
      const { errorStr, ...rest } = (await flow.command('send', { id: 1, message: 'x' })).payload;
      assert.deepEqual(rest, { success: false, compressionError: false, payloadSize: 0, wireSize: 0 });
      isSentence(errorStr);
    });
  });

  it('client clear: { success }', async () => {
    const peer = await wsServer();
    const flow = await connected(peer.url);
    assert.deepEqual((await flow.command('clear', { id: 1 })).payload, { success: true });
  });

  describe('server create', () => {
    it('{ id }', async () => {
      const flow = await server();
      assert.deepEqual((await flow.command('create', { port: 0 })).payload, { id: -1 });
    });

    it('with an id, only information: { clients, connections }', async () => {
      const flow = await server();
      await flow.command('create', { port: 0 });
      assert.deepEqual((await flow.command('create', { id: -1 })).payload, { clients: [], connections: [] });
      assert.equal((await flow.command('create', { id: -2 })).payload.errorCode, 'ERR_NO_SOCKET');
    });
  });

  describe('server start', () => {
    it('{ success, http_status: 0, headers: {}, uri, port }, with the port that it got', async () => {
      const flow = await server();
      await flow.command('create', { port: 0 });
      const status = (await flow.command('start', { id: -1 })).payload;
      assert.ok(status.port > 0);
      assert.deepEqual(status, { success: true, http_status: 0, headers: {}, uri: `ws://127.0.0.1:${status.port}`, port: status.port });
    });

    it('that the world refuses: success false, errorStr, and errStr with the same text', async () => {
      const peer = await wsServer();
      const flow = await server();
      await flow.command('create', { port: peer.port });
      const { errorStr, ...rest } = (await flow.command('start', { id: -1 })).payload;
      assert.deepEqual(rest, { success: false, http_status: 0, headers: {}, uri: '', port: 0, errStr: errorStr });
      isSentence(errorStr);
      assert.ok(errorStr.includes(String(peer.port)) && errorStr.includes('in use'), errorStr);
    });

    it('that was asked wrongly: errStr too, beside errorStr and errorCode', async () => {
      const flow = await server();
      await flow.command('create', { port: 0 });
      const { errorStr, ...rest } = (await flow.command('start', { id: -1, maxPayload: 'much' })).payload;
      assert.deepEqual(rest, { success: false, http_status: 0, headers: {}, uri: '', port: 0, errStr: errorStr, errorCode: 'ERR_OPTION' });
    });
  });

  it('server stop: { clients: [], success }', async () => {
    const { flow, uri } = await listening();
    const peer = await wsClient(uri);
    assert.deepEqual((await flow.command('stop', { id: -1 })).payload, { clients: [], success: true });
    assert.equal((await peer.closes.take()).code, 1000);
    assert.deepEqual((await flow.command('stop', { id: -1 })).payload, { clients: [], success: true }, 'stop of a stopped socket succeeds');
  });

  describe('server send', () => {
    it('{ statuses, success }, a status each in the order of connection', async () => {
      const { flow, uri } = await listening();
      const targets = ['/a', '/b?x=1', '/c'];
      for (const target of targets) await wsClient(uri + target);
      const { connections } = (await flow.command('create', { id: -1 })).payload;
      assert.deepEqual((await flow.command('send', { id: -1, message: 'é' })).payload, {
        statuses: targets.map((uri, i) => ({
          uri,
          client: connections[i].client,
          success: true,
          compressionError: false,
          payloadSize: 2,
          wireSize: 2,
        })),
        success: true,
      });
    });

    it('without receivers: no statuses, and success', async () => {
      const { flow } = await listening();
      assert.deepEqual((await flow.command('send', { id: -1, message: 'x' })).payload, { statuses: [], success: true });
    });

    it('while stopped: success false, no statuses, errorStr, and no errorCode', async () => {
      const flow = await server();
      await flow.command('create', { port: 0 });
      const { errorStr, ...rest } = (await flow.command('send', { id: -1, message: 'x' })).payload;
      assert.deepEqual(rest, { success: false, statuses: [] });
      isSentence(errorStr);
    });

    it('a connection that breaks is one success false among the statuses', async () => {
      const { flow, uri } = await listening({ enablePerMessageDeflate: false });
      const broken = await wsClient(`${uri}/broken`);
      const whole = await wsClient(`${uri}/whole`);
      broken.ws.pause();
      const sent = flow.command('send', { id: -1, message: Buffer.alloc(32 * 1024 * 1024) });
      await whole.messages.take('the message to the other');
      broken.ws.terminate();
      const { statuses, success, errorStr } = (await sent).payload;
      const [first, second] = statuses;
      assert.equal(success, false);
      isSentence(errorStr);
      assert.deepEqual([first.uri, first.success, first.payloadSize, first.wireSize], ['/broken', false, 0, 0]);
      isSentence(first.errorStr);
      assert.deepEqual([second.uri, second.success, second.errorStr], ['/whole', true, undefined]);
    });
  });

  it('server tag: { tagged, success }', async () => {
    const { flow, uri } = await listening();
    await wsClient(`${uri}/a`);
    await wsClient(`${uri}/b`);
    assert.deepEqual((await flow.command('tag', { id: -1, all: true, add: 'x' })).payload, { tagged: 2, success: true });
    assert.deepEqual((await flow.command('tag', { id: -1, uri: '/b', remove: 'x' })).payload, { tagged: 1, success: true });
    assert.deepEqual((await flow.command('tag', { id: -1, uri: '/c', add: 'x' })).payload, { tagged: 0, success: true });
    const { connections } = (await flow.command('create', { id: -1 })).payload;
    assert.deepEqual(
      connections.map(({ tags }: Msg) => tags),
      [['x'], []],
    );
  });

  it('server disconnect: { closed, success }', async () => {
    const { flow, uri } = await listening();
    const peer = await wsClient(`${uri}/a`);
    await wsClient(`${uri}/b`);
    assert.deepEqual((await flow.command('disconnect', { id: -1, uri: '/a' })).payload, { closed: 1, success: true });
    assert.equal((await peer.closes.take()).code, 1000);
    assert.deepEqual((await flow.command('disconnect', { id: -1, uri: '/a' })).payload, { closed: 0, success: true });
    assert.deepEqual((await flow.command('create', { id: -1 })).payload.clients, ['/b']);
  });

  it('server clear: { success }', async () => {
    const { flow } = await listening();
    assert.deepEqual((await flow.command('clear', { id: -1 })).payload, { success: true });
  });

  describe('a refusal is the same answer, with errorStr and errorCode', () => {
    const option = 'ERR_OPTION';
    const refused: readonly (readonly [type: string, payload: Msg, errorCode: string, others: Msg])[] = [
      ['client-create', { pingInterval: -1 }, option, {}],
      ['client-create', { id: 9 }, 'ERR_NO_SOCKET', {}],
      ['client-start', { id: 1, timeout: -1 }, option, { http_status: 0, headers: {}, uri: '', protocol: '' }],
      ['client-stop', { id: 1, code: 1005 }, option, {}],
      ['client-send', { id: 1, message: null }, option, { compressionError: false, payloadSize: 0, wireSize: 0 }],
      ['client-clear', { id: 9 }, 'ERR_NO_SOCKET', {}],
      ['server-create', { port: 70000 }, option, {}],
      ['server-stop', { id: -1, reason: 'x'.repeat(124) }, option, { clients: [] }],
      ['server-send', { id: -1, message: null }, option, { statuses: [] }],
      ['server-send', { id: -1, message: 'x', uri: 5 }, option, { statuses: [] }],
      ['server-tag', { id: -1, add: 'x' }, option, { tagged: 0 }],
      ['server-tag', { id: -1, all: true }, option, { tagged: 0 }],
      ['server-disconnect', { id: -1 }, option, { closed: 0 }],
      ['server-disconnect', { id: -1, all: true, code: 1005 }, option, { closed: 0 }],
      ['server-clear', { id: 9 }, 'ERR_NO_SOCKET', {}],
    ];
    for (const [type, payload, code, others] of refused) {
      it(`${type} ${JSON.stringify(payload).slice(0, 60)}`, async () => {
        const flow = await run([
          { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/' },
          { id: 's', type: 'ix-server', port: 0 },
          { id: 'n', type: `ix-${type}` },
        ]);
        const { errorStr, errorCode, success, ...rest } = (await flow.command('n', payload)).payload;
        assert.deepEqual([success, errorCode], [false, code]);
        isSentence(errorStr);
        assert.deepEqual(rest, others);
      });
    }
  });

  describe('an option of the wrong type or out of range is ERR_OPTION, which names it, what it must be and what came', () => {
    const wrong: readonly (readonly [side: 'client' | 'server', option: string, value: unknown, must: RegExp, came: string])[] = [
      ['client', 'URL', 'ftp://x/', /ws:\/\//, 'ftp://x/'],
      ['client', 'URL', 5, /URL/, '5'],
      ['client', 'headers', 'x', /object/, 'a string of 1 characters'],
      ['client', 'pingInterval', -1, /0/, '-1'],
      ['client', 'pingInterval', 'often', /number/, 'often'],
      ['client', 'enablePong', 'yes', /true or false/, 'yes'],
      ['client', 'enableAutomaticReconnection', 1, /true or false/, '1'],
      ['client', 'maxWaitBetweenReconnectionRetries', 99, /100/, '99'],
      ['client', 'perMessageDeflateOptions', { clientMaxWindowBits: 16 }, /15/, '16'],
      ['client', 'subProtocols', ['a b'], /subprotocol/, 'list'],
      ['client', 'maxPayload', -1, /0/, '-1'],
      ['client', 'handshakeTimeoutSecs', 0, /above 0/, '0'],
      ['server', 'port', 65536, /65535/, '65536'],
      ['server', 'port', 1.5, /whole/, '1.5'],
      ['server', 'addressFamily', 5, /IPv4/, '5'],
      ['server', 'host', '::1', /IPv4/, '::1'],
      ['server', 'backlog', 'x', /number/, 'x'],
      ['server', 'maxConnections', -5, /0/, '-5'],
    ];
    for (const [side, option, value, must, came] of wrong) {
      it(`${option} ${JSON.stringify(value)} of a ${side}`, async () => {
        const flow = await run(nodesOf(side, 'create'));
        const { errorCode, errorStr } = (await flow.command('create', { [option]: value })).payload;
        assert.equal(errorCode, 'ERR_OPTION');
        isSentence(errorStr);
        assert.ok(errorStr.includes(option), errorStr);
        assert.match(errorStr, must);
        assert.ok(errorStr.includes(came), errorStr);
        // Nothing was created: the id is still free.
        assert.equal(Math.abs((await flow.command('create', {})).payload.id), 1);
      });
    }

    it('texts that hold a number or a boolean are read as such', async () => {
      const flow = await client();
      await flow.command('create', {
        pingInterval: '30',
        enableAutomaticReconnection: 'false',
        maxWaitBetweenReconnectionRetries: ' 500 ',
      });
      const { pingInterval, automaticReconnectionEnabled, maxWaitBetweenReconnectionRetries } = (await flow.command('create', { id: 1 }))
        .payload;
      assert.deepEqual([pingInterval, automaticReconnectionEnabled, maxWaitBetweenReconnectionRetries], [30, false, 500]);
    });
  });

  describe('stop checks code and reason before anything is closed', () => {
    for (const wrong of [
      { code: 999 },
      { code: 1004 },
      { code: 1005 },
      { code: 1006 },
      { code: 1015 },
      { code: 2999 },
      { code: 5000 },
      { code: 'x' },
      { reason: 'é'.repeat(62) },
      { reason: 5 },
    ]) {
      it(JSON.stringify(wrong).slice(0, 40), async () => {
        const peer = await wsServer();
        const flow = await connected(peer.url);
        assert.equal((await flow.command('stop', { id: 1, ...wrong })).payload.errorCode, 'ERR_OPTION');
        assert.equal((await flow.command('create', { id: 1 })).payload.readyState, 'open');
      });
    }
  });

  describe('stop sends code and reason', () => {
    for (const [given, seen] of [
      [{}, { code: 1000, reason: 'Normal closure' }],
      [{ code: 1003 }, { code: 1003, reason: 'Normal closure' }],
      [
        { code: '3000', reason: 'é'.repeat(61) },
        { code: 3000, reason: 'é'.repeat(61) },
      ],
      [
        { code: 4999, reason: '' },
        { code: 4999, reason: '' },
      ],
    ] as const) {
      it(`client stop ${JSON.stringify(given).slice(0, 40)}`, async () => {
        const peer = await wsServer();
        const flow = await connected(peer.url);
        await flow.command('stop', { id: 1, ...given });
        assert.deepEqual(await (await peer.peers.take()).closes.take(), seen);
      });
      it(`server stop ${JSON.stringify(given).slice(0, 40)}`, async () => {
        const { flow, uri } = await listening();
        const peers = [await wsClient(uri), await wsClient(uri)];
        await flow.command('stop', { id: -1, ...given });
        for (const peer of peers) assert.deepEqual(await peer.closes.take(), seen);
      });
    }
  });
});
