import assert from 'node:assert/strict';
import { ask, type JsonService, jsonServer, presetClient } from '../helpers/presets';
import { teardown } from '../helpers/teardown';

/** A Shelly device of the second generation, as its document describes it. */
const shelly = (): JsonService => ({
  message({ id, src, method, params }, peer) {
    if (method === 'Switch.Set') {
      peer.send({ id, src: 'shellyplus1-1', dst: src, result: { was_on: false } });
      return peer.send({ src: 'shellyplus1-1', dst: src, method: 'NotifyStatus', params: { ts: 1, 'switch:0': { output: params.on } } });
    }
    return peer.send({ id, src: 'shellyplus1-1', dst: src, error: { code: 404, message: `No handler for ${method}` } });
  },
});

describe('the preset shelly-gen2, against a stand-in written from its document', () => {
  afterEach(teardown);

  it('asks, tells the error of the device, and emits its notifications', async () => {
    const { url } = await jsonServer(shelly);
    const client = await presetClient('shelly-gen2', { URL: `${url}rpc` }).open();
    assert.deepEqual((await ask(client, { method: 'Switch.Set', params: { id: 0, on: true } })).result, { was_on: false });
    const { method, params } = (await client.next('Message')).data as { method: string; params: unknown };
    assert.deepEqual([method, params], ['NotifyStatus', { ts: 1, 'switch:0': { output: true } }]);
    const { success, error } = await ask(client, { method: 'Nothing.Get' });
    assert.deepEqual([success, error], [false, { code: 404, message: 'No handler for Nothing.Get' }]);
  });
});
