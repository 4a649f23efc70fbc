import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import * as ws from 'ws';
import { WebSocket } from 'ws';
import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { closeBody, frame, opcodes } from '../../helpers/frames';
import { type RawPeer, rawClient } from '../../helpers/peers';
import { within } from '../../helpers/queue';
import { type ServerHarness, server } from '../../helpers/sockets';
import { onTeardown, stub, teardown } from '../../helpers/teardown';

interface ReaderOfWs {
  readonly _opcode: number;
  getData(done: unknown): void;
}
// Exported by ws; @types/ws leaves it out.
const { Receiver } = ws as unknown as { Receiver: { prototype: ReaderOfWs } };

const masked = true;
const ping = frame(opcodes.ping, '', { masked });
const pong = frame(opcodes.pong, '', { masked });
const fragment = frame(opcodes.continuation, '', { masked, fin: false });
const text = (data: string) => frame(opcodes.text, data, { masked });
const compressed = (data: string) =>
  frame(opcodes.text, deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4), { masked, rsv: 4 });

async function meet(
  { deflated = false, tls = false, known = true } = {},
  given: Layer = {},
): Promise<{ harness: ServerHarness; peer: RawPeer }> {
  if (!known) forgetSource();
  const { certFile, keyFile } = certs().server;
  const harness = await server({ enablePong: false, ...given, ...(tls && { tls, certFile, keyFile }) }).open();
  const headers = deflated ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [];
  const peer = await rawClient(harness.port, { headers, tls: tls ? { rejectUnauthorized: false } : undefined });
  await harness.next('Open');
  return { harness, peer };
}

/** Makes the reader of `ws` look like that of another release. */
function forgetSource(): void {
  stub(Receiver.prototype as never, 'constructor', class Other {} as never);
}

/** Counts the frames that `ws` reads, and the pongs, which it reports. @returns the maximum per event-loop turn, and the total, so far. */
function countFrames(): () => { most: number; all: number } {
  let [inTurn, most, all, ends] = [0, 0, 0, false];
  const count = () => {
    inTurn++;
    all++;
    most = Math.max(most, inTurn);
  };
  const { getData } = Receiver.prototype;
  stub(Receiver.prototype, 'getData', function (this: ReaderOfWs, done: unknown) {
    if (this._opcode !== opcodes.pong) count();
    getData.call(this, done);
  });
  const { emit } = WebSocket.prototype;
  stub(WebSocket.prototype, 'emit', function (this: WebSocket, ...args: Parameters<typeof emit>) {
    if (args[0] === 'pong') count();
    return emit.apply(this, args);
  });
  const turn = () => {
    inTurn = 0;
    if (!ends) setImmediate(turn);
  };
  turn();
  onTeardown(() => {
    ends = true;
  });
  return () => ({ most, all });
}

