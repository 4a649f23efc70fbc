import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Item, type Msg, nodeRedServer, run } from '../helpers/flow';
import { collectGarbage } from '../helpers/heap';
import { httpServer, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, waitQuietly } from './suite';

/** Each test has a bridge of its own: the queues of a bridge survive a deploy. */
let bridges = 0;
const bridge = (more: Msg = {}): Item => ({ id: `b${bridges}`, type: 'ix-4d-bridge', hosts: '127.0.0.1', wires: [['out']], ...more });
const flowOf = (more: Msg = {}, others: Item[] = []): Item[] => [bridge(more), { id: 'out', type: 'helper' }, ...others];
const start = (more: Msg = {}, others: Item[] = []) => {
  bridges++;
  return run(flowOf(more, others), { [`b${bridges}`]: { token: 'secret' } });
};

interface Answer {
  readonly status: number;
  readonly body: Msg;
}

interface Options {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly raw?: string | Buffer;
}

/** Calls the bridge as 4D does. */
function call(path: string, body: unknown = {}, { method = 'POST', headers = {}, raw }: Options = {}): Promise<Answer> {
  const { port } = nodeRedServer().address() as AddressInfo;
  const bytes = method === 'GET' ? '' : (raw ?? JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        host: '127.0.0.1',
        path: `/ix${path}`,
        method,
        headers: {
          Authorization: 'Bearer secret',
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(bytes),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(String(Buffer.concat(chunks))) }));
      },
    );
    request.on('error', reject);
    request.end(bytes);
  });
}

