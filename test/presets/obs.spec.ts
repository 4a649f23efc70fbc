import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { OBSWebSocket } from 'obs-websocket-js/json';
import { ask, type JsonService, jsonServer, presetClient } from '../helpers/presets';
import { within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'obs-websocket-5';
const sha = (text: string) => createHash('sha256').update(text).digest('base64');

/** OBS Studio, as the document of obs-websocket 5 describes it. Without a password it asks for none. */
const obs = (password?: string) => (): JsonService => {
  const [salt, challenge] = ['salt+/=', 'challenge+/='];
  const authentication = password === undefined ? undefined : { salt, challenge };
  return {
    connected: (peer) => peer.send({ op: 0, d: { obsWebSocketVersion: '5.5.0', rpcVersion: 1, authentication } }),
    message({ op, d }, peer) {
      if (op === 1) {
        if (password !== undefined && d.authentication !== sha(sha(password + salt) + challenge)) {
          return peer.close(4009, 'Authentication failed.');
        }
        peer.send({ op: 2, d: { negotiatedRpcVersion: 1 } });
        peer.send({ op: 5, d: { eventType: 'StudioModeStateChanged', eventIntent: 1, eventData: { studioModeEnabled: true } } });
      }
      if (op !== 6) return;
      const { requestType, requestId, requestData } = d;
      const known = requestType === 'GetVersion' || requestType === 'SetCurrentProgramScene';
      const requestStatus = known ? { result: true, code: 100 } : { result: false, code: 204, comment: 'unknown request' };
      const responseData = requestType === 'GetVersion' ? { obsVersion: '30.0', given: requestData } : undefined;
      peer.send({ op: 7, d: { requestType, requestId, requestStatus, responseData } });
    },
  };
};

describe('the preset obs-websocket-5, against a stand-in that obs-websocket-js accepts', () => {
  afterEach(teardown);

  it('has a stand-in that obs-websocket-js accepts', async () => {
    const { url } = await jsonServer(obs('open sesame'));
    const peer = new OBSWebSocket();
    onTeardown(() => peer.disconnect());
    await within(peer.connect(url, 'open sesame'), 'the connection');
    assert.equal((await within(peer.call('GetVersion'), 'the answer')).obsVersion, '30.0');
    await assert.rejects(new OBSWebSocket().connect(url, 'wrong'), { code: 4009 });
  });

  it('logs in, asks, and tells the error of OBS', async () => {
    const { url } = await jsonServer(obs('open sesame'));
    const client = await presetClient(preset, { URL: url, secrets: { password: 'open sesame' } }).open();
    assert.equal(((await client.next('Message')).data as { op: number }).op, 5);
    assert.deepEqual((await ask(client, { method: 'GetVersion', params: { a: 1 } })).result, { obsVersion: '30.0', given: { a: 1 } });
    const nothing = await ask(client, { method: 'SetCurrentProgramScene', params: { sceneName: 'x' } });
    assert.deepEqual([nothing.success, nothing.result], [true, null]);
    const { success, error } = await ask(client, { method: 'Unknown' });
    assert.deepEqual([success, error], [false, { result: false, code: 204, comment: 'unknown request' }]);
  });

  it('logs in without a password if OBS asks for none', async () => {
    const { url } = await jsonServer(obs());
    await presetClient(preset, { URL: url }).open();
  });

  it('cannot start with a wrong password', async () => {
    const { url } = await jsonServer(obs('open sesame'));
    const { success, errorStr = '' } = await presetClient(preset, { URL: url, secrets: { password: 'wrong' } }).start();
    assert.equal(success, false);
    assert.match(errorStr, /step 3 of 3.*4009 \(Authentication failed\.\)/);
  });
});
