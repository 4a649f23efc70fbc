import assert from 'node:assert/strict';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { guardWith } from '../../../../src/core/log';
import { readRequest } from '../../../../src/server/admission/request-reader';
import { lines, listening, readAll, tcpClient, upgradeRequest } from '../../../helpers/peers';
import { Queue, within } from '../../../helpers/queue';
import { teardown } from '../../../helpers/teardown';

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
        http,
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
});
