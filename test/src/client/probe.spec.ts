import assert from 'node:assert/strict';
import { probeClient } from '../../../src/client/probe';
import type { Step } from '../../../src/core/progress';
import { type AttemptOptions, clientOptions } from '../../../src/options/client';
import type { Layer } from '../../../src/options/read';
import { read } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { opcodes } from '../../helpers/frames';
import { closedPort, httpServer, rawServer, tcpServer, wsServer } from '../../helpers/peers';
import { Queue, within } from '../../helpers/queue';
import { teardown } from '../../helpers/teardown';

/** Probes a client's options. @returns the reported steps, and the failure, if any. */
async function tried(URL: string, given: Layer = {}, stop = new AbortController().signal) {
  const steps: Step[] = [];
  const options = { ...read(clientOptions, given), URL } as AttemptOptions;
  const failure = await within(
    probeClient(options, 2, stop, (step) => steps.push(step)),
    'the end of a probe',
  );
  return { steps, names: steps.map(({ step }) => step), failure };
}

describe('probeClient', () => {
  afterEach(teardown);

  it('reports each step to the pong, and closes with 1000', async () => {
    const { port, peers } = await wsServer();
    const { steps, names, failure } = await tried(`ws://localhost:${port}/`);
    assert.deepEqual([names, failure], [['name', 'tcp', 'http', 'pong'], undefined]);
    assert.deepEqual(steps[0]?.values, { host: 'localhost', address: '127.0.0.1' });
    assert.deepEqual(steps[1]?.values, { address: '127.0.0.1', port });
    assert.deepEqual(steps[2]?.values, { status: 101, text: 'Switching Protocols' });
    assert.deepEqual(await (await peers.take()).closes.take(), { code: 1000, reason: '' });
  });

  it('reports the subject of the certificate, before it is verified', async () => {
    const { cert, key } = certs().expired;
    const { url } = await wsServer({ tls: { cert, key } });
    const { steps, names, failure } = await tried(url, { caFile: certs().ca.certFile });
    assert.deepEqual(names, ['tcp', 'certificate']);
    assert.deepEqual(steps[1]?.values, { subject: 'expired', issuer: 'ca', validTo: '2020-02-01T00:00:00.000Z' });
    assert.match(failure?.errorStr ?? '', /has expired/);
  });

  it('reports that the end of validity of a certificate cannot be read, and continues to verify it', async () => {
    const { cert, key } = certs().undated;
    const { url } = await wsServer({ tls: { cert, key } });
    const { steps, names, failure } = await tried(url, { caFile: certs().ca.certFile });
    assert.deepEqual(names, ['tcp', 'certificate', 'unreadableDate']);
    assert.deepEqual(steps[1]?.values, { subject: 'server', issuer: 'ca', validTo: 'Bad time value' });
    assert.match(failure?.errorStr ?? '', /the certificate of \S+ has an unreadable date \(ERROR_IN_CERT_NOT_AFTER_FIELD\)/);
    assert.ok((await tried(url, { caFile: 'NONE' })).names.includes('pong'));
  });

  it('shows the name of a certificate without control characters', async () => {
    const { cert, key } = certs().odd;
    const { url } = await wsServer({ tls: { cert, key } });
    const { steps, failure } = await tried(url, { caFile: certs().ca.certFile });
    assert.equal(steps[1]?.step, 'certificate');
    assert.doesNotMatch(Object.values(steps[1]?.values ?? {}).join(), /\p{Cc}/u);
    assert.equal(failure?.brief, 'certificate');
  });

  it('reports that TLS is there, and that nothing was verified', async () => {
    const { cert, key } = certs().server;
    const { url } = await wsServer({ tls: { cert, key } });
    assert.deepEqual((await tried(url, { caFile: certs().ca.certFile })).names, ['tcp', 'certificate', 'tls', 'http', 'pong']);
    assert.deepEqual((await tried(url, { caFile: 'NONE' })).names, ['tcp', 'certificate', 'tls', 'http', 'unverified', 'pong']);
  });

  it('reports the subprotocol and whether messages will be compressed', async () => {
    const protocols = { handleProtocols: () => 'b' };
    const [yes, no] = [await wsServer({ ...protocols, perMessageDeflate: true }), await wsServer(protocols)];
    const given = { subProtocols: ['a', 'b'], enablePerMessageDeflate: true };
    const { steps, names } = await tried(yes.url, given);
    assert.deepEqual(names, ['tcp', 'http', 'protocol', 'compressed', 'pong']);
    assert.deepEqual(steps[2]?.values, { protocol: 'b' });
    assert.deepEqual((await tried(no.url, given)).names, ['tcp', 'http', 'protocol', 'uncompressed', 'pong']);
  });

  it('reports each redirect', async () => {
    const { url } = await wsServer();
    const port = await httpServer((_, response) =>
      response.writeHead(302, { Location: `${url.replace('ws://', 'ws://ann:secret@')}x` }).end(),
    );
    const { steps, names } = await tried(`ws://127.0.0.1:${port}/`);
    assert.deepEqual(names, ['tcp', 'http', 'redirect', 'tcp', 'http', 'pong']);
    assert.doesNotMatch(JSON.stringify(steps), /secret/);
  });

  it('reports its progress, and why it stopped', async () => {
    const refused = await tried(`ws://127.0.0.1:${await closedPort()}/`);
    assert.deepEqual([refused.names, refused.failure?.brief], [[], 'refused']);
    const port = await httpServer((_, response) => response.writeHead(404).end());
    const missing = await tried(`ws://127.0.0.1:${port}/`);
    assert.deepEqual([missing.names, missing.failure?.http_status, missing.failure?.option], [['tcp', 'http'], 404, 'URL']);
  });

  it('reports a server that does not answer its ping', async () => {
    const clock = fakeClock();
    const { url, peers } = await rawServer();
    const trying = tried(url);
    const peer = await peers.take();
    assert.equal((await peer.frames.take('a ping')).opcode, opcodes.ping);
    clock.tick(1500);
    peer.send(opcodes.close, Buffer.from([3, 0xe8]));
    assert.deepEqual((await trying).names, ['tcp', 'http', 'noPong']);
  });

  it('reports a server that closes at once', async () => {
    const { url, peers } = await wsServer();
    const trying = tried(url);
    (await peers.take()).ws.close(4003, 'not you');
    const { steps } = await trying;
    const last = steps.at(-1);
    // The pong may have arrived earlier.
    if (last?.step !== 'pong') assert.deepEqual(last, { step: 'closed', values: { code: 4003, reason: 'not you' } });
  });

  it('leaves nothing of itself when it is stopped, wherever it is', async () => {
    const closed = new Queue<boolean>();
    const silent = await tcpServer((socket) => socket.resume().once('close', () => closed.push(true)));
    const deaf = await rawServer();
    for (const url of [`ws://127.0.0.1:${silent}/`, deaf.url]) {
      const stop = new AbortController();
      const trying = tried(url, {}, stop.signal);
      setImmediate(() => stop.abort());
      await trying;
    }
    await closed.take('the end of the connection').catch(() => {});
    for (const peer of deaf.peers.all) await within(peer.ended, 'the end of the connection');
  });

  it('refuses a certificate that cannot be used with its option', async () => {
    await assert.rejects(tried('wss://127.0.0.1:1/', { caFile: certs().missing }), { code: 'ERR_OPTION', option: 'caFile' });
  });
});
