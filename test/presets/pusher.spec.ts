import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import Pusher from 'pusher-js';
import { ask, type JsonService, jsonServer, presetClient, say } from '../helpers/presets';
import { Queue, within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'pusher';
const signature = (channel: string, socketId = '1.2') =>
  `key:${createHmac('sha256', 'open sesame').update(`${socketId}:${channel}`).digest('hex')}`;

/** Pusher Channels, as its document describes it, for the application `key`. */
const pusher = ({ url = '' }: { url?: string | undefined }): JsonService => ({
  connected(peer) {
    if (url.includes('/app/key')) {
      return peer.send({ event: 'pusher:connection_established', data: JSON.stringify({ socket_id: '1.2', activity_timeout: 120 }) });
    }
    peer.send({ event: 'pusher:error', data: { code: 4001, message: 'App key not in this cluster' } });
    return peer.close(4001);
  },
  message({ event, data }, peer) {
    if (event === 'pusher:ping') return peer.send({ event: 'pusher:pong', data: '{}' });
    if (event !== 'pusher:subscribe') return undefined;
    const { channel, auth } = data;
    if (channel.startsWith('private-') && auth !== signature(channel)) {
      return peer.send({ event: 'pusher:subscription_error', channel, data: { type: 'AuthError', status: 401 } });
    }
    peer.send({ event: 'pusher_internal:subscription_succeeded', channel, data: '{}' });
    peer.send({ event: 'news', channel, data: '{"n":1}' });
    return peer.send({ event: 'pusher:ping', data: '{}' });
  },
});

describe('the preset pusher, against a stand-in that pusher-js accepts', () => {
  afterEach(teardown);

  it('has a stand-in that pusher-js accepts', async () => {
    const { port } = await jsonServer(pusher);
    const peer = new Pusher('key', {
      wsHost: '127.0.0.1',
      wsPort: port,
      forceTLS: false,
      enabledTransports: ['ws'],
      cluster: '',
      enableStats: false,
    });
    onTeardown(() => peer.disconnect());
    const heard = new Promise((resolve) => void peer.subscribe('room').bind('news', resolve));
    assert.deepEqual(await within(heard, 'the news'), { n: 1 });
  });

  it('subscribes to a public and a private channel, and emits what comes', async () => {
    const { url } = await jsonServer(pusher);
    const secrets = { key: 'key', secret: 'open sesame' };
    const client = await presetClient(preset, { URL: `${url}app/key?protocol=7`, secrets }).open();
    const open = await ask(client, { method: 'subscribe', params: { channel: 'room' } });
    assert.equal(open.success, true, open.errorStr);
    assert.equal(((await client.next('Message')).data as { event: string }).event, 'news');
    const hidden = await ask(client, { method: 'subscribe', params: { channel: 'private-room' } });
    assert.equal((hidden.result as { channel: string }).channel, 'private-room');
    assert.equal((await say(client, { event: 'client-hi', channel: 'private-room', data: {} })).success, true);
  });

  it('tells that a channel refuses a wrong secret', async () => {
    const { url } = await jsonServer(pusher);
    const secrets = { key: 'key', secret: 'wrong' };
    const client = await presetClient(preset, { URL: `${url}app/key`, secrets }).open();
    const { success, error } = await ask(client, { method: 'subscribe', params: { channel: 'private-room' } });
    assert.deepEqual([success, error], [false, { type: 'AuthError', status: 401 }]);
  });

  it('beats at the interval that the server names', async () => {
    const beats = new Queue<unknown>();
    const hasty = (): JsonService => ({
      connected: (peer) => peer.send({ event: 'pusher:connection_established', data: '{"socket_id":"1.2","activity_timeout": 1}' }),
      message: (message) => beats.push(message),
    });
    const { url } = await jsonServer(hasty);
    await presetClient(preset, { URL: `${url}app/key` }).open();
    assert.deepEqual(await beats.take('a ping', 2500), { event: 'pusher:ping', data: {} });
  });

  it('cannot start with a wrong key', async () => {
    const { url } = await jsonServer(pusher);
    const { success, errorStr = '' } = await presetClient(preset, { URL: `${url}app/other` }).start();
    assert.equal(success, false);
    assert.match(errorStr, /the peer refused: .*App key not in this cluster/);
  });
});
