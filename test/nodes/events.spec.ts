import assert from 'node:assert/strict';
import { certs } from '../helpers/certs';
import { type Flow, type Item, type Msg, run } from '../helpers/flow';
import { closeBody } from '../helpers/frames';
import {
  httpServer,
  lines,
  type Peer,
  rawClient,
  rawServer,
  readAll,
  tcpClient,
  upgradeRequest,
  wsClient,
  wsServer,
} from '../helpers/peers';
import { inNodeRed, nodesOf, until, waitQuietly } from './suite';

const types = { Message: 0, Open: 1, Close: 2, Error: 3 } as const;

/** Asserts everything but the payload of the next event of an events node. @returns the payload. */
async function next(flow: Flow, node: string, event: keyof typeof types, socket: number, method = ''): Promise<Msg> {
  const { _msgid, payload, topic, _session, ...rest } = await flow.out(`${node}.${types[event]}`).take(`${event} of ${node}`);
  assert.equal(topic, payload.uri === undefined ? topic : payload.uri.split('?')[0], 'msg.topic');
  assert.deepEqual(_session, event === 'Message' && socket < 0 ? { type: 'ix', id: payload.client } : undefined);
  assert.deepEqual(rest, { type: types[event], event, socket, method });
  return payload;
}
const isText = (value: unknown) => typeof value === 'string' && value.length > 0;

/** Starts a client of the flow that does not reconnect, connected to `url`, with its events node. */
async function client(url: string, options: Msg = {}, more: Item[] = []): Promise<Flow> {
  const flow = await run([
    { id: 'c', type: 'ix-client', URL: url, enableAutomaticReconnection: false, ...options },
    ...nodesOf('client', 'start stop send', 'c'),
    { id: 'e', type: 'ix-client-events', client: 'c' },
    ...more,
  ]);
  assert.equal((await flow.command('start')).payload.success, true);
  return flow;
}
/** Starts a server of the flow, with its events node. */
async function server(options: Msg = {}, more: Item[] = []): Promise<{ flow: Flow; uri: string; port: number }> {
  const flow = await run([
    { id: 's', type: 'ix-server', port: 0, ...options },
    ...nodesOf('server', 'start stop send', 's'),
    { id: 'e', type: 'ix-server-events', server: 's' },
    ...more,
  ]);
  const { uri, port } = (await flow.command('start')).payload;
  return { flow, uri, port };
}
/** Returns the address of a peer in the events of a server. */
const originOf = ({ ws }: Peer, uri: string) => ({
  uri,
  remoteIp: '127.0.0.1',
  remotePort: (ws as unknown as { _socket: { localPort: number } })._socket.localPort,
});

