import assert from 'node:assert/strict';
import { ask, type JsonService, jsonServer, presetClient, say } from '../helpers/presets';
import { teardown } from '../helpers/teardown';

const delta = { context: 'vessels.self', updates: [{ values: [{ path: 'navigation.speedOverGround', value: 3.1 }] }] };

/** A Signal K server, as its document describes it: a put is answered with PENDING first. */
const signalK = (): JsonService => ({
  connected: (peer) => peer.send({ name: 'signalk', version: '1.7.0', self: 'vessels.urn:1', roles: ['main'] }),
  message({ requestId, put, subscribe, token }, peer) {
    if (subscribe) return peer.send(delta);
    if (!put) return undefined;
    if (token !== 'open sesame') return peer.send({ requestId, state: 'COMPLETED', statusCode: 401, message: 'Unauthorized' });
    peer.send({ requestId, state: 'PENDING', statusCode: 202 });
    return peer.send({ requestId, state: 'COMPLETED', statusCode: put.path === 'steering' ? 200 : 405 });
  },
});

describe('the preset signal-k, against a stand-in written from its document', () => {
  afterEach(teardown);

  it('puts, with the outcome that follows PENDING, and tells errors', async () => {
    const { url } = await jsonServer(signalK);
    const client = await presetClient('signal-k', { URL: url, secrets: { token: 'open sesame' } }).open();
    const done = await ask(client, { method: 'put', params: { path: 'steering', value: 1 } });
    assert.equal(done.success, true, done.errorStr);
    assert.deepEqual(
      [(done.result as { state: string; statusCode: number }).state, (done.result as { statusCode: number }).statusCode],
      ['COMPLETED', 200],
    );
    const failed = await ask(client, { method: 'put', params: { path: 'other', value: 1 } });
    assert.deepEqual([failed.success, (failed.error as { statusCode: number }).statusCode], [false, 405]);
  });

  it('tells that a put without a token is refused', async () => {
    const { url } = await jsonServer(signalK);
    const client = await presetClient('signal-k', { URL: url }).open();
    const { success, error } = await ask(client, { method: 'put', params: { path: 'steering', value: 1 } });
    assert.deepEqual([success, (error as { statusCode: number }).statusCode], [false, 401]);
  });

  it('emits the deltas of a subscription', async () => {
    const { url } = await jsonServer(signalK);
    const client = await presetClient('signal-k', { URL: url }).open();
    await say(client, { context: 'vessels.self', subscribe: [{ path: 'navigation.speedOverGround' }] });
    assert.deepEqual((await client.next('Message')).data, delta);
  });
});
