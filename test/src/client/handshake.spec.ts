import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { failures } from '../../../src/client/failures';
import { type Attempt, type Hop, type HopEnd, handshake, type Opened } from '../../../src/client/handshake';
import type { Progress } from '../../../src/core/progress';
import { type AttemptOptions, clientOptions } from '../../../src/options/client';
import { type Layer, read } from '../../../src/options/read';
import { closedPort, lines, rawServer, tcpClient, tcpServer } from '../../helpers/peers';
import { within } from '../../helpers/queue';
import { onTeardown, teardown } from '../../helpers/teardown';

/** Performs one handshake. */
async function shake(url: string, given: Layer = {}, { hop = {}, attempt = {} }: { hop?: Partial<Hop>; attempt?: Partial<Attempt> } = {}) {
  const opened: Opened[] = [];
  const steps: Progress[] = [];
  const options = read(clientOptions, { URL: url, ...given }) as AttemptOptions;
  const end = await within<HopEnd>(
    handshake(
      { url: new URL(url), options, tls: {}, publicOnly: false, tunnel: undefined, shown: url, ...hop },
      {
        seconds: 5,
        cut: new AbortController().signal,
        opened: (one) => {
          opened.push(one);
          onTeardown(() => one.ws.terminate());
        },
        watch: (progress) => steps.push(progress),
        ...attempt,
      },
    ),
    'the end of a handshake',
  );
  return { end, opened, steps };
}
const answering = (...head: string[]) => rawServer({ answer: () => lines(...head) });
const failed = (end: HopEnd) => (typeof end === 'object' && 'errorStr' in end ? end : assert.fail(JSON.stringify(end)));

