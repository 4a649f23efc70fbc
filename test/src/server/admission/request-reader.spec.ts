import assert from 'node:assert/strict';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { guardWith } from '../../../../src/core/log';
import { interceptSecured, readRequest } from '../../../../src/server/admission/request-reader';
import { certs } from '../../../helpers/certs';
import { lines, listening, readAll, tcpClient, upgradeRequest } from '../../../helpers/peers';
import { Queue, within } from '../../../helpers/queue';
import { onTeardown, teardown } from '../../../helpers/teardown';

type Heard = { readonly by: 'us' | 'node'; readonly url: string | undefined; readonly head: string; readonly socket: Socket };

async function reading() {
  const heard = new Queue<Heard>();
  const hear =
    (by: Heard['by']) =>
    ({ url, socket }: IncomingMessage, _: unknown, head: Buffer) =>
      heard.push({ by, url, head: head.toString('latin1'), socket });
  const http = createHttpServer((_request, response) => response.end('plain'));
  http.on('upgrade', hear('node'));
  const port = await listening(
    createServer({ allowHalfOpen: true }, (socket) => {
      readRequest(
        socket,
        (one) => http.emit('connection', one),
        hear('us'),
        guardWith((error) => assert.fail(String(error))),
      );
    }),
  );
  return { port, heard };
}

describe('readRequest', () => {
  afterEach(teardown);

  it('reads a clean request itself, and leaves the data after it to the upgrade', async () => {
    const { port, heard } = await reading();
    const client = await tcpClient(port);
    client.write(upgradeRequest('/a'));
    const { by, url, head, socket } = await heard.take('an upgrade');
    assert.deepEqual([by, url, head], ['us', '/a', '']);
    const data = within(new Promise((resolve) => socket.once('data', (chunk) => resolve(String(chunk)))), 'data');
    client.write('frames');
    assert.equal(await data, 'frames');
  });

  it('leaves a request in pieces to Node, whatever the pieces', async () => {
    const { port, heard } = await reading();
    const request = upgradeRequest('/b');
    for (const at of [1, 3, 20, request.length - 1]) {
      const client = await tcpClient(port);
      client.setNoDelay(true);
      client.write(request.slice(0, at));
      await new Promise(setImmediate);
      client.write(request.slice(at));
      const { url, head } = await heard.take('an upgrade');
      assert.deepEqual([url, head], ['/b', ''], `cut at ${at}`);
    }
  });

  it('leaves a request with data after it to Node, which passes the data on', async () => {
    const { port, heard } = await reading();
    (await tcpClient(port)).write(`${upgradeRequest('/c')}early`);
    const { by, url, head } = await heard.take('an upgrade');
    assert.deepEqual([by, url, head], ['node', '/c', 'early']);
  });

  it('leaves a request without an upgrade to Node', async () => {
    const { port } = await reading();
    const client = await tcpClient(port);
    const answer = readAll(client);
    client.write(lines('GET / HTTP/1.1', 'Host: x', 'Connection: close'));
    assert.match(await answer, /^HTTP\/1\.1 200 .*plain$/s);
  });

  it('ends a connection that ends without a request', async () => {
    const { port } = await reading();
    const client = await tcpClient(port);
    const answer = readAll(client);
    client.end();
    assert.equal(await answer, '');
  });

  describe('over TLS', () => {
    async function securely() {
      const heard = new Queue<Pick<Heard, 'by' | 'url' | 'head'>>();
      const hear =
        (by: Heard['by']) =>
        ({ url }: IncomingMessage, _: unknown, head: Buffer) =>
          heard.push({ by, url, head: head.toString('latin1') });
      const guard = guardWith((error) => assert.fail(String(error)));
      const { cert, key } = certs().server;
      const https = createHttpsServer({ cert, key }, (_request, response) => response.end('plain'));
      https.on('upgrade', hear('node'));
      interceptSecured(https, (socket, leave) => readRequest(socket, leave, hear('us'), guard), guard);
      const port = await listening(https);
      const connect = () => {
        const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
        onTeardown(() => socket.destroy());
        socket.on('error', () => {});
        return socket;
      };
      return { heard, connect };
    }

    it('reads a clean request itself, and leaves all others to Node', async () => {
      const { heard, connect } = await securely();
      connect().write(upgradeRequest('/a'));
      assert.deepEqual(await heard.take('an upgrade'), { by: 'us', url: '/a', head: '' });
      connect().write(`${upgradeRequest('/b')}early`);
      assert.deepEqual(await heard.take('an upgrade'), { by: 'node', url: '/b', head: 'early' });
      const client = connect();
      client.write('GET /c HTTP/1.1\r\n');
      client.write(upgradeRequest('/c').slice('GET /c HTTP/1.1\r\n'.length));
      assert.equal((await heard.take('an upgrade')).url, '/c');
    });

    it('leaves a request without an upgrade to Node, and ends a connection without a request', async () => {
      const { connect } = await securely();
      const plain = connect();
      const answer = readAll(plain);
      plain.write(lines('GET / HTTP/1.1', 'Host: x', 'Connection: close'));
      assert.match(await answer, /^HTTP\/1\.1 200 .*plain$/s);
      const silent = connect();
      const nothing = readAll(silent);
      silent.once('secureConnect', () => silent.end());
      assert.equal(await nothing, '');
    });
  });
});
