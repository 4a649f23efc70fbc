/** `examples/4d` in a real Node-RED, called like 4D calls it: a POST with a JSON object, a token, and a JSON object in return. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { openApi } from '../../src/bridge/openapi';
import { problemsOf } from '../helpers/json-schema';
import { Queue, within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';
import { type Answer, alike, authorized, Bridge, flow, routes, type Status, token } from './bridge';

/** A foreign WebSocket server, its received messages and its connections. */
async function listener(host = '127.0.0.1') {
  const heard = new Queue<string | Buffer>();
  const came = new Queue<WebSocket>();
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  onTeardown(() => {
    for (const peer of server.clients) peer.terminate();
    http.close();
  });
  server.on('connection', (peer) => {
    came.push(peer);
    peer.on('message', (data, isBinary) => heard.push(isBinary ? (data as Buffer) : String(data)));
  });
  await within(new Promise<void>((resolve) => http.listen(0, host, resolve)), 'the server of the test');
  const { port } = http.address() as AddressInfo;
  let connections = 0;
  http.on('connection', () => connections++);
  return { port, heard, came, tcp: () => connections, url: `ws://${host}:${port}/orders?line=3` };
}

/** A foreign WebSocket client and its received messages. */
async function connectPeer(url: string) {
  const heard = new Queue<string | Buffer>();
  const peer = new WebSocket(url);
  onTeardown(() => peer.terminate());
  peer.on('message', (data, isBinary) => heard.push(isBinary ? (data as Buffer) : String(data)));
  await within(new Promise((resolve, reject) => void peer.once('open', resolve).once('error', reject)), `the connection to ${url}`);
  return { heard, peer };
}

const keys = (status: object) => Object.keys(status).sort();
const infoKeys = [
  ...['URL', 'automaticReconnectionEnabled', 'bufferedAmount', 'maxWaitBetweenReconnectionRetries'],
  ...['perMessageDeflateOptionsEnabled', 'pingInterval', 'readyState'],
];
const sent = (size: number) => ({ success: true, compressionError: false, payloadSize: size, wireSize: size });

const guide = readFileSync(join(__dirname, '..', '..', 'docs', '4d.md'), 'utf8');
const steps = [...guide.matchAll(/```sh\nix (\S+) '(.*)'\n```\n```json\n([\s\S]*?)```/g)].map(([, route = '', body = '', answer = '']) => ({
  route,
  body,
  answer,
}));
// biome-ignore lint/suspicious/noExplicitAny: the description is JSON.
const described: any = openApi();
const schemaOf = ({ content }: { content: Record<string, { schema: object }> }) => content['application/json']?.schema;
const guidePort = closedPort();

