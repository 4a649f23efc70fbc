import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { listening } from '../helpers/peers';
import { ask, nextCall, presetClient, say } from '../helpers/presets';
import { within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'socket.io-4';

/** Starts a Socket.IO server that accepts one token. */
async function socketIoServer(options: object = {}): Promise<{ io: Server; url: string }> {
  const http = createServer();
  const io = new Server(http, options);
  io.use((socket, next) => next(socket.handshake.auth.token === 'open sesame' ? undefined : new Error('not for you')));
  io.on('connection', (socket) => {
    socket.on('add', (a, b, done) => done(a + b));
    socket.on('echo', (value, done) => done(value, 'and more'));
  });
  const port = await listening(http);
  onTeardown(() => void io.close());
  return { io, url: `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket` };
}

describe('the preset socket.io-4, against socket.io', () => {
  afterEach(teardown);

  it('logs in, and gets acknowledgements', async () => {
    const { url } = await socketIoServer();
    const client = await presetClient(preset, { URL: url, secrets: { token: 'open sesame' } }).open();
    assert.deepEqual((await ask(client, { method: 'add', params: [1, 2] })).result, [3]);
    assert.deepEqual((await ask(client, { method: 'echo', params: { a: [1] } })).result, [{ a: [1] }, 'and more']);
    assert.deepEqual((await ask(client, { method: 'echo', params: [[7]] })).result, [[7], 'and more']);
  });

  it('sends and receives attachments as Buffers', async () => {
    const { url } = await socketIoServer();
    const client = await presetClient(preset, { URL: url, secrets: { token: 'open sesame' } }).open();
    const { result } = await ask(client, { method: 'echo', params: [{ file: Buffer.from([1, 2, 3]) }] });
    assert.deepEqual(result, [{ file: Buffer.from([1, 2, 3]) }, 'and more']);
  });

  it('cannot start with a wrong token', async () => {
    const { url } = await socketIoServer();
    const { success, errorStr = '' } = await presetClient(preset, { URL: url, secrets: { token: 'wrong' } }).start();
    assert.equal(success, false);
    assert.match(errorStr, /step 3 of 3.*the peer refused: .*not for you/);
  });

  it('emits events, and answers those that ask for an acknowledgement', async () => {
    const { io, url } = await socketIoServer();
    const client = await presetClient(preset, { URL: url, secrets: { token: 'open sesame' } }).open();
    io.emit('news', { n: 1 });
    const { data } = await client.next('Message');
    assert.deepEqual(data, { eio: 'message', type: 2, nsp: '/', data: ['news', { n: 1 }] });
    const asked = within(io.timeout(2000).emitWithAck('question', 5), 'the acknowledgement');
    const { id, method, params } = await nextCall(client);
    assert.deepEqual([method, params], ['question', ['question', 5]]);
    client.socket.answer(id, { result: 'yes' }, ({ success }) => assert.equal(success, true));
    assert.deepEqual(await asked, ['yes']);
  });

  it('sends events, and answers the pings of the server', async () => {
    const { io, url } = await socketIoServer({ pingInterval: 50, pingTimeout: 200 });
    const heard = new Promise<unknown[]>((resolve) => {
      io.on('connection', (socket) => void socket.on('hi', (...args) => resolve(args)));
    });
    const client = await presetClient(preset, { URL: url, secrets: { token: 'open sesame' } }).open();
    const pings = new Promise<void>((resolve) => {
      const [socket] = io.sockets.sockets.values();
      let beats = 0;
      socket?.conn.on('packet', ({ type }) => {
        if (type === 'pong' && ++beats === 3) resolve();
      });
    });
    assert.equal((await say(client, { type: 2, data: ['hi', 1] })).success, true);
    assert.deepEqual(await within(heard, 'the event'), [1]);
    await within(pings, 'three pongs');
    assert.equal(client.socket.state, 'open');
  });
});