describe('ix-4d-bridge', () => {
  inNodeRed();

  it('answers the commands of the plugin, and outputs each call', async () => {
    const peer = await wsServer();
    const flow = await start();
    const { body } = await call('/client', { URL: peer.url });
    assert.equal(typeof body.run, 'string');
    const { id } = body;
    assert.equal((await call('/client/start', { id })).body.success, true);
    const { messages } = await peer.peers.take();
    assert.equal((await call('/client/send', { id, message: { $base64: 'AAE=' } })).body.payloadSize, 2);
    assert.deepEqual((await messages.take()).data, Buffer.from([0, 1]));
    assert.equal((await call('/client', { id })).body.readyState, 'open');
    assert.equal((await call('/client/clear', { id })).body.success, true);
    assert.equal((await call('/client', { id })).body.errorCode, 'ERR_NO_SOCKET');
    const first = await flow.out('out').take();
    assert.deepEqual([first.topic, first.owner, first.id, first.payload.id], ['client', '', id, id]);
  });

  it('refuses calls without the token, and all calls if it has none', async () => {
    await start();
    assert.equal((await call('/client', {}, { headers: { Authorization: 'Bearer wrong' } })).status, 401);
    assert.equal((await call('/openapi.json', {}, { method: 'GET', headers: { Authorization: '' } })).status, 401);
  });

  it('without a token refuses every call', async () => {
    await run(flowOf());
    assert.equal((await call('/client')).status, 503);
  });

  for (const [what, path, body, options, status] of [
    ['a body that is a list', '/client', [], {}, 400],
    ['a body that is not JSON', '/client', 0, { raw: '{' }, 400],
    ['an owner that is too long', '/client', { owner: 'x'.repeat(65) }, {}, 400],
    ['a host that is not in the list', '/client', { URL: 'ws://example.com/' }, {}, 403],
    ['a host in a rule of a protocol', '/client', { protocol: { answers: [{ when: {}, then: 'reconnect', URL: 'ws://e/' }] } }, {}, 403],
    ['a proxy', '/client', { proxy: 'x' }, {}, 403],
    ['a path that it does not have', '/client/fly', {}, {}, 404],
    ['another method', '/client', {}, { method: 'GET' }, 405],
    ['a body that is too large', '/client', {}, { headers: { 'Content-Length': '2000000' }, raw: 'x'.repeat(2_000_000) }, 413],
    [
      'a body that is too large after inflation',
      '/client',
      {},
      { raw: gzipSync('x'.repeat(2_000_000)), headers: { 'Content-Encoding': 'gzip' } },
      413,
    ],
    ['a form', '/client', {}, { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, 415],
    ['another encoding', '/client', {}, { headers: { 'Content-Encoding': 'br' } }, 415],
  ] as const) {
    it(`answers ${status} to ${what}`, async () => {
      await start({ maxBody: 1_000_000 });
      const answer = await call(path, body, options);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.equal(typeof answer.body.errorStr, 'string');
    });
  }

  it('follows redirects to hosts in its list only', async () => {
    const peer = await wsServer();
    await start({ hosts: '127.0.0.1' });
    for (const [host, success] of [
      ['127.0.0.1', true],
      ['localhost', false],
    ] as const) {
      const port = await httpServer((_, response) => response.writeHead(302, { Location: `ws://${host}:${peer.port}/to` }).end());
      const { id } = (await call('/client', { URL: `ws://127.0.0.1:${port}/`, followRedirects: 'any' })).body;
      const { body } = await call('/client/start', { id });
      assert.equal(body.success, success, body.errorStr);
      if (!success) assert.match(body.errorStr, /not followed: its host is not in the list of hosts/);
    }
    assert.equal(peer.peers.all.length, 1);
  });

  it('answers a caller that is still writing, with and without the token, and keeps none of it', async function () {
    this.timeout(30_000);
    await start({ maxBody: 1_000_000 });
    const { port } = nodeRedServer().address() as AddressInfo;
    const piece = Buffer.alloc(1024 * 1024, 0x20);
    /** Posts 1 MiB at a time, and returns the status and the memory that grew meanwhile, MiB. */
    const post = async (mebibytes: number, headers: Record<string, string>) => {
      collectGarbage();
      const { rss } = process.memoryUsage();
      let most = rss;
      const status = await new Promise<number>((resolve) => {
        const request = httpRequest({ port, host: '127.0.0.1', path: '/ix/client', method: 'POST', headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        request.on('error', () => resolve(0));
        let left = mebibytes;
        const write = () => {
          most = Math.max(most, process.memoryUsage().rss);
          if (left-- > 0) request.write(piece, () => setImmediate(write));
          else request.end();
        };
        write();
      });
      return { status, grown: (most - rss) / 1024 ** 2 };
    };
    const known = { Authorization: 'Bearer secret', 'Content-Type': 'application/json' };
    assert.equal((await post(20, { 'Content-Length': String(20 * piece.length) })).status, 401);
    assert.equal((await post(20, { ...known, 'Content-Length': String(20 * piece.length) })).status, 413);
    assert.equal((await post(20, { ...known, 'Transfer-Encoding': 'chunked' })).status, 413);
    const { status, grown } = await post(100, { 'Content-Length': String(100 * piece.length) });
    assert.equal(status, 401);
    assert.ok(grown < 40, `${grown} MiB`);
  });

  it('understands gzip', async () => {
    await start();
    const raw = gzipSync('{"port":0}');
    assert.equal((await call('/server', {}, { raw, headers: { 'Content-Encoding': 'gzip' } })).body.id < 0, true);
  });

  it('gives each owner its own sockets only', async () => {
    await start();
    const { id } = (await call('/server', { owner: 'a', port: 0 })).body;
    assert.equal((await call('/server/start', { owner: 'b', id })).body.errorCode, 'ERR_NO_SOCKET');
    assert.equal((await call('/server/start', { owner: 'a', id, run: 'other' })).body.errorCode, 'ERR_NO_SOCKET');
    assert.equal((await call('/server/start', { owner: 'a', id })).body.success, true);
    const { sockets } = (await call('?owner=a', {}, { method: 'GET' })).body;
    assert.deepEqual([sockets.length, sockets[0].id, sockets[0].side, sockets[0].state], [1, id, 'server', 'open']);
    assert.equal((await call('/owner', { owner: 'a', clear: true })).body.success, true);
    assert.deepEqual((await call('?owner=a', {}, { method: 'GET' })).body.sockets, []);
  });

  it('reaches config nodes by name where the bridge lists them, and changes no option of theirs', async () => {
    const peer = await wsServer();
    const clients = [
      { id: 'c', type: 'ix-client', name: 'plc', URL: peer.url },
      { id: 'd', type: 'ix-client', name: 'other', URL: peer.url },
    ];
    await start({ reach: ['c'] }, clients);
    assert.equal((await call('/client/start', { name: 'plc' })).body.success, true);
    assert.equal((await call('/client/start', { name: 'other' })).body.errorCode, 'ERR_NO_SOCKET');
    assert.equal((await call('/client/start', { name: 'plc', URL: peer.url })).status, 403);
  });

  it('holds no more sockets than maxSockets', async () => {
    await start({ maxSockets: 1 });
    await call('/server', { port: 0 });
    assert.equal((await call('/server', { port: 0 })).body.errorCode, 'ERR_STATE');
  });

  it('hands over events by long poll, until they are acknowledged', async () => {
    await start();
    const { id, run } = (await call('/server', { port: 0 })).body;
    const { uri } = (await call('/server/start', { id })).body;
    const waiting = call('/events', { run });
    const { ws } = await wsClient(uri);
    const first = (await waiting).body;
    assert.deepEqual([first.events.length, first.events[0].event, first.events[0].seq, first.events[0].socket], [1, 'Open', 1, id]);
    ws.send('hello');
    const second = (await call('/events', { run, after: 1 })).body;
    assert.deepEqual([second.events[0].event, second.events[0].message.str], ['Message', 'hello']);
    const again = (await call('/events', { run, after: 1, wait: 0 })).body;
    assert.equal(again.events[0].seq, 2);
    assert.deepEqual((await call('/events', { run, after: 2, wait: 0 })).body.events, []);
  });

  it('hands over 9,000 events by poll in under 5 s, and each once after an absence', async function () {
    this.timeout(30_000);
    await start();
    const { id, run } = (await call('/server', { owner: 'a', port: 0 })).body;
    const { uri } = (await call('/server/start', { owner: 'a', id })).body;
    const { ws } = await wsClient(uri);
    let after = 0;
    const texts: string[] = [];
    const poll = async (wait = 5) => {
      const { events, dropped } = (await call('/events', { owner: 'a', run, after, wait })).body;
      assert.equal(dropped, 0);
      for (const { seq, event, message } of events) {
        assert.equal(seq, after + 1);
        after = seq;
        if (event === 'Message') texts.push(message.str);
      }
    };
    const begin = performance.now();
    for (let i = 0; i < 9000; i++) ws.send(`message ${i}`);
    while (texts.length < 9000) await poll();
    const seconds = (performance.now() - begin) / 1000;
    assert.ok(seconds < 5, `${seconds} s`);
    // Away: an answer that was lost is repeated, because it was not acknowledged.
    for (let i = 9000; i < 10_000; i++) ws.send(`message ${i}`);
    await call('/events', { owner: 'a', run, after, wait: 0 });
    await waitQuietly(500);
    while (texts.length < 10_000) await poll();
    assert.deepEqual(
      texts,
      Array.from({ length: 10_000 }, (_, i) => `message ${i}`),
    );
  });

  it('ends the first of two polls of an owner', async () => {
    await start();
    const first = call('/events', { wait: 20 });
    await call('/method', {}, { method: 'GET' });
    const second = call('/events', { wait: 0 });
    assert.deepEqual((await first).body.events, []);
    assert.deepEqual((await second).body.events, []);
  });

  it('clears the sockets of an owner at the end of its lease', async () => {
    await start({ leaseSecs: 0.2 });
    const { id } = (await call('/server', { port: 0 })).body;
    const kept = (await call('/server', { port: 0, keep: true })).body.id;
    const ids = async () => (await call('?owner=', {}, { method: 'GET' })).body.sockets.map((socket: Msg) => socket.id);
    assert.deepEqual(await ids(), [id, kept]);
    // A call of the owner would renew its lease, so the end cannot be polled.
    await waitQuietly(500);
    assert.deepEqual(await ids(), [kept]);
  });

  it('describes itself in OpenAPI', async () => {
    await start();
    const { body } = await call('/openapi.json', {}, { method: 'GET' });
    assert.equal(body.openapi, '3.1.0');
    assert.ok(body.paths['/client/send'].post);
  });

  it('leaves nothing open when it is deployed again, and ends the polls', async () => {
    const flow = await start();
    const { id } = (await call('/server', { port: 0 })).body;
    await call('/server/start', { id });
    const poll = call('/events', { wait: 20 });
    await call('/method', {}, { method: 'GET' });
    await flow.deploy(flowOf({ maxSockets: 5 }));
    assert.deepEqual((await poll).body.events, []);
    assert.equal((await call('/server', { id })).status === 200, true);
    assert.equal((await call('/server', { id })).body.errorCode, 'ERR_NO_SOCKET');
  });

  it('sets and gets the method', async () => {
    await start();
    assert.equal((await call('/method', { method: 'ON_WS' })).body.method, 'ON_WS');
    assert.equal((await call('/method', {}, { method: 'GET' })).body.method, 'ON_WS');
  });
});
