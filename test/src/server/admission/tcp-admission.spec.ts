import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type Layer, read } from '../../../../src/options/read';
import { type ServerOptions, serverOptions } from '../../../../src/options/server';
import { TcpAdmission } from '../../../../src/server/admission/tcp-admission';
import { UpgradeRules } from '../../../../src/server/admission/upgrade-rules';
import type { Admitted, RejectedConnection } from '../../../../src/server/listener';
import { fakeClock } from '../../../helpers/clock';
import { lines, rawClient, readAll, tcpClient, upgradeRequest } from '../../../helpers/peers';
import { Queue, until, within } from '../../../helpers/queue';
import { onTeardown, teardown } from '../../../helpers/teardown';

async function admitting(given: Layer = {}) {
  const options = { ...read(serverOptions, { port: 0, ...given }), host: '127.0.0.1' } as ServerOptions & { host: string };
  const admitted = new Queue<Admitted>();
  const rejected = new Queue<RejectedConnection>();
  const owner = {
    admitted: (one: Admitted) => {
      one.ws.on('error', () => {});
      onTeardown(() => one.ws.terminate());
      admitted.push(one);
    },
    rejected: (one: RejectedConnection) => rejected.push(one),
    warned: () => {},
  };
  const log = { warn() {}, error: (error: unknown) => assert.fail(String(error)) };
  const admission = new TcpAdmission(createServer(), undefined, new UpgradeRules(options), options, owner, log);
  const { port } = await admission.listen('127.0.0.1');
  onTeardown(() => admission.close(), 'tested');
  return { admission, port, admitted, rejected };
}

/** Sends a request. @returns the whole response. */
async function ask(port: number, request: string): Promise<string> {
  const socket = await tcpClient(port);
  const answered = readAll(socket);
  socket.write(request);
  return answered;
}

describe('TcpAdmission', () => {
  afterEach(teardown);

  it('admits an upgrade', async () => {
    const { port, admitted, rejected } = await admitting();
    const { socket } = await rawClient(port, { path: '/chat?q=1' });
    const { request } = await admitted.take('an admitted connection');
    assert.deepEqual([request.uri, request.remoteIp, request.remotePort], ['/chat?q=1', '127.0.0.1', socket.localPort]);
    assert.deepEqual(rejected.all, []);
  });

  it('answers a request without an upgrade with 426', async () => {
    const { port } = await admitting();
    assert.match(await ask(port, lines('GET / HTTP/1.1', 'Host: x', 'Connection: close')), /^HTTP\/1\.1 426 .+upgrade: websocket/is);
  });

  it('reports what is not HTTP, and answers with 400', async () => {
    const { port, rejected } = await admitting();
    assert.match(await ask(port, 'hello\r\n\r\n'), /^HTTP\/1\.1 400 /);
    const { kind, http_status, reason } = await rejected.take('a rejection');
    assert.deepEqual([kind, http_status], ['http', 400]);
    assert.match(reason, /^The request was refused with 400: it is not valid HTTP \(/);
  });

  it('answers headers that are too long with 431', async () => {
    const { port, rejected } = await admitting();
    assert.match(await ask(port, upgradeRequest('/', [`X-A: ${'x'.repeat(20_000)}`])), /^HTTP\/1\.1 431 /);
    assert.equal((await rejected.take('a rejection')).http_status, 431);
  });

  it('reports a rejected upgrade once, when its connection ends', async () => {
    const { port, rejected } = await admitting({ path: '/chat' });
    assert.match(await ask(port, upgradeRequest('/other')), /^HTTP\/1\.1 404 /);
    const { kind, uri, remoteIp } = await rejected.take('a rejection');
    assert.deepEqual([kind, uri, remoteIp, rejected.all.length], ['path', '/other', '127.0.0.1', 1]);
  });

  it('closes a connection beyond maxConnections at once, and admits one again after an end', async () => {
    const { port, admitted, rejected } = await admitting({ maxConnections: 1 });
    const first = await rawClient(port);
    await admitted.take('the first connection');
    await readAll(await tcpClient(port));
    const { kind, http_status } = await rejected.take('a rejection');
    assert.deepEqual([kind, http_status], ['full', 0]);
    first.socket.destroy();
    await within(new Promise((resolve) => first.socket.once('close', resolve)), 'the end of the first connection');
    await until(() => admitted.all[0]?.socket.destroyed === true, 'its end at the server');
    await rawClient(port);
    assert.equal(admitted.all.length, 2);
  });

  it('healthPath reports the number of connections, even if the server is full', async () => {
    const { port, admitted } = await admitting({ maxConnections: 1, healthPath: '/health' });
    await rawClient(port);
    await admitted.take('a connection');
    const answer = await ask(port, lines('GET /health?x HTTP/1.1', 'Host: x'));
    assert.match(answer, /^HTTP\/1\.1 200 .+\{"connections":1\}\n/s);
    assert.match(await ask(port, lines('POST /health HTTP/1.1', 'Host: x', 'Connection: close')), /^HTTP\/1\.1 426 /);
  });

  it('drops a connection without a request after handshakeTimeoutSecs', async () => {
    const clock = fakeClock();
    const { port, rejected } = await admitting({ handshakeTimeoutSecs: 3 });
    const socket = await tcpClient(port);
    const ended = readAll(socket);
    await until(() => clock.countTimers() > 0, 'a deadline');
    clock.tick(3_000);
    clock.tick(1);
    await ended;
    const { kind, reason } = await rejected.take('a rejection');
    assert.equal(kind, 'late');
    assert.match(reason, /upgrade request was not there after 3 s \(handshakeTimeoutSecs\)/);
  });

  it('a connection that leaves without a byte is not reported', async () => {
    const { port, rejected, admitted } = await admitting();
    (await tcpClient(port)).destroy();
    await rawClient(port);
    await admitted.take('a connection');
    assert.deepEqual(rejected.all, []);
  });

  it('close ends the connections that are not admitted, without a report', async () => {
    const { admission, port, rejected } = await admitting();
    const ended = readAll(await tcpClient(port));
    await admission.close();
    await ended;
    assert.deepEqual(rejected.all, []);
  });
});
