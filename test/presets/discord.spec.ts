import assert from 'node:assert/strict';
import { type JsonPeer, type JsonService, jsonServer, presetClient } from '../helpers/presets';
import { Queue } from '../helpers/queue';
import { teardown } from '../helpers/teardown';

const preset = 'discord-gateway';
const secrets = { token: 'open sesame' };

/** The gateway of Discord, as its document describes it. */
async function gateway() {
  const beats = new Queue<unknown>();
  const peers = new Queue<JsonPeer>();
  const service = (): JsonService => ({
    connected: (peer) => peer.send({ op: 10, d: { heartbeat_interval: 50 }, s: null, t: null }),
    message({ op, d }, peer) {
      if (op === 1) {
        beats.push(d);
        return peer.send({ op: 11 });
      }
      if (op !== 2) return undefined;
      if (d.token !== 'open sesame') return peer.close(4004, 'Authentication failed.');
      peer.send({ op: 0, t: 'READY', s: 1, d: { v: 10, session_id: 'x' } });
      peer.send({ op: 0, t: 'MESSAGE_CREATE', s: 2, d: { content: 'hi' } });
      return peers.push(peer);
    },
  });
  return { ...(await jsonServer(service)), beats, peers };
}

describe('the preset discord-gateway, against a stand-in written from its document', () => {
  afterEach(teardown);

  it('identifies, emits events, and beats at the interval of the hello', async () => {
    const { url, beats, peers } = await gateway();
    const client = await presetClient(preset, { URL: url, secrets }).open();
    assert.equal(((await client.next('Message')).data as { t: string }).t, 'MESSAGE_CREATE');
    await beats.take();
    await beats.take();
    const peer = await peers.take();
    peer.send({ op: 1, d: null });
    await beats.take();
    assert.deepEqual(client.names, ['Open', 'Message']);
  });

  it('opens a new connection when the gateway asks for it', async () => {
    const { url, peers } = await gateway();
    const client = await presetClient(preset, { URL: url, secrets }).open();
    await client.next('Message');
    (await peers.take()).send({ op: 7, d: null });
    assert.equal((await client.next('Open')).renews, true);
    assert.equal(client.names.includes('Close'), false);
  });

  it('cannot start with a wrong token', async () => {
    const { url } = await gateway();
    const { success, errorStr = '' } = await presetClient(preset, { URL: url, secrets: { token: 'wrong' } }).start();
    assert.equal(success, false);
    assert.match(errorStr, /4004 \(Authentication failed\.\)/);
  });
});
