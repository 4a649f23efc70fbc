import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Client, Server } from 'rpc-websockets';
import { listening } from '../helpers/peers';
import { ask, nextCall, presetClient, presetServer, say } from '../helpers/presets';
import { within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'json-rpc-2.0';

/** Starts a server of `rpc-websockets`. */
async function rpcServer() {
  const http = createServer();
  const server = new Server({ server: http });
  const port = await listening(http);
  onTeardown(() => void server.close());
  server.register('sum', (params: number[]) => params.reduce((sum, each) => sum + each, 0));
  server.register('nothing', () => null);
  server.register('fail', () => {
    throw new Error('out of order');
  });
  server.event('news');
  return { server, url: `ws://127.0.0.1:${port}/` };
}

describe('the preset json-rpc-2.0, against rpc-websockets', () => {
  afterEach(teardown);

  it('asks, and tells the error of the peer', async () => {
    const { url } = await rpcServer();
    const client = await presetClient(preset, { URL: url }).open();
    assert.equal((await ask(client, { method: 'sum', params: [1, 2, 3] })).result, 6);
    assert.deepEqual(await ask(client, { method: 'nothing' }).then(({ success, result }) => [success, result]), [true, null]);
    const { success, error } = await ask(client, { method: 'unknown' });
    assert.equal(success, false);
    assert.equal((error as { code: number }).code, -32601);
    assert.equal((await ask(client, { method: 'fail' })).success, false);
  });

  it('emits notifications', async () => {
    const { server, url } = await rpcServer();
    const client = await presetClient(preset, { URL: url }).open();
    assert.equal((await ask(client, { method: 'rpc.on', params: ['news'] })).success, true);
    server.emit('news', { n: 1 });
    const { data } = await client.next('Message');
    assert.equal((data as { notification?: string; method?: string }).notification ?? (data as { method?: string }).method, 'news');
  });

  it('answers a batch and a message without an id as messages', async () => {
    const { url } = await rpcServer();
    const client = await presetClient(preset, { URL: url }).open();
    await say(client, [{ jsonrpc: '2.0', id: 'a', method: 'sum', params: [1] }]);
    const { data } = await client.next('Message');
    assert.deepEqual(data, [{ jsonrpc: '2.0', id: 'a', result: 1 }]);
  });

  it('is a server: answers calls and errors', async () => {
    const server = await presetServer(preset).open();
    const peer = new Client(server.url(), { reconnect: false });
    onTeardown(() => void peer.close());
    await within(new Promise<void>((resolve) => void peer.on('open', resolve)), 'the connection');
    const client = (await server.next('Open')).client as string;
    const asked = within(peer.call('sum', [1, 2]) as Promise<unknown>, 'the answer');
    const { id, method, params } = await nextCall(server);
    assert.deepEqual([method, params], ['sum', [1, 2]]);
    server.socket.answer(client, id, { result: 3 }, () => {});
    assert.equal(await asked, 3);
    const refused = assert.rejects(within(peer.call('sum', [1]) as Promise<unknown>, 'the answer'), { code: -32001, message: 'too few' });
    const call = await nextCall(server);
    server.socket.answer(client, call.id, { error: { code: -32001, message: 'too few' } }, () => {});
    await refused;
  });
});
