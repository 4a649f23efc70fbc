import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import type { Layer } from '../../../src/options/read';
import { type HttpHost, type OnUpgrade, SharedHttp } from '../../../src/server/shared-http';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { listening, rawClient, readAll, tcpClient, upgradeRequest, wsClient } from '../../helpers/peers';
import { until, within } from '../../helpers/queue';
import { type ServerHarness, server, TestLog } from '../../helpers/sockets';
import { onTeardown, teardown } from '../../helpers/teardown';

interface Shared {
  readonly http: Server;
  readonly port: number;
  /** Creates a server on one of its paths. */
  on(path: string, given?: Layer): ServerHarness;
  url(path: string): string;
}

const notFound: RequestListener = (_, response) => response.writeHead(404).end('nothing here');

/** A foreign HTTP server. */
async function shared({ http = createServer(notFound), ...more }: Partial<HttpHost> & { http?: Server } = {}): Promise<Shared> {
  const port = http.listening ? 0 : await listening(http);
  return sharing(http, port, more);
}

function sharing(http: Server, port: number, more: Partial<HttpHost> = {}): Shared {
  const log = new TestLog();
  const host: HttpHost = { name: 'the HTTP server of the test', server: http, root: '/', owner: () => undefined, ...more };
  const all = new SharedHttp(host, log);
  const before = http.listenerCount('upgrade');
  left.push(() => {
    assert.deepEqual(log.errors, []);
    assert.equal(http.listenerCount('upgrade'), before, 'listeners on the shared server');
  });
  return {
    http,
    port,
    on: (path, given = {}) => server({ listenOn: 'node-red', path, ...given }, undefined, all),
    url: (path) => `ws://127.0.0.1:${port}${path}`,
  };
}

/** Assertions after all servers of a test are cleared. */
const left: (() => void)[] = [];