describe('what a connection receives', () => {
  afterEach(teardown);

  const floods: Record<string, Buffer[]> = {
    pings: Array<Buffer>(5000).fill(ping),
    pongs: Array<Buffer>(5000).fill(pong),
    'empty fragments': [frame(opcodes.text, '', { masked, fin: false }), ...Array<Buffer>(5000).fill(fragment), frame(0, '', { masked })],
    'pings in a message': [frame(opcodes.text, '', { masked, fin: false }), ...Array<Buffer>(5000).fill(ping), frame(0, '', { masked })],
  };
  for (const [what, frames] of Object.entries(floods)) {
    for (const how of ['', ' (TLS)', ' (compression)']) {
      it(`${what} are read a few in a turn, and what follows is read after them${how}`, async () => {
        const { harness, peer } = await meet({ tls: how === ' (TLS)', deflated: how === ' (compression)' });
        const frameCounts = countFrames();
        peer.socket.write(Buffer.concat([...frames, text('last'), frame(opcodes.close, closeBody(4000, 'bye'), { masked })]));
        if (frames[0] !== ping && frames[0] !== pong) assert.equal((await harness.next('Message')).str, '');
        assert.equal((await harness.next('Message')).str, 'last');
        const { code, reason } = await harness.next('Close');
        assert.deepEqual([code, reason], [4000, 'bye']);
        const { most, all } = frameCounts();
        assert.equal(all, frames.length + 1);
        // Two of our turns may be in one event-loop turn.
        assert.equal(most <= 2 * 128, true, `${most} in a turn`);
      });
    }
  }

  it('pings behind a message that is being inflated are read a few in a turn', async () => {
    const { harness, peer } = await meet({ deflated: true });
    const frameCounts = countFrames();
    const part = [compressed('x'.repeat(100_000)), ...Array<Buffer>(2000).fill(ping)];
    peer.socket.write(Buffer.concat([...part, ...part, text('last')]));
    for (const size of [100_000, 100_000, 4]) assert.equal((await harness.next('Message')).str.length, size);
    assert.equal(frameCounts().most <= 2 * 128, true, `${frameCounts().most} in a turn`);
  });

  it('what came before the end of the connection is read after it, a few in a turn', async () => {
    for (const deflated of [false, true]) {
      const { harness, peer } = await meet({ deflated });
      const frameCounts = countFrames();
      peer.socket.end(Buffer.concat([...Array<Buffer>(3000).fill(ping), text('last')]));
      assert.equal((await harness.next('Message')).str, 'last');
      assert.equal((await harness.next('Close')).code, 1006);
      const { most, all } = frameCounts();
      assert.equal(all, 3000);
      assert.equal(most <= 2 * 128, true, `${most} in a turn`);
    }
  });

  it('a flood that follows our own close is read a few in a turn', async () => {
    const { harness, peer } = await meet();
    const frameCounts = countFrames();
    const closing = harness.socket.disconnect({}, 4001, 'enough');
    await peer.close();
    peer.socket.write(Buffer.concat([...Array<Buffer>(3000).fill(ping), frame(opcodes.close, closeBody(4001), { masked })]));
    await closing;
    assert.equal(frameCounts().most <= 2 * 128, true, `${frameCounts().most} in a turn`);
  });

  it('connections that send much share a turn equally', async () => {
    const { harness } = await meet();
    const come = async () => {
      const peer = await rawClient(harness.port);
      const { client } = await harness.next('Open');
      return { peer, client };
    };
    const floods = await Promise.all(Array.from({ length: 15 }, come));
    const { peer, client } = await come();
    for (const flood of floods) flood.peer.socket.write(Buffer.concat(Array<Buffer>(2000).fill(text('flood'))));
    peer.socket.write(Buffer.concat(Array<Buffer>(200).fill(text('burst'))));
    const begin = harness.events.all.length;
    for (let left = 200; left > 0; ) if ((await harness.next('Message')).client === client) left--;
    const all = harness.events.all.slice(begin).filter(({ payload }) => payload.client !== client);
    assert.equal(all.length < 15_000, true, `${all.length} messages of the others came first`);
  });

  it('what waits for a turn when the peer half-closes is read while the connection is open', async () => {
    const { harness } = await meet({}, { maxConnections: 400 });
    const open: (boolean | undefined)[] = [];
    harness.socket.events.on(({ type, payload }) => {
      if (type === 0) open.push(harness.socket.members.get(String(payload.client))?.connection.isOpen);
    });
    // More than have a turn before the ends are read.
    const peers = await Promise.all(Array.from({ length: 300 }, () => rawClient(harness.port)));
    for (const peer of peers) peer.socket.end(text('last'));
    await within(Promise.all(peers.map(({ ended }) => ended)), 'the end of each connection');
    assert.deepEqual(open, Array(300).fill(true));
  });

  it('a violation behind a flood is found', async () => {
    const { harness, peer } = await meet();
    peer.socket.write(Buffer.concat([...Array<Buffer>(3000).fill(ping), frame(3, '', { masked }), ...Array<Buffer>(3000).fill(ping)]));
    assert.equal((await harness.next('Error')).reason, 'Protocol error: unknown opcode 3');
    assert.deepEqual(await peer.close(), { code: 1002, reason: '' });
  });

  describe('where the reader of ws is not the one that was read', () => {
    for (const deflated of [false, true]) {
      it(`messages, fragments and sizes are as ever${deflated ? ' (compression)' : ''}`, async () => {
        const { harness, peer } = await meet({ known: false, deflated });
        const fragments = [frame(opcodes.text, 'a', { masked, fin: false }), ping, frame(0, 'b', { masked })];
        peer.socket.write(Buffer.concat([text('one'), ...fragments, ...(deflated ? [compressed('z'.repeat(500))] : []), text('last')]));
        const expected = ['one 3 3', 'ab 2 2', ...(deflated ? ['zzzz 500 8'] : []), 'last 4 4'];
        for (const each of expected) {
          const { str, wireSize } = await harness.next('Message');
          assert.equal(`${str.slice(0, 4)} ${str.length} ${wireSize}`, each);
        }
      });
    }

    it('a flood of pings pauses the connection', async () => {
      const { peer, harness } = await meet({ known: false });
      let paused = 0;
      const { pause } = ws.WebSocket.prototype;
      stub(ws.WebSocket.prototype, 'pause', function (this: ws.WebSocket) {
        paused++;
        pause.call(this);
      });
      for (let i = 0; i < 10; i++) {
        peer.socket.write(Buffer.concat(Array<Buffer>(1000).fill(ping)));
        await new Promise(setImmediate);
      }
      peer.socket.write(text('last'));
      assert.equal((await harness.next('Message')).str, 'last');
      assert.equal(paused > 0, true);
    });

    it('limits hold', async () => {
      const { peer } = await meet({ known: false }, { maxMessagesPerSecond: 5 });
      peer.socket.write(Buffer.concat(Array<Buffer>(10).fill(ping)));
      assert.deepEqual(await peer.close(), { code: 1008, reason: 'Too many messages per second' });
      peer.socket.destroy();
      await once(peer.socket, 'close');
    });
  });
});