describe('4D drives sockets over HTTP', function () {
  this.timeout(40_000);
  let bridge: Bridge;
  before(async () => {
    bridge = await Bridge.open();
  });
  after(() => bridge?.close());
  afterEach(teardown);

  it('is in a menu of its own under Import > Examples', async () => {
    const menu = async (path: string) => (await fetch(`${bridge.url}/library/examples/flows/@ix-websocket/node-red/${path}`)).text();
    const title = '01 - 4D drives sockets over HTTP';
    assert.ok(JSON.parse(await menu('')).includes('4d'), 'there is no sub-menu 4d');
    const entries = JSON.parse(await menu('4d/')).filter((entry: unknown) => typeof entry === 'object');
    assert.deepEqual(entries[0], { fn: title });
    assert.deepEqual(JSON.parse(await menu(`4d/${title}`)), flow);
  });

  describe('the clients', () => {
    it('are made, started, used, stopped and cleared, with the statuses of the plugin', async () => {
      const peer = await listener();
      await bridge.deploy('127.0.0.1');
      const { id, ...nothing } = await bridge.does('client', { URL: peer.url, headers: { 'X-From': '4D' } });
      assert.deepEqual([id > 0, nothing], [true, {}]);

      const started = await bridge.does('client/start', { id, timeout: 5 });
      assert.deepEqual(keys(started), ['headers', 'http_status', 'protocol', 'success', 'uri']);
      assert.deepEqual([started.success, started.http_status, started.uri], [true, 101, '/orders?line=3']);
      assert.equal(started.headers.Upgrade, 'websocket');

      assert.deepEqual(await bridge.does('client/send', { id, message: 'Grüße' }), sent(7));
      assert.equal(await peer.heard.take(), 'Grüße');

      const told = await bridge.does('client', { id });
      assert.deepEqual(keys(told), infoKeys);
      assert.deepEqual([told.readyState, told.URL, told.pingInterval], ['open', peer.url.replace('=3', '=***'), -1]);

      const stopped = await bridge.does('client/stop', { id, code: 4000, reason: 'That will do' });
      assert.deepEqual(keys(stopped), [...infoKeys, 'success'].sort());
      assert.deepEqual([stopped.success, stopped.readyState], [true, 'closed']);

      assert.deepEqual(await bridge.does('client/clear', { id }), { success: true });
      const gone = await bridge.does('client/send', { id, message: 'too late' });
      assert.deepEqual([gone.success, gone.payloadSize, gone.errorCode], [false, 0, 'ERR_NO_SOCKET']);
    });

    it('answer 200 with success false and a sentence when the world says no', async () => {
      const peer = await listener();
      await bridge.deploy('127.0.0.1');
      const { id } = await bridge.does('client', { URL: `ws://127.0.0.1:${await closedPort()}/` });
      const unsent = await bridge.does('client/send', { id, message: 'hello' });
      assert.deepEqual([unsent.success, unsent.payloadSize, typeof unsent.errorStr], [false, 0, 'string']);
      const refused = await bridge.does('client/start', { id });
      assert.deepEqual([refused.success, refused.http_status, refused.uri, refused.headers], [false, 0, '', {}]);
      assert.match(refused.errorStr, /refused the connection/);
      const wrong = await bridge.does('client/start', { id, URL: peer.url, pingInterval: 'soon' });
      assert.deepEqual([wrong.success, wrong.errorCode], [false, 'ERR_OPTION']);
    });

    it('of a config node need no URL, and so no host that is allowed', async () => {
      const peer = await listener();
      const held = { id: 'held', type: 'ix-client', name: 'plc', URL: peer.url, autoStart: false };
      await bridge.deploy('', { more: [held], given: { reach: ['held'] } });
      assert.equal((await bridge.does('client/start', { name: 'plc' })).success, true);
      assert.deepEqual(await bridge.does('client/send', { name: 'plc', message: '' }), sent(0));
      assert.equal(await peer.heard.take(), '');
    });
  });

  describe('the servers', () => {
    it('are made, started, used, stopped and cleared, with the statuses of the plugin', async () => {
      await bridge.deploy();
      const { id } = await bridge.does('server', { port: 0 });
      assert.ok(id < 0);
      const started = await bridge.does('server/start', { id });
      assert.deepEqual(keys(started), ['headers', 'http_status', 'port', 'success', 'uri']);
      assert.deepEqual([started.success, started.uri], [true, `ws://127.0.0.1:${started.port}`]);

      const [one, other] = [await connectPeer(`${started.uri}/one`), await connectPeer(`${started.uri}/other`)];
      const all = await bridge.does('server/send', { id, message: 'to all' });
      assert.deepEqual([all.success, all.statuses.map(({ uri }: Status) => uri)], [true, ['/one', '/other']]);
      for (const { client, uri, ...status } of all.statuses) assert.deepEqual([typeof client, status], ['string', sent(6)], uri);
      for (const { heard } of [one, other]) assert.equal(await heard.take(), 'to all');

      const some = await bridge.does('server/send', { id, uri: ['/other', '/nobody'], message: { celsius: 21.5 } });
      assert.equal(some.statuses.length, 1);
      assert.equal(await other.heard.take(), '{"celsius":21.5}');
      assert.ok(one.heard.isEmpty, 'what is for the other came to this one');

      const { clients, connections } = await bridge.does('server', { id });
      assert.deepEqual(clients, ['/one', '/other']);
      assert.deepEqual(await bridge.does('server/tag', { id, client: connections[0].client, add: 'kitchen' }), {
        tagged: 1,
        success: true,
      });
      const closed = await bridge.does('server/disconnect', { id, tag: 'kitchen', code: 4001 });
      assert.deepEqual(closed, { closed: 1, success: true });

      assert.deepEqual(await bridge.does('server/stop', { id }), { clients: [], success: true });
      assert.deepEqual(await bridge.does('server/clear', { id }), { success: true });
      assert.equal((await bridge.does('server', { id })).errorCode, 'ERR_NO_SOCKET');
    });

    it('say errStr as well when the port is in use', async () => {
      const { port } = await listener();
      await bridge.deploy();
      const { id } = await bridge.does('server', { port });
      const { success, errStr, errorStr } = await bridge.does('server/start', { id });
      assert.deepEqual([success, errStr], [false, errorStr]);
      assert.match(errStr, /in use/);
    });
  });

  it('sets the method and returns it', async () => {
    await bridge.deploy();
    assert.deepEqual(await bridge.does('method', { method: 'CB' }), { method: 'CB', success: true });
    assert.equal(await bridge.method(), 'CB');
    assert.deepEqual(await bridge.does('method', { method: '' }), { method: '', success: true });
    assert.equal((await bridge.does('method', { method: {} })).errorCode, 'ERR_OPTION');
  });

  describe('binary messages', () => {
    const bytes = Buffer.from([0, 1, 2, 0xfb, 0xff, 0xfe]);

    it('go out of a client and of a server as binary frames', async () => {
      const peer = await listener();
      await bridge.deploy('127.0.0.1');
      const { id } = await bridge.does('client', { URL: peer.url });
      await bridge.does('client/start', { id });
      // As BASE64 ENCODE writes it, with *, and in lines as other encoders do.
      const spellings = [bytes.toString('base64'), bytes.toString('base64url'), `${bytes.toString('base64').slice(0, 4)}\r\n+//+`];
      for (const $base64 of spellings) {
        assert.deepEqual(await bridge.does('client/send', { id, message: { $base64 } }), sent(6));
        assert.deepEqual(await peer.heard.take(), bytes, $base64);
      }

      const { id: server } = await bridge.does('server', { port: 0 });
      const { uri } = await bridge.does('server/start', { id: server });
      const { heard } = await connectPeer(uri);
      await bridge.does('server/send', { id: server, message: { $base64: bytes.toString('base64') } });
      assert.deepEqual(await heard.take(), bytes);
    });

    it('of no bytes are messages too, and an object that only looks like one is JSON', async () => {
      const peer = await listener();
      await bridge.deploy('127.0.0.1');
      const { id } = await bridge.does('client', { URL: peer.url });
      await bridge.does('client/start', { id });
      await bridge.does('client/send', { id, message: { $base64: '' } });
      assert.deepEqual(await peer.heard.take(), Buffer.alloc(0));
      await bridge.does('client/send', { id, message: { data: { $base64: 'AAEC' } } });
      assert.equal(await peer.heard.take(), '{"data":{"$base64":"AAEC"}}');
    });

    it('are no object of a peer, nor of a caller: a name that begins with $ has one more $ on the way', async () => {
      const peer = await listener();
      await bridge.deploy('127.0.0.1');
      const { id } = await bridge.does('client', { URL: peer.url });
      await bridge.does('client/start', { id });
      await bridge.does('client/send', { id, message: { $$base64: 'AAEC', $$$x: [{ $$y: 1 }] } });
      assert.equal(await peer.heard.take(), '{"$base64":"AAEC","$$x":[{"$y":1}]}');
      await bridge.does('client/send', { id, message: { $$base64: 'AAEC' } });
      assert.equal(await peer.heard.take(), '{"$base64":"AAEC"}');

      const { id: server } = await bridge.does('server', { port: 0 });
      const { uri } = await bridge.does('server/start', { id: server });
      await connectPeer(`${uri}/?$base64=AAEC&$$=1`);
      const { connections } = await bridge.does('server', { id: server });
      assert.deepEqual(connections[0].query, { $$base64: 'AAEC', $$$: '1' });
    });

    for (const $base64 of ['not base64!', 'A', 'AAAAA', 'AA=A', 7, null]) {
      it(`are refused with 400 when they are ${JSON.stringify($base64)}`, async () => {
        const { http, status } = await bridge.call('client/send', { id: 1, message: { $base64 } });
        assert.deepEqual([http, status.success], [400, false]);
        assert.match(status.errorStr, /base64/);
      });
    }
  });

  describe('the token', () => {
    before(() => bridge.deploy());

    const wrong: Record<string, Record<string, string>> = {
      'no header': {},
      'an empty token': { Authorization: 'Bearer ' },
      'no scheme': { Authorization: token },
      'another scheme': { Authorization: `Basic ${token}` },
      'a beginning of it': { Authorization: `Bearer ${token.slice(0, -1)}` },
      'more than it': { Authorization: `Bearer ${token}!` },
      'it twice': { Authorization: `Bearer ${token}${token}` },
      'another first letter': { Authorization: `Bearer X${token.slice(1)}` },
      'another last letter': { Authorization: `Bearer ${token.slice(0, -1)}X` },
      'capitals for small letters': { Authorization: `Bearer ${token.toUpperCase()}` },
    };
    for (const [what, headers] of Object.entries(wrong)) {
      it(`refuses ${what} with 401, and does nothing`, async () => {
        const answer = await fetch(`${bridge.url}/ix/method`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...headers },
          body: '{"method":"taken over"}',
        });
        assert.deepEqual(
          [answer.status, answer.headers.get('www-authenticate'), answer.headers.get('content-type')],
          [401, 'Bearer', 'application/json; charset=utf-8'],
        );
        const { success, errorStr } = (await answer.json()) as Status;
        assert.deepEqual([success, errorStr.includes(token)], [false, false]);
        assert.notEqual(await bridge.method(), 'taken over');
      });
    }

    it('is asked for by every command, and by whatever is none', async () => {
      for (const command of [...routes, 'fly', 'client/fly']) assert.equal((await bridge.call(command, {}, {})).http, 401, command);
    });

    it('is taken whatever the case of the scheme', async () => {
      assert.equal((await bridge.call('method', {}, { Authorization: `bearer ${token}` })).http, 200);
    });

    it('is a credential, which no flow file holds', async () => {
      const flows = await (await fetch(`${bridge.url}/flows`)).text();
      assert.equal(flows.includes(token), false);
    });

    it('must be set: without one every call is refused with 503', async () => {
      await bridge.deploy('', { credentials: { token: '' } });
      for (const headers of [authorized, {}, { Authorization: 'Bearer ' }] as Record<string, string>[]) {
        const { http, status } = await bridge.call('client', {}, headers);
        assert.deepEqual([http, status.success], [503, false]);
      }
    });

    it('is in no log', () => assert.equal(bridge.log.includes(token), false));
  });

  describe('the hosts', () => {
    const forbidden = async (socket: object, command = 'client') => {
      const { http, status } = await bridge.call(command, socket);
      assert.deepEqual([http, status.success], [403, false], JSON.stringify([socket, status]));
      assert.match(status.errorStr, /list of hosts/);
    };

    it('are none by default, for create and for start', async () => {
      const peer = await listener();
      await bridge.deploy();
      await forbidden({ URL: peer.url });
      const { id } = await bridge.does('client');
      await forbidden({ id, URL: peer.url }, 'client/start');
      await forbidden({ id, URL: peer.url, message: 'hello' }, 'client/send');
      assert.equal(peer.tcp(), 0);
    });

    it('are those of the list, whichever the port, or only on the port that is there', async () => {
      const { port } = await listener();
      await bridge.deploy(`Plc.Example.com, 127.0.0.1:${port},10.0.0.7:443`);
      for (const URL of [`ws://127.0.0.1:${port}/`, 'ws://plc.example.com:81', 'WSS://PLC.EXAMPLE.COM/x', 'wss://10.0.0.7/']) {
        assert.equal(typeof (await bridge.does('client', { URL })).id, 'number', URL);
      }
      for (const URL of [
        ...['ws://127.0.0.1/', `ws://127.0.0.1:${port - 1}/`, 'ws://10.0.0.7/', 'ws://localhost/', 'ws://[::1]/', 'ws://example.com/'],
        ...[
          'ws://plc.example.com.evil.org/',
          'ws://plc.example.com@evil.org/',
          'ws://evil.org/?plc.example.com',
          'ws://evil.org#plc.example.com',
        ],
        ...['ws://xplc.example.com/', ' ws://evil.org/', 'ws:evil.org', 'http://evil.org/', 'wss:\\\\evil.org', 'file://plc.example.co'],
      ]) {
        await forbidden({ URL });
      }
    });

    it('are compared as the client reads them, however an address is written', async () => {
      await bridge.deploy('127.0.0.1');
      for (const URL of ['ws://0x7f.1/', 'ws://2130706433/', 'ws://127.1:80/'])
        assert.equal(typeof (await bridge.does('client', { URL })).id, 'number', URL);
      await bridge.deploy('plc.example.com');
      for (const URL of ['ws://0x7f.1/', 'ws://2130706433/', 'ws://127.1/']) await forbidden({ URL });
    });

    it('cannot be bypassed by a URL that is not a string, or that is inherited', async () => {
      await bridge.deploy();
      for (const URL of [null, 7, {}, 'nowhere', '', ['ws://evil.org/']]) await forbidden({ URL });
      const headers = { 'Content-Type': 'application/json', ...authorized };
      const { http, status } = await bridge.post('client', '{"__proto__":{"URL":"ws://evil.org/"}}', headers);
      assert.deepEqual([http, (await bridge.does('client', { id: status.id })).URL ?? ''], [200, '']);
    });
  });

  describe('a bad call', () => {
    before(() => bridge.deploy());
    const json = { 'Content-Type': 'application/json', ...authorized };
    const bad: [string, number, () => Promise<Answer>][] = [
      ['broken JSON', 400, () => bridge.post('client/send', '{"id":1,', json)],
      ['JSON that is not UTF-8', 400, () => bridge.post('client/send', Buffer.from('{"message":"é"}', 'latin1'), json)],
      ['a list', 400, () => bridge.post('client/send', '[1]', json)],
      ['a bare text', 400, () => bridge.post('client/send', '"hello"', json)],
      ['null', 400, () => bridge.post('client/send', 'null', json)],
      ['an unknown command', 404, () => bridge.call('client/fly')],
      ['an unknown side', 404, () => bridge.call('fly')],
      ['an encoded slash', 404, () => bridge.call('client%2Fsend')],
      [
        'form fields',
        415,
        () => bridge.post('client/send', 'id=1', { ...authorized, 'Content-Type': 'application/x-www-form-urlencoded' }),
      ],
      ['plain text', 415, () => bridge.post('client/send', '{}', { ...authorized, 'Content-Type': 'text/plain' })],
      ['a body of 6 MB', 413, () => bridge.call('client/send', { message: 'x'.repeat(6_000_000) })],
    ];
    for (const [what, http, call] of bad) {
      it(`with ${what} is answered ${http}, with a status in JSON`, async () => {
        const answer = await call();
        assert.deepEqual([answer.http, answer.type, answer.status.success], [http, 'application/json; charset=utf-8', false]);
        assert.match(answer.status.errorStr, /\.$/);
      });
    }

    it('is not one whose content type names a charset', async () => {
      const charset = { ...authorized, 'Content-Type': 'application/json;charset=UTF-8' };
      assert.equal((await bridge.post('method', '{}', charset)).http, 200);
    });

    it('is answered JSON, and no script, with a callback in the query', async () => {
      const { type, status } = await bridge.call('method?callback=alert', { method: '' });
      assert.deepEqual([type, typeof status.method], ['application/json; charset=utf-8', 'string']);
    });

    it('is answered 405 with another verb', async () => {
      for (const method of ['GET', 'PUT', 'DELETE'])
        assert.equal((await fetch(`${bridge.url}/ix/client`, { method, headers: authorized })).status, 405);
    });

    it('leaves Node-RED alive when it ends in the middle', async () => {
      const { port } = new URL(bridge.url);
      const socket = connect(Number(port), '127.0.0.1');
      onTeardown(() => socket.destroy());
      socket.write(`POST /ix/client HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nAuthorization: Bearer ${token}\r\n\r\n{"id":`, () =>
        socket.destroy(),
      );
      await within(new Promise((resolve) => socket.once('close', resolve)), 'the end of the connection');
      assert.equal((await bridge.call('method')).http, 200);
    });
  });

  describe('what a caller can fill has a bound', () => {
    it('what an answer repeats of a call', async () => {
      const long = 'x'.repeat(100_000);
      for (const [command, body] of [
        ['client', { URL: `ws://${'a.'.repeat(5000)}b/` }],
        ['client/start', { [long]: 1 }],
      ] as const) {
        const { http, status } = await bridge.call(command, body);
        assert.deepEqual([http, status.success], [command === 'client' ? 403 : 200, false]);
        assert.ok(status.errorStr.length < 400, status.errorStr.slice(0, 400));
      }
    });

    it('how deep a body is', async () => {
      const deep = `{"id":1,"message":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
      const answer = await fetch(`${bridge.url}/ix/client/send`, {
        method: 'POST',
        headers: { ...authorized, 'Content-Type': 'application/json' },
        body: deep,
      });
      assert.equal(answer.status, 400);
    });
  });

  describe('the guide docs/4d.md', () => {
    before(() => bridge.deploy('127.0.0.1'));
    const ids = new Map<number, number>();

    it('shows every route for POST', () => {
      assert.deepEqual([...new Set(steps.map(({ route }) => route))].sort(), [...routes].sort());
    });

    // They run in order, because each uses the sockets of earlier ones.
    for (const { route, body, answer } of steps) {
      it(`${route} ${body}`, async () => {
        const port = await guidePort;
        const here = JSON.parse(body.replaceAll('8099', String(port)));
        const shown = JSON.parse(answer.replaceAll('8099', String(port)));
        if (ids.has(here.id)) here.id = ids.get(here.id);
        const { http, status } = await bridge.call(route, here);
        const { requestBody, responses } = described.paths[`/${route}`].post;
        assert.deepEqual(problemsOf(here, schemaOf(requestBody), described, 'request'), []);
        assert.deepEqual(problemsOf(status, schemaOf(responses[http]), described, 'answer'), []);
        if (typeof shown.id === 'number') ids.set(shown.id, status.id);
        if (typeof shown.id === 'number') shown.id = status.id;
        assert.deepEqual(alike(status, shown), shown, JSON.stringify(status));
      });
    }
  });
});

/** Returns a port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
