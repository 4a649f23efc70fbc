import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import StompServer from 'stomp-broker-js';
import { listening } from '../helpers/peers';
import { ask, presetClient, say } from '../helpers/presets';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'stomp-1.2';

/** Starts a broker that accepts one login. */
async function broker(): Promise<string> {
  const http = createServer();
  const stomp = new StompServer({ server: http, path: '/stomp', heartbeat: [0, 0] });
  // biome-ignore lint/suspicious/noExplicitAny: the library has no types.
  stomp.addMiddleware('connect', (socket: any, { headers }: any, next: () => void) => {
    if (headers?.login === 'guest' && headers?.passcode === 'open sesame') return next();
    socket.send('ERROR\nmessage:not for you\n\n\0');
    return undefined;
  });
  // The broker answers only DISCONNECT with a RECEIPT.
  // biome-ignore lint/suspicious/noExplicitAny: the library has no types.
  stomp.addMiddleware('send', (socket: any, { frame }: any, next: () => void) => {
    if (frame.headers.destination === '/topic/closed') socket.send(`ERROR\nmessage:closed\nreceipt-id:${frame.headers.receipt}\n\n\0`);
    else if (frame.headers.receipt) socket.send(`RECEIPT\nreceipt-id:${frame.headers.receipt}\n\n\0`);
    return next();
  });
  const port = await listening(http);
  onTeardown(() => void stomp.socket?.close?.());
  return `ws://127.0.0.1:${port}/stomp`;
}

const secrets = { login: 'guest', passcode: 'open sesame' };

describe('the preset stomp-1.2, against stomp-broker-js', () => {
  afterEach(teardown);

  it('subscribes, sends with receipts, and emits what comes', async () => {
    const URL = await broker();
    const reader = await presetClient(preset, { URL, secrets }).open();
    const writer = await presetClient(preset, { URL, secrets }).open();
    await say(reader, { command: 'SUBSCRIBE', headers: { id: 's1', destination: '/topic/a' } });
    const sent = await ask(writer, { method: 'SEND', params: { headers: { destination: '/topic/a' }, body: 'hello: 1' } });
    assert.equal(sent.success, true, sent.errorStr);
    assert.equal((sent.result as { command: string }).command, 'RECEIPT');
    const { data } = await reader.next('Message');
    const { command, headers, body } = data as { command: string; headers: Record<string, string>; body: string };
    assert.deepEqual([command, headers.destination, headers.subscription, body], ['MESSAGE', '/topic/a', 's1', 'hello: 1']);
  });

  it('tells the error of the broker', async () => {
    const client = await presetClient(preset, { URL: await broker(), secrets }).open();
    const { success, error } = await ask(client, { method: 'SEND', params: { headers: { destination: '/topic/closed' } } });
    assert.equal(success, false);
    assert.equal((error as { headers: { message: string } }).headers.message, 'closed');
  });

  it('cannot start with a wrong login', async () => {
    const { success, errorStr = '' } = await presetClient(preset, { URL: await broker(), secrets: { ...secrets, login: 'other' } }).start();
    assert.equal(success, false);
    assert.match(errorStr, /step 2 of 2.*the peer refused: .*not for you/s);
    assert.equal(errorStr.includes('open sesame'), false);
  });
});
