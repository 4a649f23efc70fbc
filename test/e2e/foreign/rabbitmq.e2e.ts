import assert from 'node:assert/strict';
import { ask, presetClient, say } from '../../helpers/presets';
import { teardown } from '../../helpers/teardown';
import { RabbitMq } from './rabbitmq';

const preset = 'stomp-1.2';
const secrets = { login: 'guest', passcode: 'guest' };

interface Frame {
  readonly command: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

describe('the preset stomp-1.2, against RabbitMQ', function () {
  this.timeout(60_000);
  let broker: RabbitMq | undefined;
  let URL: string;
  before(async () => {
    broker = await RabbitMq.start();
    URL = broker.url;
  });
  after(() => broker?.kill());
  afterEach(teardown);

  it('logs in, and keeps what the broker says of itself', async () => {
    const { opening, errorStr } = (await presetClient(preset, { URL, secrets }).start()) as { opening?: unknown; errorStr?: string };
    const { headers } = (opening as { connected: Frame } | undefined)?.connected ?? assert.fail(errorStr);
    assert.deepEqual([headers.version, headers.server?.split('/')[0], headers['heart-beat']], ['1.2', 'RabbitMQ', '10000,10000']);
  });

  it('subscribes and sends, each with a receipt', async () => {
    const reader = await presetClient(preset, { URL, secrets }).open();
    const writer = await presetClient(preset, { URL, secrets }).open();
    const destination = '/topic/kitchen.temperature';
    const subscribed = await ask(reader, { method: 'SUBSCRIBE', params: { headers: { id: 's1', destination } } });
    assert.equal((subscribed.result as Frame).command, 'RECEIPT', subscribed.errorStr);
    const headers = { destination, 'content-type': 'application/json' };
    const sent = await ask(writer, { method: 'SEND', params: { headers, body: '{"celsius":21.5}' } });
    assert.equal(sent.success, true, sent.errorStr);
    const { command, headers: got, body } = (await reader.next('Message')).data as Frame;
    assert.deepEqual([command, got.subscription, got['content-type'], body], ['MESSAGE', 's1', 'application/json', '{"celsius":21.5}']);
  });

  it('sends text of every kind as it is, and headers that need escapes', async () => {
    const client = await presetClient(preset, { URL, secrets }).open();
    const destination = '/queue/zoo';
    await ask(client, { method: 'SUBSCRIBE', params: { headers: { id: 'zoo', destination } } });
    await say(client, { command: 'SEND', headers: { destination, note: 'a:b\nc\\d' }, body: 'größer 🐇\n\nlast line' });
    const { headers, body } = (await client.next('Message')).data as Frame;
    assert.deepEqual([headers.note, body], ['a:b\nc\\d', 'größer 🐇\n\nlast line']);
  });

  it('emits an ERROR without a receipt id as a Message, since it answers no request', async () => {
    const client = await presetClient(preset, { URL, secrets }).open();
    const headers = { destination: '/nowhere/at/all', id: 'n' };
    const { success, sent } = await ask(client, { method: 'SUBSCRIBE', params: { headers }, timeout: 1 });
    assert.deepEqual([success, sent], [false, true]);
    const { command, headers: got } = (await client.next('Message')).data as Frame;
    assert.deepEqual([command, got.message], ['ERROR', 'Unknown destination']);
  });

  it('cannot start with a wrong passcode, which is not repeated', async () => {
    const { success, errorStr = '' } = await presetClient(preset, { URL, secrets: { ...secrets, passcode: 'open sesame' } }).start();
    assert.equal(success, false);
    assert.match(errorStr, /step 2 of 2.*Bad CONNECT/s);
    assert.equal(errorStr.includes('open sesame'), false);
  });
});
