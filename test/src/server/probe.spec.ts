import assert from 'node:assert/strict';
import type { Step } from '../../../src/core/progress';
import type { Layer } from '../../../src/options/read';
import { read } from '../../../src/options/read';
import { serverOptions } from '../../../src/options/server';
import { probeServer } from '../../../src/server/probe';
import { certs } from '../../helpers/certs';
import { closedPort, tcpServer } from '../../helpers/peers';
import { within } from '../../helpers/queue';
import { TestLog } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

async function triedServer(given: Layer) {
  const steps: Step[] = [];
  const failure = await within(
    probeServer(read(serverOptions, given), new AbortController().signal, (step) => steps.push(step), new TestLog()),
    'the end of a probe',
  );
  return { steps, names: steps.map(({ step }) => step), failure };
}

describe('probeServer', () => {
  afterEach(teardown);

  it('listens and stops again: the port is free', async () => {
    const port = await closedPort();
    const { steps, failure } = await triedServer({ port });
    assert.deepEqual([steps, failure], [[{ step: 'listening', values: { uri: `ws://127.0.0.1:${port}` } }], undefined]);
    await tcpServer(undefined, port);
  });

  it('reports why it cannot listen', async () => {
    const { steps, failure } = await triedServer({ port: await tcpServer() });
    assert.deepEqual([steps, failure?.brief, failure?.option], [[], 'portInUse', 'port']);
  });

  it('reports the subject of its certificate, and that it has expired', async () => {
    const { certFile, keyFile } = certs().expired;
    const { steps, names } = await triedServer({ port: 0, tls: true, certFile, keyFile });
    assert.deepEqual(names, ['certificate', 'expired', 'listening']);
    assert.deepEqual(steps[0]?.values, { subject: 'expired', issuer: 'ca', validTo: '2020-02-01T00:00:00.000Z' });
  });

  it('reports that the end of validity of its certificate cannot be read', async () => {
    const { certFile, keyFile } = certs().undated;
    assert.deepEqual((await triedServer({ port: 0, tls: true, certFile, keyFile })).names, ['certificate', 'unreadableDate', 'listening']);
  });

  it('refuses wrong options', async () => {
    await assert.rejects(triedServer({ host: '::1' }), { code: 'ERR_OPTION', option: 'host' });
    await assert.rejects(triedServer({ tls: true }), { code: 'ERR_OPTION' });
  });
});