describe('a shared HTTP server', () => {
  afterEach(async () => {
    const checks = left.splice(0);
    await teardown();
    for (const check of checks) check();
  });

  it('takes the upgrades to its path, reports where that is, and messages go both ways', async () => {
    const { port, on, url } = await shared();
    const harness = on('/chat');
    const status = await harness.start();
    assert.deepEqual(status, { success: true, http_status: 0, headers: {}, uri: `ws://127.0.0.1:${port}/chat`, port });
    const peer = await wsClient(url('/chat?x=1'));
    const open = await harness.next('Open');
    assert.deepEqual([open.uri, open.remoteIp], ['/chat?x=1', '127.0.0.1']);
    peer.ws.send('in');
    assert.equal((await harness.next('Message')).str, 'in');
    assert.equal((await harness.send('out'))[0]?.success, true);
    assert.equal((await peer.messages.take()).data, 'out');
    assert.deepEqual(harness.socket.info().clients, ['/chat?x=1']);
  });

  it('speaks TLS if the server does, whatever the TLS options say', async () => {
    const { cert, key } = certs().server;
    const { port, on } = await shared({ http: createHttpsServer({ cert, key }) });
    const harness = on('/chat', { certFile: '/nowhere.pem', keyFile: '/nowhere.key', tls: true, host: '::1' });
    assert.equal((await harness.start()).uri, `wss://127.0.0.1:${port}/chat`);
    await wsClient(`wss://127.0.0.1:${port}/chat`, [], { ca: certs().ca.cert });
    assert.equal((await harness.next('Open')).remoteIp, '127.0.0.1');
  });

  describe('the path', () => {
    const rows: [string, string, string][] = [
      ['/', '/chat', '/chat'],
      ['/api', '/chat', '/api/chat'],
      ['/api/', '/chat', '/api/chat'],
      ['api', '/chat/', '/api/chat/'],
      ['/api', '/', '/api/'],
      ['/', '/röm', '/r%C3%B6m'],
    ];
    for (const [root, path, asked] of rows) {
      it(`${path} below ${root} is ${asked}`, async () => {
        const { on, url } = await shared({ root });
        const harness = on(path);
        await harness.open();
        harness.socket.check();
        await wsClient(url(asked));
        await harness.next('Open');
      });
    }

    const named: [path: string, asked: string, params: Record<string, string>][] = [
      ['/ocpp/:id', '/api/ocpp/CP%20001', { id: 'CP 001' }],
      ['/ocpp/*', '/api/ocpp/a/b', { '*': 'a/b' }],
      ['/*', '/api/a', { '*': 'a' }],
    ];
    for (const [path, asked, params] of named) {
      it(`${path} below /api takes ${asked}, and its Open has params`, async () => {
        const { on, url } = await shared({ root: '/api' });
        const harness = await on(path).open();
        await wsClient(url(asked));
        assert.deepEqual((await harness.next('Open')).params, params);
      });
    }

    it('of the most specific server counts: exact, then :name, then /*', async () => {
      const { on, url } = await shared();
      const rest = await on('/a/*').open();
      const part = await on('/a/:id').open();
      const exact = await on('/a/b').open();
      for (const [path, harness] of [
        ['/a/b', exact],
        ['/a/c', part],
        ['/a/c/d', rest],
      ] as const) {
        await wsClient(url(path));
        assert.equal((await harness.next('Open')).uri, path);
      }
      await exact.socket.clear();
      await wsClient(url('/a/b'));
      assert.equal((await part.next('Open')).uri, '/a/b');
    });

    it('with parts is in use if another server has it by other names', async () => {
      const { on } = await shared();
      await on('/a/:id').open();
      assert.match((await on('/a/:name').start()).errorStr ?? '', /\/a\/:name is in use by another server/);
      await on('/a/*').open();
      assert.match((await on('/a/*').start()).errorStr ?? '', /is in use by another server/);
    });

    it('with parts leaves alone what the host has, and the Socket.IO of dashboards', async () => {
      const http = createServer(notFound);
      const wss = new WebSocketServer({ noServer: true });
      http.on('upgrade', (request, socket, head) => {
        if (/^\/(core$|ui\/socket\.io\/)/.test(request.url ?? '')) wss.handleUpgrade(request, socket, head, (ws) => ws.send('theirs'));
      });
      const { on, url } = await shared({ http, owner: (path) => (path === '/core' ? 'a core node' : undefined) });
      const harness = await on('/*').open();
      for (const path of ['/core', '/ui/socket.io/?EIO=4']) {
        assert.equal((await (await wsClient(url(path))).messages.take()).data, 'theirs');
      }
      await wsClient(url('/ours'));
      assert.equal((await harness.next('Open')).uri, '/ours');
    });

    it('has to be given', async () => {
      const { on } = await shared();
      for (const path of ['', undefined]) {
        const harness = on('/', { path });
        const sentence = /option path must be given where listenOn is node-red, for instance \/ws\/chat: .*; got nothing/;
        await assert.rejects(harness.start(), { code: 'ERR_OPTION', option: 'path', message: sentence });
        assert.throws(() => harness.socket.check(), sentence);
      }
    });
  });

  describe('leaves to others', () => {
    it('the upgrades to other paths, whoever listened first', async () => {
      const http = createServer(notFound);
      const others = ['/first', '/last'].map((path) => {
        const wss = new WebSocketServer({ noServer: true });
        return () =>
          http.on('upgrade', (request, socket, head) => {
            if (request.url === path) wss.handleUpgrade(request, socket, head, (ws) => ws.send(path));
          });
      });
      others[0]?.();
      const { on, url } = await shared({ http });
      const harness = await on('/ours').open();
      others[1]?.();
      for (const path of ['/first', '/last']) assert.equal((await (await wsClient(url(path))).messages.take()).data, path);
      await wsClient(url('/ours'));
      await harness.next('Open');
      await harness.socket.clear();
      assert.equal(http.listenerCount('upgrade'), 2);
      http.removeListener('upgrade', http.listeners('upgrade')[1] as () => void);
    });

    it('an upgrade that nobody answers, and says nothing of it', async () => {
      const { port, on } = await shared();
      const harness = await on('/ours').open();
      const socket = await tcpClient(port);
      socket.write(upgradeRequest('/nobody'));
      await wsClient(`ws://127.0.0.1:${port}/ours`);
      await harness.next('Open');
      assert.deepEqual([socket.destroyed, harness.names], [false, ['Open']]);
    });

    it('plain requests, to its path too', async () => {
      const { port, on } = await shared();
      await on('/ours').open();
      const response = await fetch(`http://127.0.0.1:${port}/ours`, { headers: { connection: 'close' } });
      assert.deepEqual([response.status, await response.text()], [404, 'nothing here']);
    });
  });

  it('has room for many servers, each on its path, with one listener', async () => {
    const { http, on, url } = await shared();
    const harnesses = await Promise.all(Array.from({ length: 15 }, (_, i) => on(`/${i}`).open()));
    assert.equal(http.listenerCount('upgrade'), 1);
    for (const [i, harness] of harnesses.entries()) {
      await wsClient(url(`/${i}`));
      assert.equal((await harness.next('Open')).uri, `/${i}`);
    }
  });

  it('has one server on a path: the second reports it, and may have it afterwards', async () => {
    const { on, url } = await shared({ root: '/api' });
    const [first, second] = [await on('/chat').open(), on('/chat')];
    const status = await second.start();
    assert.deepEqual([status.success, status.uri, status.port], [false, '', 0]);
    assert.equal(
      status.errorStr,
      'Could not listen on the path /chat of the HTTP server of the test: /api/chat is in use by another server of the flows. Choose another path.',
    );
    assert.deepEqual(second.changes.at(-1)?.failure, { errorStr: status.errorStr, brief: 'pathInUse', option: 'path' });
    await wsClient(url('/api/chat'));
    await first.next('Open');
    await first.stop();
    await second.open();
  });

  it('reports the owner of a path that is taken', async () => {
    const { on } = await shared({ owner: (path) => (path === '/comms' ? 'the editor' : undefined) });
    assert.match((await on('/comms').start()).errorStr ?? '', /\/comms is in use by the editor\. Choose another path\.$/);
    assert.equal((await on('/others').start()).success, true);
  });

  it('leaves the upgrades to a later owner of its path, and reports it', async () => {
    let holder: string | undefined;
    const { http, on, url } = await shared({ owner: () => holder });
    const harness = await on('/chat').open();
    holder = 'a node that was deployed later';
    const theirs = new WebSocketServer({ noServer: true });
    const answer = (...[request, socket, head]: Parameters<OnUpgrade>) =>
      theirs.handleUpgrade(request, socket, head, (ws) => ws.send('theirs'));
    http.on('upgrade', answer);
    assert.equal((await (await wsClient(url('/chat'))).messages.take()).data, 'theirs');
    const { reason, uri, http_status } = await harness.next('Error');
    assert.match(reason, /^The upgrade was left to a node that was deployed later, which also uses the path \/chat\./);
    assert.deepEqual([uri, http_status, harness.socket.info().clients], ['/chat', 0, []]);
    http.off('upgrade', answer);
  });

  it('has one server on a path, however that is escaped', async () => {
    const { on } = await shared();
    await on('/%C3%BC').open();
    assert.match((await on('/ü').start()).errorStr ?? '', /\/ü is in use by another server/);
    assert.equal((await on('/ö').start()).success, true);
    assert.match((await on('/%C3%B6').start()).errorStr ?? '', /\/%C3%B6 is in use by another server/);
  });

  describe('stop', () => {
    it('ends our connections and our listening, and nothing else', async () => {
      const { http, port, on, url } = await shared();
      const harness = await on('/ours').open();
      const peer = await wsClient(url('/ours'));
      await harness.next('Open');
      await harness.stop(4000, 'enough');
      assert.deepEqual(await peer.closes.take(), { code: 4000, reason: 'enough' });
      assert.deepEqual([http.listening, http.listenerCount('upgrade')], [true, 0]);
      assert.equal((await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).status, 404);
      // Without a listener for upgrades, Node.js treats one as a plain request.
      await assert.rejects(wsClient(url('/ours')), /404/);
      await harness.open();
      await wsClient(url('/ours'));
      await harness.next('Close');
      await harness.next('Open');
    });

    it('leaves the path to others while its connections are being closed', async () => {
      const { on, url } = await shared();
      const [first, second] = [await on('/ours').open(), on('/ours')];
      const peer = await rawClient(first.port, { path: '/ours' });
      await first.next('Open');
      const stopping = first.stop();
      await new Promise(setImmediate);
      await second.open();
      await wsClient(url('/ours'));
      await second.next('Open');
      await stopping;
      await within(peer.ended, 'the end of the old connection');
    });
  });

  describe('what the options still say', () => {
    it('maxConnections: one more is answered 503, and reported as an Error; the place of one that has gone is free again', async () => {
      const { port, on, url } = await shared();
      const harness = await on('/ours', { maxConnections: 1 }).open();
      const peer = await wsClient(url('/ours'));
      await harness.next('Open');
      const socket = await tcpClient(port);
      const { localPort } = socket;
      const answered = readAll(socket);
      socket.write(upgradeRequest('/ours?more'));
      assert.match(await answered, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
      const { reason, http_status, uri, remoteIp, remotePort } = await harness.next('Error');
      assert.equal(reason, 'The upgrade was refused with 503: 1 connections are open, as many as maxConnections allows.');
      assert.deepEqual([http_status, uri, remoteIp, remotePort], [503, '/ours?more', '127.0.0.1', localPort]);
      peer.ws.close();
      await harness.next('Close');
      await wsClient(url('/ours'));
      await harness.next('Open');
    });

    it('who may come in: an origin, Basic credentials, a bad request', async () => {
      const { port, on, url } = await shared();
      const harness = await on('/ours', { auth: 'basic', user: 'ann', password: 's3cret' }).open();
      await assert.rejects(wsClient(url('/ours'), [], { origin: 'https://elsewhere.example' }), /403/);
      await assert.rejects(wsClient(url('/ours')), /401/);
      const socket = await tcpClient(port);
      const answered = readAll(socket);
      socket.write(upgradeRequest('/ours').replace(/Sec-WebSocket-Key: .*\r\n/, ''));
      assert.match(await answered, /^HTTP\/1\.1 401 /);
      await wsClient(url('/ours').replace('//', '//ann:s3cret@'));
      for (const status of [403, 401]) assert.equal((await harness.next('Error')).http_status, status);
      assert.equal((await harness.next('Open')).user, 'ann');
      // The second 401 within a second is reported with its count.
      const { http_status, count } = await harness.next('Error');
      assert.deepEqual([http_status, count], [401, 1]);
    });

    it('a request that is malformed is answered 400', async () => {
      const { port, on } = await shared();
      const harness = await on('/ours').open();
      const socket = await tcpClient(port);
      const answered = readAll(socket);
      socket.write(upgradeRequest('/ours').replace(/Sec-WebSocket-Key: .*\r\n/, ''));
      assert.match(await answered, /^HTTP\/1\.1 400 /);
      const { reason, http_status } = await harness.next('Error');
      assert.match(reason, /refused with 400: .*Sec-WebSocket-Key/);
      assert.equal(http_status, 400);
    });

    it('subprotocols, compression, largest message and pings', async () => {
      const { on, url } = await shared();
      await on('/ours', { subProtocols: ['b', 'a'], maxPayload: 100, pingInterval: 3600 }).open();
      const peer = await wsClient(url('/ours'), ['a', 'b'], { perMessageDeflate: true });
      assert.deepEqual([peer.ws.protocol, peer.ws.extensions.includes('permessage-deflate')], ['b', true]);
      await peer.pings.take('a ping');
      peer.ws.send('x'.repeat(101));
      assert.equal((await peer.closes.take()).code, 1009);
    });
  });

  describe('that does not listen yet', () => {
    /** Node's own listeners. */
    const own = createServer().listenerCount('listening');

    it('is waited for', async () => {
      const http = createServer(notFound);
      const { on } = sharing(http, 0);
      const harness = on('/ours');
      const started = harness.start();
      await until(() => http.listenerCount('listening') > own, 'who waits');
      assert.equal(harness.socket.state, 'opening');
      const port = await listening(http);
      assert.equal((await started).port, port);
      assert.equal(http.listenerCount('listening'), own);
      await wsClient(`ws://127.0.0.1:${port}/ours`);
      await harness.next('Open');
    });

    it('is not waited for longer than ten seconds', async () => {
      const clock = fakeClock();
      const http = createServer(notFound);
      const { on } = sharing(http, 0);
      const harness = on('/ours');
      const started = harness.socket.start({});
      await until(() => http.listenerCount('listening') > own, 'who waits');
      clock.tick(10_000);
      assert.match(
        (await started).errorStr ?? '',
        /^Could not listen on the path \/ours of .*: the server is not listening; .*Set listenOn to own\.$/,
      );
      assert.deepEqual([harness.socket.state, http.listenerCount('listening'), http.listenerCount('upgrade')], ['idle', own, 0]);
    });

    it('is waited for no longer when the server is stopped', async () => {
      const http = createServer(notFound);
      const { on } = sharing(http, 0);
      const harness = on('/ours');
      const started = harness.start();
      await until(() => http.listenerCount('listening') > own, 'who waits');
      await harness.stop();
      assert.match((await started).errorStr ?? '', /stopped before it listened/);
      assert.deepEqual([harness.socket.state, http.listenerCount('listening'), http.listenerCount('upgrade')], ['idle', own, 0]);
    });
  });

  it('that is not there is a failure that says what to do', async () => {
    const sentence = /^Could not listen on the path \/ours of .*: it does not exist here\. Set listenOn to own\.$/;
    assert.match((await server({ listenOn: 'node-red', path: '/ours' }).start()).errorStr ?? '', sentence);
    const log = new TestLog();
    const none = new SharedHttp({ name: "nobody's HTTP server", server: undefined, root: '/', owner: () => undefined }, log);
    assert.match((await server({ listenOn: 'node-red', path: '/ours' }, undefined, none).start()).errorStr ?? '', sentence);
  });

  it('on a pipe has no port', async function () {
    if (process.platform === 'win32') return this.skip();
    const http = createServer(notFound);
    const file = join(tmpdir(), `ix-shared-${process.pid}.sock`);
    await within(new Promise<void>((resolve) => http.listen(file, resolve)), 'a pipe');
    onTeardown(() => void http.close());
    const { uri, port } = await sharing(http, 0).on('/ours').start();
    assert.deepEqual([uri, port], [`ws+unix:${file}:/ours`, 0]);
    await wsClient(uri);
  });

  it('which port of the server it is, cannot change afterwards', async () => {
    const { on } = await shared();
    const harness = await on('/ours').open();
    await harness.stop();
    await assert.rejects(harness.start({ listenOn: 'own' }), { code: 'ERR_STATE', message: /option listenOn .* cannot be changed/ });
  });
});