describe('handshake', () => {
  afterEach(teardown);

  it('opens with the answer of the server, in its own spelling', async () => {
    const { url } = await rawServer({ headers: ['X-Own: Value'] });
    const { end, opened } = await shake(`${url}chat?q=1`);
    assert.equal(end, 'open');
    const [{ http_status, uri, headers, ws } = assert.fail('it did not open')] = opened;
    assert.deepEqual([http_status, uri, headers['X-Own'], ws.readyState], [101, '/chat?q=1', 'Value', ws.OPEN]);
  });

  it('sends the headers and subprotocols of the options, and never its own headers twice', async () => {
    const { url, peers } = await rawServer({ headers: ['Sec-WebSocket-Protocol: b'] });
    const headers = { 'X-A': '1', Upgrade: 'h2c', 'Sec-WebSocket-Key': 'x', 'Sec-WebSocket-Protocol': 'b, c' };
    await shake(url, { headers, subProtocols: ['a', 'b'] });
    const { head } = await peers.take('a request');
    assert.deepEqual([head.headers['x-a'], head.headers.upgrade, head.headers['sec-websocket-protocol']], ['1', 'websocket', 'a,b,c']);
    assert.notEqual(head.headers['sec-websocket-key'], 'x');
  });

  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const credentials: [title: string, inUrl: string, given: Layer, header: string | undefined][] = [
    ['of the options', '', { user: 'ann', password: 'sesame' }, basic('ann:sesame')],
    ['of the URL before those of the options', 'bob:x%40y@', { user: 'ann', password: 'sesame' }, basic('bob:x@y')],
    ['of no one, if a header has them', '', { user: 'ann', headers: { authorization: 'Bearer t' } }, 'Bearer t'],
    ['of no one, if there are none', '', {}, undefined],
  ];
  for (const [title, inUrl, given, header] of credentials) {
    it(`sends the credentials ${title}`, async () => {
      const { port, peers } = await rawServer();
      await shake(`ws://${inUrl}127.0.0.1:${port}/`, given);
      assert.equal((await peers.take('a request')).head.headers.authorization, header);
    });
  }

  it('a status other than 101 fails it', async () => {
    const { url } = await answering('HTTP/1.1 403 Forbidden', 'X-Why: no', 'Content-Length: 0');
    const { http_status, headers, retryAfterMs, errorStr } = failed((await shake(url)).end);
    assert.deepEqual([http_status, headers['X-Why'], retryAfterMs], [403, 'no', undefined]);
    assert.match(errorStr, /403/);
  });

  it('a busy server says when to try again', async () => {
    const { url } = await answering('HTTP/1.1 503 Busy', 'Retry-After: 7', 'Content-Length: 0');
    assert.equal(failed((await shake(url)).end).retryAfterMs, 7000);
  });

  it('a redirect ends the hop with its target', async () => {
    const { url } = await answering('HTTP/1.1 302 Found', 'Location: ws://other.example/', 'Content-Length: 0');
    const { end } = await shake(url);
    assert.deepEqual(end, { ...(end as object), http_status: 302, location: 'ws://other.example/', isPublic: false });
  });

  it('a redirect without a target fails it', async () => {
    const { url } = await answering('HTTP/1.1 302 Found', 'Content-Length: 0');
    assert.equal(failed((await shake(url)).end).http_status, 302);
  });

  it('a wrong accept value fails it', async () => {
    const { url } = await answering('HTTP/1.1 101 Switching', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: x');
    const { end, opened } = await shake(url);
    assert.deepEqual([failed(end).http_status, opened], [101, []]);
  });

  it('a refused connection fails it, with no answer', async () => {
    const { http_status, errorStr } = failed((await shake(`ws://127.0.0.1:${await closedPort()}/`)).end);
    assert.equal(http_status, 0);
    assert.match(errorStr, /ECONNREFUSED/);
  });

  it('a cut ends it with its sentence, and the connection with it', async () => {
    const ended: Promise<void>[] = [];
    const port = await tcpServer((socket: Socket) => {
      ended.push(
        new Promise((resolve) =>
          socket
            .on('error', () => {})
            .once('close', () => resolve())
            .resume(),
        ),
      );
      stop.abort(failures.timedOut);
    });
    const stop = new AbortController();
    const { end } = await shake(`ws://127.0.0.1:${port}/`, {}, { attempt: { cut: stop.signal } });
    assert.match(failed(end).errorStr, /5 s/);
    await within(Promise.all(ended), 'the end of the connection');
  });

  it('a cut before it begins opens no connection', async () => {
    let connections = 0;
    const port = await tcpServer(() => connections++);
    const { end } = await shake(`ws://127.0.0.1:${port}/`, {}, { attempt: { cut: AbortSignal.abort(failures.timedOut) } });
    failed(end);
    await new Promise(setImmediate);
    assert.equal(connections, 0);
  });

  it('uses the tunnel of a proxy, and destroys it if the handshake fails', async () => {
    const { port } = await answering('HTTP/1.1 404 Not Found', 'Content-Length: 0');
    const tunnel = await tcpClient(port);
    const { end } = await shake('ws://unreachable.invalid/', {}, { hop: { tunnel } });
    assert.deepEqual([failed(end).http_status, tunnel.destroyed], [404, true]);
  });

  it('after a public redirect, does not connect to a name with private addresses only', async () => {
    const { port, peers } = await rawServer();
    const { end } = await shake(`ws://localhost:${port}/`, {}, { hop: { publicOnly: true } });
    assert.match((end as { privateAddress: string }).privateAddress, /^(127\.0\.0\.1|::1)$/);
    assert.equal(peers.all.length, 0);
  });

  it('reports its steps', async () => {
    const { port } = await rawServer();
    const { steps } = await shake(`ws://localhost:${port}/`);
    assert.deepEqual(
      steps.map(({ step }) => step),
      ['name', 'tcp', 'http'],
    );
  });

  it('an exception in a listener fails it', async () => {
    const { url } = await rawServer();
    const watch = () => {
      throw new Error('a fault of ours');
    };
    assert.match(failed((await shake(url, {}, { attempt: { watch } })).end).errorStr, /a fault of ours/);
  });
});
