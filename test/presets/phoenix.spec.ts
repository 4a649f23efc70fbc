import assert from 'node:assert/strict';
import { Socket } from 'phoenix';
import { WebSocket } from 'ws';
import { ask, type JsonService, jsonServer, presetClient } from '../helpers/presets';
import { within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'phoenix';

/** A Phoenix endpoint with channels, as serializer 2.0.0 describes them. The channel `room:1` needs a token. */
function endpoint(): JsonService {
  let joined: string | null = null;
  return {
    message([join, ref, topic, event, payload], peer) {
      const reply = (status: string, response: unknown) => peer.send([join, ref, topic, 'phx_reply', { status, response }]);
      if (topic === 'phoenix' && event === 'heartbeat') return reply('ok', {});
      if (event === 'phx_join') {
        if (payload.token !== 'open sesame') return reply('error', { reason: 'unauthorized' });
        joined = join;
        return reply('ok', { joined: join });
      }
      if (event === 'phx_leave') return reply('ok', {});
      if (joined === null || join !== joined) return reply('error', { reason: 'unmatched topic' });
      if (event === 'shout') {
        reply('ok', { heard: payload });
        return peer.send([null, null, topic, 'news', { n: 1 }]);
      }
      return reply('error', { reason: 'unknown event' });
    },
  };
}

describe('the preset phoenix, against a stand-in that phoenix accepts', () => {
  afterEach(teardown);

  it('has a stand-in that phoenix accepts', async () => {
    const { url } = await jsonServer(endpoint);
    const socket = new Socket(`${url}socket`, { transport: WebSocket, vsn: '2.0.0' });
    onTeardown(() => socket.disconnect());
    socket.connect();
    const channel = socket.channel('room:1', { token: 'open sesame' });
    const done = (push: { receive(status: string, then: (response: unknown) => void): unknown }) =>
      within(new Promise((resolve) => void push.receive('ok', resolve)), 'the reply');
    await done(channel.join());
    assert.deepEqual(await done(channel.push('shout', { a: 1 })), { heard: { a: 1 } });
  });

  it('joins with its token, pushes, and emits broadcasts', async () => {
    const { url } = await jsonServer(endpoint);
    const client = await presetClient(preset, { URL: `${url}socket/websocket?vsn=2.0.0`, secrets: { token: 'open sesame' } }).open();
    const joined = await ask(client, { method: 'phx_join', params: { topic: 'room:1', payload: {} } });
    assert.equal(joined.success, true, joined.errorStr);
    const { joined: join } = joined.result as { joined: string };
    const shouted = await ask(client, { method: 'shout', params: { join, topic: 'room:1', payload: { a: 1 } } });
    assert.deepEqual(shouted.result, { heard: { a: 1 } });
    assert.deepEqual((await client.next('Message')).data, [null, null, 'room:1', 'news', { n: 1 }]);
    const again = await ask(client, { message: [join, null, 'room:1', 'shout', { b: 2 }] });
    assert.deepEqual(again.result, { heard: { b: 2 } });
    const refused = await ask(client, { method: 'unknown', params: { join, topic: 'room:1' } });
    assert.deepEqual([refused.success, refused.error], [false, { reason: 'unknown event' }]);
  });

  it('tells that a channel refuses a wrong token', async () => {
    const { url } = await jsonServer(endpoint);
    const client = await presetClient(preset, { URL: url, secrets: { token: 'wrong' } }).open();
    const { success, error } = await ask(client, { method: 'phx_join', params: { topic: 'room:1', payload: {} } });
    assert.deepEqual([success, error], [false, { reason: 'unauthorized' }]);
  });
});
