import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { SendBudget } from '../../../src/connection/send-budget';
import { Sender } from '../../../src/connection/sender';
import { OutgoingMessage } from '../../../src/wire/outgoing-message';
import { frame, opcodes } from '../../helpers/frames';
import { rawClient, wsServer } from '../../helpers/peers';
import { onTeardown, teardown } from '../../helpers/teardown';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A sender of a real connection, whose peer the test reads. */
async function sending(options: object = {}, isServer = true) {
  const server = await wsServer();
  const peer = await rawClient(server.port);
  const { ws } = await server.peers.take('a connection');
  const socket = (ws as unknown as { _socket: Socket })._socket;
  const slow: string[] = [];
  const sender = new Sender({
    ws,
    socket,
    isServer,
    deflation: undefined,
    options: { maxBufferedAmount: 0, maxBufferedMessages: 0, sendTimeoutSecs: 0, slowReaders: 'keep', ...options },
    budget: new SendBudget(0, () => []),
    owner: { closeSlow: (why) => slow.push(why) },
    log: { warn() {}, error: (error) => assert.fail(String(error)) },
  });
  onTeardown(() => sender.abandon());
  const results: [string | undefined, number, number][] = [];
  const send = (data: string | Buffer, broadcast = false) =>
    sender.send(new OutgoingMessage(data), broadcast, (...result) => results.push(result));
  return { peer, ws, socket, sender, slow, results, send };
}

describe('Sender', () => {
  afterEach(teardown);

  it('sends texts and bytes in order, and reports their sizes', async () => {
    const { peer, results, send } = await sending();
    send('hello');
    send(Buffer.from([1, 2]));
    send('é', true);
    for (const [opcode, payload] of [
      [opcodes.text, Buffer.from('hello')],
      [opcodes.binary, Buffer.from([1, 2])],
      [opcodes.text, Buffer.from('é')],
    ] as const) {
      const received = await peer.frames.take('a frame');
      assert.deepEqual([received.opcode, received.payload, received.masked], [opcode, payload, false]);
    }
    assert.deepEqual(results, [
      [undefined, 5, 5],
      [undefined, 2, 2],
      [undefined, 2, 2],
    ]);
  });

  it('masks the frames of a client', async () => {
    const { peer, send } = await sending({}, false);
    send('hello');
    const { masked, payload } = await peer.frames.take('a frame');
    assert.deepEqual([masked, payload.toString()], [true, 'hello']);
  });

  it('counts what the operating system does not have yet', async () => {
    const { sender, send } = await sending();
    send('hello');
    assert.deepEqual([sender.bufferedAmount > 0, sender.heldBytes > 5], [true, true]);
    await turn();
    await turn();
    assert.deepEqual([sender.bufferedAmount, sender.isBehind], [0, false]);
  });

  it('rejects messages above a limit while the peer is behind', async () => {
    const { socket, results, slow, send } = await sending({ maxBufferedMessages: 2 });
    socket.cork();
    assert.deepEqual([send('a'), send('b'), send('c')], [true, true, false]);
    const reason = 'the peer reads too slowly, and 2 messages (maxBufferedMessages) wait for it';
    assert.deepEqual(results, [[`The message was not sent: ${reason}.`, 0, 0]]);
    await turn();
    await turn();
    assert.deepEqual(slow, []);
    socket.uncork();
  });

  it('with slowReaders close, closes once at the end of the turn', async () => {
    const { socket, slow, send } = await sending({ maxBufferedMessages: 1, slowReaders: 'close' });
    socket.cork();
    for (const text of ['a', 'b', 'c']) send(text);
    assert.deepEqual(slow, []);
    await turn();
    await turn();
    assert.deepEqual(slow, ['1 messages (maxBufferedMessages) wait for it']);
    socket.uncork();
  });

  it('fails what waits with a reason', async () => {
    const { results, sender, send } = await sending();
    send('hello');
    sender.fail('it was evicted');
    assert.deepEqual(results, [['The message was not sent: the peer reads too slowly, and it was evicted.', 0, 0]]);
  });

  it('hands over its messages before a frame that `ws` writes', async () => {
    const { peer, ws, sender, send } = await sending();
    send('first');
    sender.flush();
    ws.ping('second');
    const received = [await peer.frames.take('a frame'), await peer.frames.take('a frame')];
    assert.deepEqual(
      received.map(({ opcode }) => opcode),
      [opcodes.text, opcodes.ping],
    );
  });

  it('sends what `frame` of the tests encodes', async () => {
    const { socket, send } = await sending();
    const written: Buffer[] = [];
    const { write } = socket;
    socket.write = function (this: Socket, chunk: Buffer | string, ...rest: never[]) {
      written.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
      return Reflect.apply(write, this, [chunk, ...rest]);
    } as never;
    send('hello');
    await turn();
    assert.deepEqual(Buffer.concat(written), frame(opcodes.text, 'hello'));
  });
});
