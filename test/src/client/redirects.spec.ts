import assert from 'node:assert/strict';

import dns = require('node:dns');

import type { LookupAddress } from 'node:dns';
import { Socket } from 'node:net';
import type { ClientStart } from '../../../src/client/answers';
import { ClientSocket } from '../../../src/client/client';
import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { httpServer, wsServer } from '../../helpers/peers';
import { httpProxy, proxyEnvironment } from '../../helpers/proxy';
import { client, TestLog } from '../../helpers/sockets';
import { stub, teardown } from '../../helpers/teardown';

/** Starts a server that redirects. @returns its port. */
const redirecting = (location: string, status = 302) =>
  httpServer((_, response) => response.writeHead(status, { Location: location, 'X-From': 'it' }).end());

async function started(given: Layer): Promise<ClientStart> {
  const harness = client(given);
  const status = await harness.start();
  await harness.stop();
  return status;
}

/** Asserts that a redirect was not followed, and that the result contains the response of the redirecting server. */
function isNotFollowed({ success, http_status, headers, uri, errorStr = '' }: ClientStart, location: string, why: RegExp): void {
  assert.equal(success, false);
  assert.deepEqual([http_status, headers.Location, headers['X-From'], uri], [302, location, 'it', '/from']);
  assert.ok(errorStr.includes(`the server answered 302, a redirect to ${JSON.stringify(location)}, which was not followed: `), errorStr);
  assert.match(errorStr, why);
}

describe('followRedirects', () => {
  afterEach(teardown);
  beforeEach(() => proxyEnvironment({}));

  describe('same-host, the default,', () => {
    it('follows to another port and path of the same host', async () => {
      const { url } = await wsServer();
      const port = await redirecting(`${url}to`);
      const status = await started({ URL: `ws://127.0.0.1:${port}/from` });
      assert.deepEqual([status.success, status.uri], [true, '/to'], status.errorStr);
    });

    it('follows from http to https of the same host', async () => {
      const { ca, server } = certs();
      const { port } = await wsServer({ tls: { cert: server.cert, key: server.key } });
      const from = await redirecting(`https://127.0.0.1:${port}/to`);
      const status = await started({ URL: `http://127.0.0.1:${from}/from`, caFile: ca.certFile });
      assert.deepEqual([status.success, status.uri], [true, '/to'], status.errorStr);
    });

    it('does not follow to another host', async () => {
      const { port, peers } = await wsServer();
      const location = `ws://localhost:${port}/to`;
      const status = await started({ URL: `ws://127.0.0.1:${await redirecting(location)}/from` });
      isNotFollowed(status, location, /it is another host, and followRedirects is same-host\. .* set followRedirects to any\.$/);
      assert.equal(peers.all.length, 0);
    });
  });

  it('any follows to another host', async () => {
    const { port } = await wsServer();
    const from = await redirecting(`ws://localhost:${port}/to`);
    const status = await started({ URL: `ws://127.0.0.1:${from}/from`, followRedirects: 'any' });
    assert.deepEqual([status.success, status.uri], [true, '/to'], status.errorStr);
  });

  it('none follows no redirect', async () => {
    const { url, peers } = await wsServer();
    const status = await started({ URL: `ws://127.0.0.1:${await redirecting(url)}/from`, followRedirects: 'none' });
    isNotFollowed(status, url, /followRedirects is none\. Use that address as the URL, or set followRedirects to same-host\.$/);
    assert.equal(peers.all.length, 0);
  });
});