describe('events', () => {
  inNodeRed();

  describe('of a client: { type, event, socket, method, payload }, each out of its own port', () => {
    it('Open: { uri, headers, protocol }', async () => {
      const raw = await rawServer({ headers: ['X-oDD-Spelling: Yes', 'Sec-WebSocket-Protocol: p'] });
      const flow = await client(`${raw.url}a?b=c`, { subProtocols: ['p'] });
      const { headers, ...rest } = await next(flow, 'e', 'Open', 1);
      assert.deepEqual(rest, { uri: '/a?b=c', protocol: 'p' });
      assert.equal(headers['X-oDD-Spelling'], 'Yes');
    });

    it('Message: { str, binary, wireSize }', async () => {
      const peer = await wsServer();
      const flow = await client(peer.url);
      const far = await peer.peers.take();
      for (const [data, wireSize] of [
        ['é€', 5],
        ['', 0],
        [Buffer.from([0, 255]), 2],
        [Buffer.alloc(0), 0],
      ] as const) {
        far.ws.send(data);
        assert.deepEqual(await next(flow, 'e', 'Message', 1), { str: data, binary: typeof data !== 'string', wireSize });
      }
    });

    it('Message, compressed: wireSize is the compressed size', async () => {
      const peer = await wsServer({ perMessageDeflate: { threshold: 0 } });
      const flow = await client(peer.url, { enablePerMessageDeflate: true });
      const text = 'compress me '.repeat(1000);
      (await peer.peers.take()).ws.send(text);
      const { str, wireSize } = await next(flow, 'e', 'Message', 1);
      assert.equal(str, text);
      assert.ok(wireSize > 0 && wireSize < 200, String(wireSize));
    });

    it('Close: { code, reason, remote }', async () => {
      const peer = await wsServer();
      const flow = await client(peer.url);
      (await peer.peers.take()).ws.close(4001, 'théir reason');
      assert.deepEqual(await next(flow, 'e', 'Close', 1), { code: 4001, reason: 'théir reason', remote: true });
    });

    it('Error: { retries, wait_time, http_status, reason, decompressionError }', async () => {
      const port = await httpServer((_, response) => response.writeHead(503).end());
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, autoStart: true },
        { id: 'e', type: 'ix-client-events', client: 'c' },
      ]);
      const { reason, ...rest } = await next(flow, 'e', 'Error', 1);
      assert.deepEqual(rest, { retries: 1, wait_time: 100, http_status: 503, decompressionError: false });
      assert.match(reason, /503/);
    });
  });

  describe('of a server: the same, and which connection it is about', () => {
    it('Open: { uri, headers, protocol, remoteIp, remotePort, client }, with the headers of the request', async () => {
      const { flow, uri } = await server({ subProtocols: ['p'] });
      const peer = await wsClient(`${uri}/a?b=c`, ['p'], { headers: { 'X-oDD-Spelling': 'Yes' } });
      const { headers, client, ...rest } = await next(flow, 'e', 'Open', -1);
      assert.deepEqual(rest, { ...originOf(peer, '/a?b=c'), protocol: 'p' });
      assert.equal(headers['X-oDD-Spelling'], 'Yes');
      assert.ok(isText(client));
    });

    it('Message: { str, binary, wireSize, uri, remoteIp, remotePort, client }', async () => {
      const { flow, uri } = await server();
      const peer = await wsClient(`${uri}/a`);
      const { client } = await next(flow, 'e', 'Open', -1);
      for (const [data, wireSize] of [
        ['é€', 5],
        [Buffer.from([0, 255]), 2],
      ] as const) {
        peer.ws.send(data, { compress: false });
        assert.deepEqual(await next(flow, 'e', 'Message', -1), {
          str: data,
          binary: typeof data !== 'string',
          wireSize,
          client,
          ...originOf(peer, '/a'),
        });
      }
    });

    it('Close: { code, reason, remote, uri, remoteIp, remotePort, client }', async () => {
      const { flow, uri } = await server();
      const peer = await wsClient(`${uri}/a`);
      const origin = originOf(peer, '/a');
      const { client } = await next(flow, 'e', 'Open', -1);
      peer.ws.close(4001, 'their reason');
      assert.deepEqual(await next(flow, 'e', 'Close', -1), { code: 4001, reason: 'their reason', remote: true, client, ...origin });
    });

    it('Error of an open connection: { retries: 0, wait_time: 0, http_status, reason, decompressionError, uri, remoteIp, remotePort, client }', async () => {
      const { flow, port } = await server();
      const raw = await rawClient(port, { path: '/a' });
      const { client, remotePort } = await next(flow, 'e', 'Open', -1);
      raw.send(1, 'not masked', { masked: false });
      const { reason, ...rest } = await next(flow, 'e', 'Error', -1);
      assert.deepEqual(rest, {
        retries: 0,
        wait_time: 0,
        http_status: 0,
        decompressionError: false,
        uri: '/a',
        remoteIp: '127.0.0.1',
        remotePort,
        client,
      });
      assert.ok(isText(reason));
    });

    it('a connection refused at the upgrade is an Error', async () => {
      const { flow, port } = await server();
      const socket = await tcpClient(port);
      const { localPort } = socket;
      socket.write(upgradeRequest('/a').replace('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 7'));
      assert.match(await readAll(socket), /^HTTP\/1\.1 4\d\d /);
      const { reason, ...rest } = await next(flow, 'e', 'Error', -1);
      assert.deepEqual(rest, {
        retries: 0,
        wait_time: 0,
        http_status: 400,
        decompressionError: false,
        count: 1,
        uri: '/a',
        remoteIp: '127.0.0.1',
        remotePort: localPort,
      });
      assert.ok(isText(reason));
    });

    it('a connection over the limit is closed at once, and an Error', async () => {
      const { flow, uri, port } = await server({ maxConnections: 1 });
      await wsClient(uri);
      const socket = await tcpClient(port);
      const { localPort } = socket;
      assert.equal(await readAll(socket), '');
      const { reason, ...rest } = await next(flow, 'e', 'Error', -1);
      assert.deepEqual(rest, {
        retries: 0,
        wait_time: 0,
        http_status: 0,
        decompressionError: false,
        count: 1,
        remoteIp: '127.0.0.1',
        remotePort: localPort,
      });
      assert.match(reason, /maxConnections/);
    });

    it('a failed TLS handshake is an Error', async () => {
      const { certFile, keyFile } = certs().server;
      const { flow, port } = await server({ tls: true, certFile, keyFile });
      const socket = await tcpClient(port);
      const { localPort } = socket;
      socket.write(lines('GET / HTTP/1.1', 'Host: x'));
      await readAll(socket);
      const { reason, ...rest } = await next(flow, 'e', 'Error', -1);
      assert.deepEqual(rest, {
        retries: 0,
        wait_time: 0,
        http_status: 0,
        decompressionError: false,
        count: 1,
        remoteIp: '127.0.0.1',
        remotePort: localPort,
      });
      assert.match(reason, /TLS handshake/);
    });

    it('a connection that says nothing is dropped after handshakeTimeoutSecs, and an Error', async () => {
      const { flow, port } = await server({ handshakeTimeoutSecs: 0.1 });
      assert.equal(await readAll(await tcpClient(port)), '');
      assert.match((await next(flow, 'e', 'Error', -1)).reason, /handshakeTimeoutSecs/);
    });

    it('a plain HTTP request is answered 426, and is not an event', async () => {
      const { flow, port } = await server();
      assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 426);
      await waitQuietly(20);
      for (const port of [0, 1, 2, 3]) assert.ok(flow.out(`e.${port}`).isEmpty);
    });
  });

  describe('a Close says the code and the reason that really decided', () => {
    const ends: readonly (readonly [name: string, end: (far: Peer) => void, payload: Msg])[] = [
      ['the peer closed with a code', ({ ws }) => ws.close(1001, 'away'), { code: 1001, reason: 'away', remote: true }],
      ['the peer closed without a code', ({ ws }) => ws.close(), { code: 1005, reason: 'No status code', remote: true }],
      ['the peer went without a frame', ({ ws }) => ws.terminate(), { code: 1006, reason: 'Abnormal closure', remote: false }],
    ];
    for (const [name, end, payload] of ends) {
      it(name, async () => {
        const peer = await wsServer();
        const { flow, uri } = await server({}, [
          { id: 'c', type: 'ix-client', URL: peer.url, enableAutomaticReconnection: false },
          { id: 'go', type: 'ix-client-start', client: 'c' },
          { id: 'ce', type: 'ix-client-events' },
        ]);
        await flow.command('go');
        end(await peer.peers.take());
        assert.deepEqual(await next(flow, 'ce', 'Close', 1), payload);
        end(await wsClient(uri));
        const { code, reason, remote } = await next(flow, 'e', 'Close', -1);
        assert.deepEqual({ code, reason, remote }, payload);
      });
    }

    it('we closed: ours, on both sides', async () => {
      const { flow, uri } = await server();
      await wsClient(uri);
      await flow.command('stop', { code: 4002, reason: 'ours' });
      const { code, reason, remote } = await next(flow, 'e', 'Close', -1);
      assert.deepEqual({ code, reason, remote }, { code: 4002, reason: 'ours', remote: false });
    });

    it('clear of a server: each of its connections has its Close', async () => {
      const { flow, uri } = await server({}, [{ id: 'clear', type: 'ix-server-clear', server: 's' }]);
      await wsClient(uri);
      await wsClient(uri);
      await flow.command('clear');
      for (let i = 0; i < 2; i++) assert.equal((await next(flow, 'e', 'Close', -1)).code, 1000);
    });

    it('stop of a stopped socket emits nothing', async () => {
      const { flow, uri } = await server();
      await wsClient(uri);
      await flow.command('stop');
      await next(flow, 'e', 'Close', -1);
      assert.equal((await flow.command('stop')).payload.success, true);
      for (const port of [0, 2, 3]) assert.ok(flow.out(`e.${port}`).isEmpty);
    });

    it('we closed and the peer answered with another code: ours', async () => {
      const raw = await rawServer();
      const flow = await client(raw.url);
      const far = await raw.peers.take();
      const stopped = flow.command('stop', { code: 4002, reason: 'ours' });
      await far.close();
      far.send(8, closeBody(4999, 'theirs'));
      far.socket.end();
      await stopped;
      assert.deepEqual(await next(flow, 'e', 'Close', 1), { code: 4002, reason: 'ours', remote: false });
    });

    const violations: readonly (readonly [
      name: string,
      frame: (send: Awaited<ReturnType<typeof rawClient>>['send']) => void,
      code: number,
      options?: Msg,
    ])[] = [
      ['an unknown opcode', (send) => send(3), 1002],
      ['a reserved bit', (send) => send(1, 'x', { rsv: 2 }), 1002],
      ['text that is not UTF-8', (send) => send(1, Buffer.from([0xff])), 1007],
      ['a message larger than maxPayload', (send) => send(2, Buffer.alloc(101)), 1009, { maxPayload: 100 }],
    ];
    for (const [name, frame, code, options] of violations) {
      it(`${name}: the code that we sent, ${code}, with a reason in words, and an Error before it`, async () => {
        const raw = await rawServer();
        const flow = await client(raw.url, options);
        const far = await raw.peers.take();
        frame(far.send.bind(far));
        assert.equal((await far.close()).code, code);
        far.socket.end();
        const error = await next(flow, 'e', 'Error', 1);
        const close = await next(flow, 'e', 'Close', 1);
        assert.deepEqual([close.code, close.remote], [code, false]);
        assert.ok(isText(error.reason) && isText(close.reason));
        assert.equal(error.decompressionError, false);
      });
    }

    it('compressed rubbish: decompressionError is true', async () => {
      const { flow, port } = await server();
      const raw = await rawClient(port, { headers: ['Sec-WebSocket-Extensions: permessage-deflate'] });
      raw.send(1, Buffer.alloc(20, 0xff), { rsv: 4 });
      assert.equal((await next(flow, 'e', 'Error', -1)).decompressionError, true);
      assert.equal((await next(flow, 'e', 'Close', -1)).code, 1007);
    });
  });

  describe('recipients of a message', () => {
    it('a node that names a config node receives its events; without one it receives those of every socket of its side, later ones too', async () => {
      const peer = await wsServer();
      const { flow, uri } = await server({}, [
        { id: 's2', type: 'ix-server', port: 0 },
        { id: 'start 2', type: 'ix-server-start', server: 's2' },
        { id: 'all servers', type: 'ix-server-events' },
        { id: 'all clients', type: 'ix-client-events' },
        { id: 'make', type: 'ix-client-create' },
        { id: 'go', type: 'ix-client-start' },
      ]);
      const uri2 = (await flow.command('start 2')).payload.uri;
      await wsClient(uri);
      await next(flow, 'all servers', 'Open', -1);
      await wsClient(uri2);
      await next(flow, 'all servers', 'Open', -2);
      const { id } = (await flow.command('make', { URL: peer.url })).payload;
      await flow.command('go', { id });
      await next(flow, 'all clients', 'Open', id);
      await next(flow, 'e', 'Open', -1);
      await waitQuietly(20);
      for (const node of ['e', 'all servers', 'all clients']) assert.ok(flow.out(`${node}.1`).isEmpty, node);
    });

    it('every events node gets objects of its own: what one flow does to them no other sees', async () => {
      const { flow, uri } = await server({}, [
        { id: 'e2', type: 'ix-server-events', server: 's' },
        { id: 'd1', type: 'ix-server-events', output: 'data' },
        { id: 'd2', type: 'ix-server-events', output: 'data' },
        { id: 'j1', type: 'ix-server-events', output: 'json' },
        { id: 'j2', type: 'ix-server-events', output: 'json' },
      ]);
      const peer = await wsClient(uri);
      peer.ws.send('{"deep":{"list":[1]}}');
      peer.ws.send(Buffer.from('[1]'));
      for (const [one, other] of [
        ['e', 'e2'],
        ['d1', 'd2'],
        ['j1', 'j2'],
      ]) {
        for (const port of [1, 0, 0]) {
          const [a, b] = [await flow.out(`${one}.${port}`).take(), await flow.out(`${other}.${port}`).take()];
          const objects = (value: unknown, found = new Set<unknown>()): Set<unknown> => {
            if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return found;
            found.add(value);
            for (const inner of Object.values(value)) objects(inner, found);
            return found;
          };
          const shared = [...objects(a)].filter((object) => objects(b).has(object));
          assert.deepEqual(shared, [], `${one} and ${other}, port ${port}`);
        }
      }
    });

    it('the method: empty, a node always emits; a name, only while it is the one that is set', async () => {
      const { flow, uri } = await server({}, [
        { id: 'a', type: 'ix-server-events', server: 's', method: 'a' },
        { id: 'b', type: 'ix-server-events', method: 'b' },
        { id: 'set', type: 'ix-set-method' },
      ]);
      const peer = await wsClient(uri);
      await next(flow, 'e', 'Open', -1, '');
      const hear = async (method: string) => {
        await flow.command('set', method);
        peer.ws.send(method);
        assert.equal((await next(flow, 'e', 'Message', -1, method)).str, method);
      };
      for (const method of ['a', 'b', '', 'A', 'a']) await hear(method);
      assert.equal((await next(flow, 'a', 'Message', -1, 'a')).str, 'a');
      assert.equal((await next(flow, 'b', 'Message', -1, 'b')).str, 'b');
      assert.equal((await next(flow, 'a', 'Message', -1, 'a')).str, 'a');
      await waitQuietly(20);
      assert.ok(flow.out('a.0').isEmpty && flow.out('b.0').isEmpty && flow.out('a.1').isEmpty);
    });

    it('pings, pongs and fragments are not emitted', async () => {
      const { flow, port } = await server({ pingInterval: 60 });
      const raw = await rawClient(port);
      await next(flow, 'e', 'Open', -1);
      raw.send(9, 'ping');
      raw.send(1, 'he', { fin: false });
      raw.send(9, 'ping');
      raw.send(10, 'pong');
      raw.send(0, 'l', { fin: false });
      raw.send(0, 'lo');
      assert.equal((await next(flow, 'e', 'Message', -1)).str, 'hello');
      const opcodes = [
        (await raw.frames.take('a ping of ours')).opcode,
        (await raw.frames.take('a pong of ours')).opcode,
        (await raw.frames.take('another')).opcode,
      ];
      assert.deepEqual(opcodes, [9, 10, 10]);
      for (const port of [0, 1, 2, 3]) assert.ok(flow.out(`e.${port}`).isEmpty, `port ${port}`);
    });
  });

  describe('Message as', () => {
    for (const [output, shape] of [
      ['data', (text: string) => text],
      ['json', (text: string) => JSON.parse(text)],
      ['auto', (text: string) => JSON.parse(text)],
    ] as const) {
      it(`${output}: msg.payload is the bare value, the event object is in msg.details`, async () => {
        const { flow, uri } = await server({}, [{ id: 'd', type: 'ix-server-events', output }]);
        const peer = await wsClient(`${uri}/a`);
        const open = await flow.out('d.1').take('Open');
        for (const text of ['{"a":1}', '5', '"text"', 'null', '[]']) {
          peer.ws.send(text);
          const { _msgid, details, ...rest } = await flow.out('d.0').take('Message');
          const _session = { type: 'ix', id: details.client };
          assert.deepEqual(rest, { type: 0, event: 'Message', socket: -1, method: '', topic: '/a', _session, payload: shape(text) });
          assert.deepEqual(details, await next(flow, 'e', 'Message', -1));
        }
        assert.deepEqual(open.payload, await next(flow, 'e', 'Open', -1));
        assert.deepEqual(open.details, open.payload);
      });
    }

    it('auto: text that is not JSON stays text, and bytes stay a Buffer', async () => {
      const { flow, uri } = await server({}, [{ id: 'a', type: 'ix-server-events', output: 'auto' }]);
      const { ws } = await wsClient(uri);
      for (const data of ['hello', '{"a":', '', 'true story', Buffer.from('{}')]) {
        ws.send(data);
        assert.deepEqual((await flow.out('a.0').take()).payload, data);
      }
      assert.ok(flow.out('a.3').isEmpty);
    });

    it('message: a JSON object becomes the message, with the socket and the session of ours', async () => {
      const { flow, uri } = await server({}, [{ id: 'm', type: 'ix-server-events', output: 'message' }]);
      const { ws } = await wsClient(uri);
      const { client } = await next(flow, 'e', 'Open', -1);
      const own = { socket: -1, _session: { type: 'ix', id: client } };
      for (const [data, expected] of [
        ['{"topic":"t","payload":{"a":1},"socket":-9,"_session":{"id":"other"}}', { topic: 't', payload: { a: 1 } }],
        ['[1]', { payload: [1] }],
        ['5', { payload: 5 }],
        ['text', { payload: 'text' }],
      ] as const) {
        ws.send(data);
        const { _msgid, ...message } = await flow.out('m.0').take();
        assert.equal(typeof _msgid, 'string');
        assert.deepEqual(JSON.parse(JSON.stringify(message)), { ...expected, ...own });
      }
    });

    for (const [output, data, echo] of [
      ['event', 'hello', 'hello'],
      ['data', 'hello', 'hello'],
      ['json', '{"message":"x","tag":"all","id":-2,"client":"other"}', undefined],
      ['auto', '{"str":"x","uri":"/b"}', undefined],
      ['message', '{"payload":"x","details":{"client":"other"},"socket":-2}', 'x'],
      ['message', '{"payload":{"message":"x","tag":"t","client":"other","all":true,"id":-2}}', 'x'],
    ] as const) {
      it(`${output}: ${data} of a peer, wired into a send node, is an echo to its sender alone`, async () => {
        const { flow, uri } = await server({}, [{ id: 'm', type: 'ix-server-events', server: 's', output, wires: [['send'], [], [], []] }]);
        const [one, two] = [await wsClient(uri), await wsClient(`${uri}/b`)];
        one.ws.send(data);
        const { payload } = await flow.out('send.out').take('the answer');
        assert.deepEqual([payload.success, payload.statuses.length], [true, 1]);
        assert.equal((await one.messages.take()).data, echo ?? data);
        assert.ok(two.messages.isEmpty);
      });
    }

    it('data: a binary message is the Buffer', async () => {
      const { flow, uri } = await server({}, [{ id: 'd', type: 'ix-server-events', output: 'data' }]);
      (await wsClient(uri)).ws.send(Buffer.from([1, 2]));
      const { payload, details } = await flow.out('d.0').take();
      assert.deepEqual(payload, Buffer.from([1, 2]));
      assert.equal(details.binary, true);
    });

    it('json: a binary message is parsed as UTF-8', async () => {
      const { flow, uri } = await server({}, [{ id: 'j', type: 'ix-server-events', output: 'json' }]);
      (await wsClient(uri)).ws.send(Buffer.from('{"é":[true]}'));
      assert.deepEqual((await flow.out('j.0').take()).payload, { é: [true] });
    });

    it('json: text that is not JSON comes out of the Error port, with its text and its connection, and is not lost', async () => {
      const { flow, uri } = await server({}, [{ id: 'j', type: 'ix-server-events', output: 'json' }]);
      const peer = await wsClient(`${uri}/a`);
      const { client } = await next(flow, 'e', 'Open', -1);
      const binary = Buffer.from([0xff, 0x00]);
      for (const data of ['{"a":', '', 'hello', binary]) {
        peer.ws.send(data);
        const { _msgid, details, payload, ...rest } = await flow.out('j.3').take('the Error');
        assert.deepEqual(rest, { type: 3, event: 'Error', socket: -1, method: '', topic: '/a', _session: { type: 'ix', id: client } });
        assert.deepEqual(payload.str, data);
        assert.ok(isText(payload.reason));
        const { uri, remoteIp, remotePort } = payload;
        assert.deepEqual({ uri, remoteIp, remotePort, client: payload.client }, { ...originOf(peer, '/a'), client });
        assert.deepEqual(details, await next(flow, 'e', 'Message', -1));
      }
      peer.ws.send('1');
      assert.equal((await flow.out('j.0').take()).payload, 1);
    });

    it('json of a client: the Error has its text too', async () => {
      const peer = await wsServer();
      const flow = await client(peer.url, {}, [{ id: 'j', type: 'ix-client-events', output: 'json' }]);
      (await peer.peers.take()).ws.send('no JSON');
      const { payload, details } = await flow.out('j.3').take();
      assert.equal(payload.str, 'no JSON');
      assert.deepEqual(details, { str: 'no JSON', binary: false, wireSize: 7 });
    });
  });

  describe('in batches', () => {
    const batching = (more: Msg = {}): Item[] => [
      { id: 'b', type: 'ix-server-events', server: 's', batchSize: 3, batchMs: 60000, ...more },
    ];

    it('a full batch is one message: a list of payloads, in order, and how many', async () => {
      const { flow, uri } = await server({}, batching());
      const peer = await wsClient(uri);
      for (const text of ['1', '2', '3', '4']) peer.ws.send(text);
      const { _msgid, payload, ...rest } = await flow.out('b.0').take('a batch');
      assert.deepEqual(JSON.parse(JSON.stringify(rest)), { type: 0, event: 'Message', socket: -1, method: '', topic: '/', batch: 3 });
      const single = [await next(flow, 'e', 'Message', -1), await next(flow, 'e', 'Message', -1), await next(flow, 'e', 'Message', -1)];
      assert.deepEqual(payload, single);
      assert.ok(flow.out('b.0').isEmpty);
    });

    for (const [batchSize, batchMs] of [
      [1, ''],
      [2.5, ''],
      ['many', ''],
      [3, 0],
      [3, 60001],
    ]) {
      it(`${JSON.stringify({ batchSize, batchMs })} is reported in red, and nothing is lost: each message comes on its own`, async () => {
        const { flow, uri } = await server({}, batching({ batchSize, batchMs }));
        assert.equal(
          flow.statuses.find(({ id, status }) => id === 'b' && status.fill === 'red')?.status.text,
          'ix-websocket.failures.option',
        );
        (await wsClient(uri)).ws.send('1');
        const { payload, batch } = await flow.out('b.0').take('a message');
        assert.deepEqual([payload.str, batch], ['1', undefined]);
      });
    }

    it('are off if both fields are empty, as the editor saves them', async () => {
      const { flow, uri } = await server({}, batching({ batchSize: '', batchMs: '' }));
      (await wsClient(uri)).ws.send('1');
      const { payload, batch } = await flow.out('b.0').take('a message');
      assert.deepEqual([payload.str, batch], ['1', undefined]);
      assert.equal(
        flow.statuses.some(({ id, status }) => id === 'b' && status.fill === 'red'),
        false,
      );
    });

    it('one of many bytes is sent before it is full', async () => {
      const { flow, uri } = await server({}, batching({ batchSize: 1000 }));
      const peer = await wsClient(uri);
      for (let i = 0; i < 6; i++) peer.ws.send(Buffer.alloc(1_000_000));
      assert.equal((await flow.out('b.0').take('a batch of 4 MiB')).batch, 5);
    });

    it('one that is not full is sent after its time', async () => {
      const timed = await server({}, batching({ batchMs: 30 }));
      (await wsClient(timed.uri)).ws.send('1');
      assert.equal((await timed.flow.out('b.0').take('a small batch')).batch, 1);
    });

    it('one that is not full is sent before any other event', async () => {
      const { flow, uri } = await server({}, [
        {
          id: 'b',
          type: 'ix-server-events',
          server: 's',
          output: 'data',
          batchSize: '3',
          batchMs: '60000',
          wires: [['all'], ['all'], ['all'], ['all']],
        },
        { id: 'all', type: 'helper' },
      ]);
      const peer = await wsClient(uri);
      peer.ws.send('1');
      peer.ws.send('2');
      peer.ws.close();
      const order = [await flow.out('all').take(), await flow.out('all').take(), await flow.out('all').take()];
      assert.deepEqual(
        order.map(({ event }) => event),
        ['Open', 'Message', 'Close'],
      );
      assert.deepEqual(order[1]?.payload, ['1', '2']);
      assert.deepEqual(
        order[1]?.details.map(({ str }: Msg) => str),
        ['1', '2'],
      );
    });

    it('wired into a send node each of its messages is sent, and the answer lists their statuses', async () => {
      const { flow, uri } = await server({}, [
        { id: 'b', type: 'ix-server-events', server: 's', batchSize: 3, batchMs: 60000, wires: [['send'], [], [], []] },
      ]);
      const peer = await wsClient(uri);
      for (const text of ['1', '2', '3']) peer.ws.send(text);
      for (const text of ['1', '2', '3']) assert.equal((await peer.messages.take()).data, text);
      const { payload } = await flow.out('send.out').take();
      assert.deepEqual(
        payload.map(({ success }: Msg) => success),
        [true, true, true],
      );
      assert.equal(flow.dones('send').length, 1);
    });

    it('a list is JSON for a send node, whatever other properties the message has', async () => {
      const { flow, uri } = await server();
      const peer = await wsClient(uri);
      await flow.command('send', [1, 2], { batch: 'a property of the flow' });
      assert.equal((await peer.messages.take()).data, '[1,2]');
    });

    it('a list with holes is answered too', async () => {
      const { flow, uri } = await server();
      await wsClient(uri);
      await flow.command('send', new Array(3), { batch: 3 });
      assert.equal(flow.dones('send').length, 1);
    });
  });

  describe('in order, none twice, none lost:', () => {
    it('what a peer sends in the same breath as its handshake comes after the Open', async () => {
      const flows = await wsServer();
      flows.peers.take().then(
        ({ ws }) => {
          for (let i = 0; i < 20; i++) ws.send(String(i));
          ws.close(1000, 'done');
        },
        () => {},
      );
      const order: string[] = [];
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: flows.url, enableAutomaticReconnection: false },
        { id: 'go', type: 'ix-client-start', client: 'c' },
        { id: 'e', type: 'ix-client-events', client: 'c', wires: [['all'], ['all'], ['all'], ['all']] },
        { id: 'all', type: 'helper' },
      ]);
      await flow.command('go');
      for (let i = 0; i < 22; i++) {
        const { event, payload } = await flow.out('all').take(`event ${i}`);
        order.push(event === 'Message' ? payload.str : event);
      }
      assert.deepEqual(order, ['Open', ...Array.from({ length: 20 }, (_, i) => String(i)), 'Close']);
    });

    for (const side of ['client', 'server'] as const) {
      it(`a burst of 100,000 messages sent in one go to a ${side} comes complete and in order`, async function () {
        this.timeout(60000);
        const count = 100000;
        const peer = await wsServer();
        const burst = (far: Peer) => {
          for (let i = 0; i < count; i++) far.ws.send(String(i));
        };
        let flow: Flow;
        if (side === 'client') {
          flow = await client(peer.url);
          flow.unspied();
          burst(await peer.peers.take());
        } else {
          const started = await server();
          flow = started.flow;
          flow.unspied();
          burst(await wsClient(started.uri, [], { perMessageDeflate: false }));
        }
        const { all } = flow.out('e.0');
        await until(() => all.length >= count, 'all messages', 50000);
        await waitQuietly(50);
        assert.equal(all.length, count);
        const wrong = all.findIndex(({ payload }, i) => payload.str !== String(i));
        assert.equal(wrong, -1);
      });
    }
  });
});
