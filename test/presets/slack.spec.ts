import assert from 'node:assert/strict';
import { SocketModeClient } from '@slack/socket-mode';
import { httpServer } from '../helpers/peers';
import { type JsonService, jsonServer, presetClient } from '../helpers/presets';
import { Queue, within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'slack-socket-mode';
const envelope = { envelope_id: 'e1', type: 'events_api', payload: { event: { type: 'app_mention' } }, accepts_response_payload: false };

/** Slack, as the document of Socket Mode describes it. */
async function slack({ greeting = { type: 'hello', num_connections: 1 } as object | object[] } = {}) {
  const acknowledged = new Queue<unknown>();
  const service = (): JsonService => ({
    connected(peer) {
      for (const each of [greeting].flat()) peer.send(each);
      peer.send(envelope);
    },
    message: (message) => acknowledged.push(message),
  });
  return { ...(await jsonServer(service)), acknowledged };
}

describe('the preset slack-socket-mode, against a stand-in that @slack/socket-mode accepts', () => {
  afterEach(teardown);

  it('has a stand-in that @slack/socket-mode accepts', async () => {
    const { url, acknowledged } = await slack();
    const port = await httpServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ok: true, url }));
    });
    const logger = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {}, getLevel: () => 'error' };
    const peer = new SocketModeClient({
      appToken: 'xapp-1',
      clientOptions: { slackApiUrl: `http://127.0.0.1:${port}/` },
      logger: logger as never,
    });
    onTeardown(() => peer.disconnect());
    peer.on('app_mention', ({ ack }: { ack(): Promise<void> }) => void ack());
    await within(peer.start(), 'the start');
    assert.equal(((await acknowledged.take()) as { envelope_id: string }).envelope_id, 'e1');
  });

  it('acknowledges envelopes and emits them', async () => {
    const { url, acknowledged } = await slack();
    const client = await presetClient(preset, { URL: url }).open();
    assert.deepEqual(await acknowledged.take(), { envelope_id: 'e1' });
    assert.deepEqual((await client.next('Message')).data, envelope);
  });

  it('opens a new connection when Slack asks for it', async () => {
    const { url } = await slack({ greeting: [{ type: 'hello' }, { type: 'disconnect', reason: 'refresh_requested' }] });
    const client = await presetClient(preset, { URL: url }).open();
    assert.equal((await client.next('Message')).binary, false);
    assert.equal((await client.next('Open')).renews, true);
  });

  it('cannot start without a hello', async () => {
    const { url } = await slack({ greeting: { type: 'other' } });
    const { success, errorStr = '' } = await presetClient(preset, { URL: url }).start({}, { timeout: 0.3 });
    assert.equal(success, false);
    assert.match(errorStr, /step 1 of 1/);
  });
});
