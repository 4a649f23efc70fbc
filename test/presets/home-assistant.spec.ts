import assert from 'node:assert/strict';
import { callService, createConnection, createLongLivedTokenAuth } from 'home-assistant-js-websocket';
import { WebSocket } from 'ws';
import { ask, askMany, type JsonPeer, type JsonService, jsonServer, presetClient } from '../helpers/presets';
import { within } from '../helpers/queue';
import { onTeardown, stub, teardown } from '../helpers/teardown';

const preset = 'home-assistant';

/** Home Assistant, as its document describes it: ids grow, and a message with another one is refused. */
function homeAssistant(): JsonService {
  let latest = 0;
  const subscriptions = new Set<number>();
  const result = (peer: JsonPeer, id: number, value: unknown) => peer.send({ id, type: 'result', success: true, result: value });
  const refuse = (peer: JsonPeer, id: number, code: string) =>
    peer.send({ id, type: 'result', success: false, error: { code, message: 'refused' } });
  return {
    connected: (peer) => peer.send({ type: 'auth_required', ha_version: '2026.1.0' }),
    message(message, peer) {
      const { id, type } = message;
      if (type === 'auth') {
        if (message.access_token === 'open sesame') return peer.send({ type: 'auth_ok', ha_version: '2026.1.0' });
        peer.send({ type: 'auth_invalid', message: 'Invalid access token or password' });
        return peer.close(1000);
      }
      if (!(id > latest)) return refuse(peer, id, 'id_reuse');
      latest = id;
      switch (type) {
        case 'ping':
          return peer.send({ id, type: 'pong' });
        case 'call_service':
          if (message.domain !== 'light') return refuse(peer, id, 'not_found');
          result(peer, id, { context: { id: 'c' }, response: message.service_data ?? null });
          for (const each of subscriptions) peer.send({ id: each, type: 'event', event: { data: { service: message.service } } });
          return undefined;
        case 'subscribe_events':
          subscriptions.add(id);
          return result(peer, id, null);
        case 'unsubscribe_events':
          subscriptions.delete(message.subscription);
          return result(peer, id, null);
        case 'supported_features':
          return result(peer, id, null);
        default:
          return refuse(peer, id, 'unknown_command');
      }
    },
  };
}

const secrets = { token: 'open sesame' };
const turnOn = { domain: 'light', service: 'turn_on', service_data: { brightness: 7 } };

describe('the preset home-assistant, against a stand-in that home-assistant-js-websocket accepts', () => {
  afterEach(teardown);

  it('has a stand-in that home-assistant-js-websocket accepts', async () => {
    const { port } = await jsonServer(homeAssistant);
    stub(globalThis as { WebSocket?: unknown }, 'WebSocket', WebSocket);
    const auth = createLongLivedTokenAuth(`http://127.0.0.1:${port}`, 'open sesame');
    // biome-ignore lint/suspicious/noExplicitAny: its exports hide its types from this resolution.
    const connection = await within(createConnection({ auth }) as Promise<any>, 'the connection');
    onTeardown(() => connection.close());
    const heard = new Promise((resolve) => void connection.subscribeEvents(resolve, 'call_service'));
    await within(callService(connection, 'light', 'turn_on'), 'the answer');
    await within(heard, 'the event');
  });

  it('logs in, calls services, and tells errors', async () => {
    const { url } = await jsonServer(homeAssistant);
    const client = await presetClient(preset, { URL: url, secrets }).open();
    const { result } = await ask(client, { method: 'call_service', params: turnOn });
    assert.deepEqual((result as { response: unknown }).response, { brightness: 7 });
    const { success, error } = await ask(client, { method: 'call_service', params: { ...turnOn, domain: 'nothing' } });
    assert.deepEqual([success, error], [false, { code: 'not_found', message: 'refused' }]);
  });

  it('subscribes: the result is the first part, and each event another', async () => {
    const { url } = await jsonServer(homeAssistant);
    const client = await presetClient(preset, { URL: url, secrets }).open();
    const parts = askMany(client, { method: 'subscribe_events', params: { event_type: 'call_service' } });
    const first = await parts.take();
    assert.deepEqual([first.success, first.part, first.result], [true, 1, null]);
    await ask(client, { method: 'call_service', params: turnOn });
    assert.deepEqual((await parts.take()).result, { data: { service: 'turn_on' } });
    client.socket.requests?.cancel(first.requestId);
    const last = await parts.take();
    assert.deepEqual([last.success, last.last, last.errorStr], [false, true, 'cancelled']);
    // The id of the cancel is higher than that of the subscription, or the next request would be refused.
    assert.equal((await ask(client, { method: 'call_service', params: turnOn })).success, true);
    assert.equal(client.names.includes('Error'), false);
  });

  it('cannot start with a wrong token', async () => {
    const { url } = await jsonServer(homeAssistant);
    const { success, errorStr = '' } = await presetClient(preset, { URL: url, secrets: { token: 'wrong' } }).start();
    assert.equal(success, false);
    assert.match(errorStr, /step 3 of 3.*the peer refused: .*auth_invalid/);
  });
});