describe('a redirect from a public address', () => {
  afterEach(teardown);
  beforeEach(() => proxyEnvironment({}));

  const barred = /a public address may not lead to a private one\. /;
  type Peer = { address?: string; port?: number };
  type Named = { _getpeername(this: Socket): Peer };
  /** Fakes the remote address of sockets that connect to a port, because a test machine has no public address. */
  const publish = (port: number, address: string) => {
    const prototype = Socket.prototype as unknown as Named;
    const own = prototype._getpeername;
    stub(prototype, '_getpeername', function (this: Socket) {
      const peer = own.call(this);
      return peer.port === port ? { ...peer, address } : peer;
    });
  };
  /** Resolves names to addresses. @returns the requested names. */
  const resolve = (names: Record<string, string[]>) => {
    const asked: string[] = [];
    const real = dns.lookup;
    const lookup = (host: string, options: { all?: boolean }, callback: (...found: unknown[]) => void) => {
      const addresses = names[host];
      if (!addresses) return real(host, options as never, callback as never);
      asked.push(host);
      const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      if (options.all) callback(null, found);
      else callback(null, found[0]?.address, found[0]?.family);
    };
    stub(dns, 'lookup', lookup as never);
    return asked;
  };

  for (const followRedirects of ['any', 'same-host']) {
    it(`is not followed to a private address (${followRedirects})`, async () => {
      const { url, peers } = await wsServer();
      const port = await redirecting(url);
      publish(port, '203.0.113.5');
      isNotFollowed(await started({ URL: `ws://127.0.0.1:${port}/from`, followRedirects }), url, barred);
      assert.equal(peers.all.length, 0);
    });
  }

  it('is not followed to a name that has private addresses only', async () => {
    const { port: far, peers } = await wsServer();
    resolve({ 'inner.example': ['127.0.0.1', '::ffff:127.0.0.1'] });
    const location = `ws://inner.example:${far}/`;
    const port = await redirecting(location);
    publish(port, '2001:db8::5');
    isNotFollowed(await started({ URL: `ws://127.0.0.1:${port}/from`, followRedirects: 'any' }), location, barred);
    assert.equal(peers.all.length, 0);
  });

  it('is not followed to its own name once that has a private address: the name is looked up once for the check and the connection', async () => {
    const { port: far, peers } = await wsServer();
    const location = `ws://rebinding.example:${far}/`;
    const port = await redirecting(location);
    publish(port, '203.0.113.5');
    const asked = resolve({ 'rebinding.example': ['127.0.0.1'] });
    isNotFollowed(await started({ URL: `ws://rebinding.example:${port}/from` }), location, barred);
    assert.deepEqual([asked, peers.all.length], [['rebinding.example', 'rebinding.example'], 0]);
  });

  it('is followed to a public address', async () => {
    const { port: far } = await wsServer();
    publish(far, '203.0.113.6');
    // The documentation networks are not routed, so a proxy opens the connection.
    const proxy = await httpProxy({ to: far });
    const port = await redirecting(`ws://203.0.113.6:${far}/to`);
    publish(port, '203.0.113.5');
    proxyEnvironment({ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' });
    const status = await started({ URL: `ws://127.0.0.1:${port}/from`, followRedirects: 'any' });
    assert.deepEqual([status.success, status.uri], [true, '/to'], status.errorStr);
  });

  for (const [title, location] of [
    ['a private address', 'ws://10.0.0.1/'],
    ['localhost', 'ws://localhost:81/'],
  ]) {
    it(`is not followed through a proxy to ${title}`, async () => {
      const port = await redirecting(location as string);
      const proxy = await httpProxy({ to: port });
      proxyEnvironment({ HTTP_PROXY: proxy.url });
      isNotFollowed(await started({ URL: 'ws://server.example/from', followRedirects: 'any' }), location as string, barred);
      assert.equal(proxy.asked.all.length, 1);
    });
  }

  it('a private server may redirect to a private one', async () => {
    const { port } = await wsServer();
    resolve({ 'inner.example': ['127.0.0.1'] });
    const from = await redirecting(`ws://inner.example:${port}/to`);
    const status = await started({ URL: `ws://127.0.0.1:${from}/from`, followRedirects: 'any' });
    assert.equal(status.success, true, status.errorStr);
  });
});

describe('a list of allowed URLs', () => {
  afterEach(teardown);

  it('is also asked about the URL of the attempt itself, which a rule may have named', async () => {
    const peer = await wsServer();
    const socket = new ClientSocket(
      1,
      () => ({}),
      { URL: peer.url },
      new TestLog(),
      undefined,
      ({ port }) => port !== String(peer.port),
    );
    const { success, errorStr = '' } = await socket.start({}, { timeout: 2 });
    assert.equal(success, false);
    assert.match(errorStr, /: its host is not in the list of hosts\. Add it/);
    assert.equal(peer.peers.all.length, 0);
  });
});
