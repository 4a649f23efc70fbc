import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import type { ClosePayload } from '../../../src/core/events';
import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { closeBody, frame, opcodes } from '../../helpers/frames';
import { type RawPeer, rawClient, rawServer } from '../../helpers/peers';
import { until, within } from '../../helpers/queue';
import { type ClientHarness, client, type ServerHarness, server } from '../../helpers/sockets';
import { stub, teardown } from '../../helpers/teardown';

type Side = 'client' | 'server';
const sides: readonly Side[] = ['client', 'server'];

interface Pair {
  readonly harness: ClientHarness | ServerHarness;
  /** The other end, controlled by the test. */
  readonly peer: RawPeer;
}

const deflate = 'Sec-WebSocket-Extensions: permessage-deflate';

/** Opens a connection with one end under test, and the other end controlled by the test. */
async function pair(side: Side, given: Layer = {}, { tls = false, deflated = false } = {}): Promise<Pair> {
  const headers = deflated ? [deflate] : [];
  if (side === 'client') {
    const { cert, key } = certs().server;
    const { url, peers } = await rawServer({ headers, ...(tls && { tls: { cert, key } }) });
    const harness = await client({
      URL: url,
      enableAutomaticReconnection: false,
      caFile: certs().ca.cert,
      enablePerMessageDeflate: deflated,
      ...given,
    }).open();
    return { harness, peer: await peers.take() };
  }
  const { certFile, keyFile } = certs().server;
  const harness = await server({ ...(tls && { tls, certFile, keyFile }), ...given }).open();
  const peer = await rawClient(harness.port, { path: '/p?q', headers, tls: tls ? { rejectUnauthorized: false } : undefined });
  await harness.next('Open');
  return { harness, peer };
}

const both = (title: string, test: (side: Side) => Promise<void>) => {
  for (const side of sides) it(`${title} (${side})`, () => test(side));
};

/** Resolves with the next Close, and skips earlier events. */
async function closeOf(harness: Pair['harness']): Promise<Pick<ClosePayload, 'code' | 'reason' | 'remote'>> {
  for (;;) {
    const { type, payload } = await harness.events.take('a Close');
    if (type === 2) return { code: payload.code, reason: payload.reason, remote: payload.remote };
  }
}

/** Sends a frame. */
type Send = (...args: Parameters<RawPeer['send']>) => Send;

const invalidUtf8 = Buffer.from([0xc3, 0x28]);

describe('connection', () => {
  afterEach(teardown);

  describe('a close by the peer is received with its code and reason, and answered with the same code', () => {
    const rows: [string, Buffer, ClosePayload, number | undefined][] = [
      ['1000 with a reason', closeBody(1000, 'bye'), { code: 1000, reason: 'bye', remote: true }, 1000],
      ['1001 without a reason', closeBody(1001), { code: 1001, reason: '', remote: true }, 1001],
      ['4999 with a long reason', closeBody(4999, 'é'.repeat(61)), { code: 4999, reason: 'é'.repeat(61), remote: true }, 4999],
      ['no code', Buffer.alloc(0), { code: 1005, reason: 'No status code', remote: true }, undefined],
    ];
    for (const [title, body, close, answer] of rows) {
      both(title, async (side) => {
        const { harness, peer } = await pair(side);
        peer.send(opcodes.close, body);
        assert.equal((await peer.close()).code, answer);
        peer.socket.end();
        assert.deepEqual(await closeOf(harness), close);
      });
    }
  });

  both('a connection that is cut without a close frame is 1006, Abnormal closure', async (side) => {
    for (const cut of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const { harness, peer } = await pair(side);
      peer.socket[cut]();
      assert.deepEqual(await closeOf(harness), { code: 1006, reason: 'Abnormal closure', remote: false }, cut);
    }
  });

  describe('a server ends the connection after both close frames, before the peer sends a FIN', () => {
    const waiting = async (options: Layer, tls = false) => {
      const { harness, peer } = await pair('server', { closeTimeoutMs: 60_000, ...options }, { tls });
      peer.socket.allowHalfOpen = true;
      return { harness, peer };
    };

    for (const tls of [false, true]) {
      it(`that closed first, ${tls ? 'with' : 'without'} TLS`, async () => {
        const { harness, peer } = await waiting({}, tls);
        peer.send(opcodes.close, closeBody(1000, 'bye'));
        assert.equal((await peer.close()).code, 1000);
        assert.deepEqual(await closeOf(harness), { code: 1000, reason: 'bye', remote: true });
        assert.equal(peer.socket.writable, true);
      });
    }

    it('that answered the close frame of the server', async () => {
      const { harness, peer } = await waiting({});
      const stopping = harness.stop(4001, 'ours');
      await peer.close();
      peer.send(opcodes.close, closeBody(4001));
      await stopping;
      assert.equal(peer.socket.writable, true);
    });

    it('but not after a violation, because the data that the peer still sends would cost it the close frame', async () => {
      const { harness, peer } = await waiting({ maxPayload: 10 });
      const fin = new Promise((resolve) => peer.socket.once('end', resolve));
      peer.send(opcodes.text, 'x'.repeat(100_000));
      assert.equal((await peer.close()).code, 1009);
      await within(fin, 'the FIN of the server');
      for (let i = 0; i < 2; i++) {
        assert.equal((await new Promise((resolve) => peer.socket.write('more', resolve))) ?? undefined, undefined, 'no reset');
      }
      peer.socket.end();
      assert.equal((await closeOf(harness)).code, 1009);
    });
  });

  it('a server writes a ping at once, header and payload', async () => {
    const writes: Buffer[] = [];
    const { write } = Socket.prototype;
    stub(Socket.prototype, 'write', function (this: Socket, ...args: Parameters<typeof write>) {
      const [bytes] = args as unknown[];
      if (Buffer.isBuffer(bytes) && bytes[0] === 0x89) writes.push(bytes);
      return write.apply(this, args);
    } as typeof write);
    const { peer } = await pair('server', { pingInterval: 30 });
    const { opcode, payload } = await peer.frames.take('a ping');
    assert.deepEqual([opcode, writes], [opcodes.ping, [frame(opcodes.ping, payload)]]);
  });

  describe('our own close is received with our code and reason, whatever the peer answers', () => {
    const answers: [string, (peer: RawPeer) => void][] = [
      ['the same', (peer) => peer.send(opcodes.close, closeBody(4001, 'ours'))],
      ['another code', (peer) => peer.send(opcodes.close, closeBody(1000, 'theirs'))],
      ['no code', (peer) => peer.send(opcodes.close)],
      ['the end of TCP', (peer) => peer.socket.destroy()],
      ['messages', (peer) => peer.send(opcodes.text, 'what?')],
      ['nothing', () => {}],
    ];
    for (const [title, answer] of answers) {
      both(title, async (side) => {
        const { harness, peer } = await pair(side);
        const stopping = harness.stop(4001, 'ours');
        assert.deepEqual(await peer.close(), { code: 4001, reason: 'ours' });
        answer(peer);
        await stopping;
        assert.deepEqual(await closeOf(harness), { code: 4001, reason: 'ours', remote: false });
      });
    }
  });

  both('a peer whose close frame came first is remote, though we were about to close', async (side) => {
    const { harness, peer } = await pair(side);
    peer.send(opcodes.close, closeBody(4002, 'first'));
    await peer.close();
    const stopping = harness.stop(4001, 'ours');
    peer.socket.end();
    await stopping;
    assert.deepEqual(await closeOf(harness), { code: 4002, reason: 'first', remote: true });
  });

  for (const code of [1000, 1001, 1003, 1007, 1014, 3000, 4999]) {
    both(`${code} can be sent`, async (side) => {
      const { harness, peer } = await pair(side);
      const stopping = harness.stop(code, '');
      assert.deepEqual(await peer.close(), { code, reason: '' });
      peer.send(opcodes.close, closeBody(code));
      await stopping;
      assert.deepEqual(await closeOf(harness), { code, reason: '', remote: false });
    });
  }

  both('a deaf peer is cut after 300 ms', async (side) => {
    const { harness, peer } = await pair(side);
    const before = performance.now();
    await harness.stop();
    const took = performance.now() - before;
    assert.ok(took >= 290 && took < 900, `it took ${took} ms`);
    await within(peer.ended, 'the end of the connection');
    assert.deepEqual(await closeOf(harness), { code: 1000, reason: 'Normal closure', remote: false });
  });

  both('a peer that neither reads nor answers is cut within a second', async (side) => {
    const { harness, peer } = await pair(side, { maxBufferedAmount: 0 });
    peer.socket.pause();
    const sent = harness.send(Buffer.alloc(20_000_000));
    await harness.stop();
    assert.equal([await sent].flat()[0]?.success, false);
  });

  both('a peer that has shut its side and reads nothing is cut within a second', async (side) => {
    const { harness, peer } = await pair(side, { maxBufferedAmount: 0 });
    peer.socket.pause();
    const sent = harness.send(Buffer.alloc(20_000_000));
    peer.socket.end();
    await harness.stop();
    assert.equal([await sent].flat()[0]?.success, false);
  });

  both('a peer that has shut its side and reads nothing is cut after 30 s, though nobody stops', async (side) => {
    const clock = fakeClock();
    const { harness, peer } = await pair(side, { maxBufferedAmount: 0, sendTimeoutSecs: 0 });
    peer.socket.pause();
    const sent = harness.send(Buffer.alloc(20_000_000));
    peer.socket.end();
    await until(() => clock.countTimers() > 0, 'the end of its side');
    clock.tick(29_999);
    assert.equal(harness.names.includes('Close'), false);
    clock.tick(1);
    assert.deepEqual(await closeOf(harness), { code: 1006, reason: 'Abnormal closure', remote: false });
    assert.equal([await sent].flat()[0]?.success, false);
    assert.equal(clock.countTimers(), 0);
  });

  describe('what the peer does wrong closes the connection, in words', () => {
    const rows: [string, (send: Send, peer: RawPeer) => unknown, number, RegExp, boolean?][] = [
      ['RSV2', (send) => send(opcodes.text, 'x', { rsv: 2 }), 1002, /^Reserved bit used$/],
      ['RSV3', (send) => send(opcodes.text, 'x', { rsv: 1 }), 1002, /^Reserved bit used$/],
      ['RSV1 without compression', (send) => send(opcodes.text, 'x', { rsv: 4 }), 1002, /^Reserved bit used$/],
      ['RSV1 on a ping', (send) => send(opcodes.ping, 'x', { rsv: 4 }), 1002, /^Reserved bit used$/],
      ['a fragmented ping', (send) => send(opcodes.ping, 'x', { fin: false }), 1002, /^Control message fragmented$/],
      ['a fragmented close', (send) => send(opcodes.close, closeBody(1000), { fin: false }), 1002, /^Control message fragmented$/],
      ['a ping of 126 bytes', (send) => send(opcodes.ping, 'x'.repeat(126)), 1002, /payload length/],
      ['a pong of 126 bytes', (send) => send(opcodes.pong, 'x'.repeat(126)), 1002, /payload length/],
      ['a close of 126 bytes', (send) => send(opcodes.close, closeBody(1000, 'x'.repeat(124))), 1002, /payload length/],
      [
        'a continuation of nothing',
        (send) => send(opcodes.continuation, 'x'),
        1002,
        /^Fragmentation: continuation opcode out of sequence$/,
      ],
      [
        'a message within a message',
        (send) => send(opcodes.text, 'a', { fin: false })(opcodes.text, 'b'),
        1002,
        /^Fragmentation: data message out of sequence$/,
      ],
      [
        'a binary message within a text',
        (send) => send(opcodes.text, 'a', { fin: false })(opcodes.binary, 'b'),
        1002,
        /^Fragmentation: data message out of sequence$/,
      ],
      ['opcode 3', (send) => send(3, 'x'), 1002, /^Protocol error/],
      ['opcode 7', (send) => send(7, 'x'), 1002, /^Protocol error/],
      ['opcode 11', (send) => send(11, 'x'), 1002, /^Protocol error/],
      ['opcode 15', (send) => send(15), 1002, /^Protocol error/],
      ['a close frame with a body of one byte', (send) => send(opcodes.close, 'x'), 1002, /./, true],
      ['close code 999', (send) => send(opcodes.close, closeBody(999)), 1002, /^Invalid close code: 999$/, true],
      ['close code 1004', (send) => send(opcodes.close, closeBody(1004)), 1002, /^Invalid close code: 1004$/, true],
      ['close code 1005', (send) => send(opcodes.close, closeBody(1005)), 1002, /^Invalid close code: 1005$/, true],
      ['close code 1006', (send) => send(opcodes.close, closeBody(1006)), 1002, /^Invalid close code: 1006$/, true],
      ['close code 2999', (send) => send(opcodes.close, closeBody(2999)), 1002, /^Invalid close code: 2999$/, true],
      ['close code 5000', (send) => send(opcodes.close, closeBody(5000)), 1002, /^Invalid close code: 5000$/, true],
      [
        'a close reason that is not UTF-8',
        (send) => send(opcodes.close, closeBody(1000, invalidUtf8)),
        1007,
        /^Invalid frame payload data/,
        true,
      ],
      ['text that is not UTF-8', (send) => send(opcodes.text, invalidUtf8), 1007, /^Invalid frame payload data/],
      [
        'text in fragments that is not UTF-8',
        (send) => send(opcodes.text, invalidUtf8.subarray(0, 1), { fin: false })(opcodes.continuation, invalidUtf8.subarray(1)),
        1007,
        /^Invalid frame payload data/,
      ],
      ['a message larger than maxPayload', (send) => send(opcodes.text, 'x'.repeat(1001)), 1009, /^Message too big/],
      [
        'a fragmented message larger than maxPayload',
        (send) => send(opcodes.text, 'x'.repeat(600), { fin: false })(opcodes.continuation, 'x'.repeat(600)),
        1009,
        /^Message too big/,
      ],
      [
        'a length of more than 53 bits',
        (_, peer) =>
          peer.socket.write(Buffer.from([0x82, peer.head.line.startsWith('GET') ? 0x7f : 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        1009,
        /^Message too big/,
      ],
    ];
    for (const tls of [false, true]) {
      for (const [title, offend, code, reason, remote = false] of tls
        ? rows.filter(([name]) => /^(RSV2|text that is|a message larger)/.test(name))
        : rows) {
        both(`${title}: ${code}${tls ? ', over TLS' : ''}`, async (side) => {
          const { harness, peer } = await pair(side, { maxPayload: 1000 }, { tls });
          const send: Send = (...args) => {
            peer.send(...args);
            return send;
          };
          offend(send, peer);
          assert.equal((await peer.close()).code, code);
          peer.socket.end();
          const close = await closeOf(harness);
          assert.match(close.reason, reason);
          assert.deepEqual({ ...close, reason: '' }, { code, reason: '', remote });
        });
      }
    }

    it('an unmasked frame from a client: 1002', async () => {
      const { harness, peer } = await pair('server');
      peer.send(opcodes.text, 'x', { masked: false });
      assert.equal((await peer.close()).code, 1002);
      peer.socket.end();
      assert.deepEqual(await closeOf(harness), { code: 1002, reason: 'Frame from a client is not masked', remote: false });
    });

    it('a masked frame from a server: 1002', async () => {
      const { harness, peer } = await pair('client');
      peer.send(opcodes.text, 'x', { masked: true });
      assert.equal((await peer.close()).code, 1002);
      peer.socket.end();
      assert.deepEqual(await closeOf(harness), { code: 1002, reason: 'Frame from a server is masked', remote: false });
    });

    both('what came before it is heard, what comes after it is not', async (side) => {
      const { harness, peer } = await pair(side);
      const masked = { masked: side === 'server' };
      peer.socket.write(Buffer.concat([frame(1, 'before', masked), frame(3, '', masked), frame(1, 'after', masked)]));
      await peer.close();
      peer.socket.end();
      await closeOf(harness);
      const heard = harness.events.all.flatMap((event) => (event.type === 0 ? [event.payload.str] : []));
      assert.deepEqual(heard, ['before']);
      assert.equal(harness.names.at(-1), 'Close');
    });

    both('the close frame and the messages before it reach a peer that has much to read', async (side) => {
      const { harness, peer } = await pair(side, { maxBufferedAmount: 0 });
      peer.socket.pause();
      const sent = harness.send(Buffer.alloc(6_000_000));
      peer.send(3);
      assert.match((await harness.next('Error')).reason, /Protocol error/);
      peer.socket.resume();
      assert.equal((await peer.frames.take('the message')).payload.length, 6_000_000);
      assert.equal((await peer.close()).code, 1002);
      peer.socket.end();
      assert.equal([await sent].flat()[0]?.success, true);
    });

    both('the close frame reaches the peer even if it never answers', async (side) => {
      const { harness, peer } = await pair(side);
      peer.send(opcodes.text, invalidUtf8);
      assert.equal((await peer.close()).code, 1007);
      assert.equal((await closeOf(harness)).code, 1007);
      await within(peer.ended, 'the end of the connection', 1000);
    });
  });

  describe('maxPayload', () => {
    both('as many bytes are let through', async (side) => {
      const { harness, peer } = await pair(side, { maxPayload: 1000 });
      peer.send(opcodes.text, 'x'.repeat(1000));
      assert.equal((await harness.next('Message')).wireSize, 1000);
    });

    both('0 is no limit', async (side) => {
      const { harness, peer } = await pair(side, { maxPayload: 0 });
      peer.send(opcodes.binary, Buffer.alloc(6_000_000));
      assert.equal((await harness.next('Message')).wireSize, 6_000_000);
    });

    both('counts what was compressed as it is when read: 1009', async (side) => {
      const { harness, peer } = await pair(side, { maxPayload: 1000 }, { deflated: true });
      peer.send(opcodes.text, deflateRawSync('x'.repeat(100_000)), { rsv: 4 });
      assert.equal((await peer.close()).code, 1009);
      peer.socket.end();
      assert.match((await closeOf(harness)).reason, /^Message too big/);
    });

    it('is 5 MiB by default on a server', async () => {
      const { harness, peer } = await pair('server');
      peer.send(opcodes.binary, Buffer.alloc(5_242_880));
      assert.equal((await harness.next('Message')).wireSize, 5_242_880);
      peer.send(opcodes.binary, Buffer.alloc(5_242_881));
      assert.equal((await closeOf(harness)).code, 1009);
    });
  });

  describe('bad compressed data', () => {
    both('is an Error with decompressionError, then Close 1007, and 1007 on the wire', async (side) => {
      const { harness, peer } = await pair(side, {}, { deflated: true });
      peer.send(opcodes.text, Buffer.from('this is not deflated'), { rsv: 4 });
      const { decompressionError, retries, wait_time, http_status, reason } = await harness.next('Error');
      assert.deepEqual([decompressionError, retries, wait_time, http_status], [true, 0, 0, 0]);
      assert.match(reason, /cannot be decompressed/);
      assert.equal((await peer.close()).code, 1007);
      peer.socket.end();
      const close = await closeOf(harness);
      assert.deepEqual([close.code, close.remote], [1007, false]);
      assert.match(close.reason, /^Invalid frame payload data/);
    });

    it('on a server its Error names the connection', async () => {
      const { harness, peer } = await pair('server', {}, { deflated: true });
      peer.send(opcodes.text, Buffer.from('this is not deflated'), { rsv: 4 });
      const { uri, remoteIp, remotePort, client } = await harness.next('Error');
      assert.deepEqual([uri, remoteIp, remotePort], ['/p?q', '127.0.0.1', peer.socket.localPort]);
      assert.match(client ?? '', /./);
    });

    both('is not any other violation', async (side) => {
      const { harness, peer } = await pair(side);
      peer.send(3);
      const { type, payload } = await harness.events.take();
      if (type === 3) assert.equal(payload.decompressionError, false);
    });
  });

  describe('ping', () => {
    both('the first comes at once, the next after the interval, as long as pongs come', async (side) => {
      const clock = fakeClock();
      const { peer } = await pair(side, { pingInterval: 30 });
      for (let i = 0; i < 3; i++) {
        const { opcode, payload } = await peer.frames.take('a ping');
        assert.deepEqual([opcode, payload.toString()], [opcodes.ping, `ix-websocket::heartbeat::30s::${i}`]);
        peer.send(opcodes.pong, payload);
        peer.send(opcodes.ping, 'sync');
        assert.equal((await peer.frames.take('a pong')).opcode, opcodes.pong);
        clock.tick(29_999);
        assert.equal(peer.frames.isEmpty, true);
        clock.tick(1);
      }
    });

    both('no pong within one interval is 1011, Ping timeout, by us', async (side) => {
      const clock = fakeClock();
      const { harness, peer } = await pair(side, { pingInterval: 5 });
      assert.equal((await peer.frames.take('a ping')).opcode, opcodes.ping);
      clock.tick(4999);
      clock.tick(1);
      assert.deepEqual(await peer.close(), { code: 1011, reason: 'Ping timeout' });
      peer.send(opcodes.close, closeBody(1011));
      peer.socket.end();
      assert.deepEqual(await closeOf(harness), { code: 1011, reason: 'Ping timeout', remote: false });
      assert.equal(clock.countTimers(), 0);
    });

    both('a peer that is gone without a word is cut 300 ms after the timeout', async (side) => {
      const clock = fakeClock();
      const { harness, peer } = await pair(side, { pingInterval: 5 });
      await peer.frames.take('a ping');
      clock.tick(5000);
      await new Promise(setImmediate);
      clock.tick(300);
      assert.deepEqual(await closeOf(harness), { code: 1011, reason: 'Ping timeout', remote: false });
    });

    both('an unsolicited pong counts', async (side) => {
      const clock = fakeClock();
      const { harness, peer } = await pair(side, { pingInterval: 5 });
      await peer.frames.take('a ping');
      peer.send(opcodes.pong, 'whatever');
      peer.send(opcodes.text, 'heard');
      await harness.next('Message');
      clock.tick(5000);
      assert.equal((await peer.frames.take('another ping')).opcode, opcodes.ping);
    });

    both('messages do not stand for pongs', async (side) => {
      const clock = fakeClock();
      const { harness, peer } = await pair(side, { pingInterval: 5 });
      await peer.frames.take('a ping');
      peer.send(opcodes.text, 'busy');
      await harness.next('Message');
      clock.tick(5000);
      assert.equal((await peer.close()).code, 1011);
    });

    for (const pingInterval of [undefined, 0]) {
      both(`none is sent with pingInterval ${pingInterval}`, async (side) => {
        const clock = fakeClock();
        const { harness, peer } = await pair(side, { pingInterval });
        clock.tick(3_600_000);
        await harness.send('first');
        assert.equal((await peer.frames.take('the message')).opcode, opcodes.text);
      });
    }

    it('a client that timed out connects again, and pings again', async () => {
      const clock = fakeClock();
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url, pingInterval: 5, stableAfterMs: 0 }).open();
      const first = await peers.take();
      await first.frames.take('a ping');
      clock.tick(5000);
      await first.close();
      first.socket.destroy();
      await harness.next('Close');
      await harness.next('Open');
      assert.equal((await (await peers.take()).frames.take('a ping')).payload.toString(), 'ix-websocket::heartbeat::5s::0');
    });
  });

  describe('pong', () => {
    both('answers a ping with its payload', async (side) => {
      const { peer } = await pair(side);
      for (const payload of ['', 'hello', 'x'.repeat(125)]) {
        peer.send(opcodes.ping, payload);
        const answer = await peer.frames.take('a pong');
        assert.deepEqual([answer.opcode, answer.payload.toString()], [opcodes.pong, payload]);
      }
    });

    both('is not sent with enablePong off', async (side) => {
      const { harness, peer } = await pair(side, { enablePong: false });
      peer.send(opcodes.ping, 'hello');
      peer.send(opcodes.text, 'sync');
      await harness.next('Message');
      await harness.send('after');
      assert.equal((await peer.frames.take('what comes first')).opcode, opcodes.text);
    });

    both('pings and pongs are no events', async (side) => {
      const { harness, peer } = await pair(side);
      peer.send(opcodes.ping, 'a');
      peer.send(opcodes.pong, 'b');
      peer.send(opcodes.text, 'c');
      assert.equal((await harness.next('Message')).str, 'c');
    });
  });

  describe('a message', () => {
    both('that is text arrives as text, whatever it holds', async (side) => {
      const { harness, peer } = await pair(side);
      for (const text of ['', 'hi', 'a\0b', '\ufeffBOM', 'é漢😀', '{"a":1}']) {
        peer.send(opcodes.text, text);
        const { str, binary, wireSize } = await harness.next('Message');
        assert.deepEqual([str, binary, wireSize], [text, false, Buffer.byteLength(text)]);
      }
    });

    both('that is binary arrives as a Buffer with binary true', async (side) => {
      const { harness, peer } = await pair(side);
      for (const bytes of [Buffer.alloc(0), Buffer.from([0, 0xff, 0xc3, 0x28])]) {
        peer.send(opcodes.binary, bytes);
        const { str, binary, wireSize } = await harness.next('Message');
        assert.deepEqual([Buffer.isBuffer(str), str, binary, wireSize], [true, bytes, true, bytes.length]);
      }
    });

    both('in fragments, with a ping between them, arrives whole and once', async (side) => {
      const { harness, peer } = await pair(side);
      peer.send(opcodes.text, 'a😀'.slice(0, 1), { fin: false });
      peer.send(opcodes.ping, 'now');
      peer.send(opcodes.continuation, Buffer.from('😀').subarray(0, 2), { fin: false });
      peer.send(opcodes.continuation, Buffer.from('😀').subarray(2));
      const { str, wireSize } = await harness.next('Message');
      assert.deepEqual([str, wireSize], ['a😀', 5]);
      assert.equal((await peer.frames.take('a pong')).opcode, opcodes.pong);
    });

    both('that is sent is one frame, masked by clients only, with the size of its UTF-8 bytes', async (side) => {
      const { harness, peer } = await pair(side);
      for (const message of ['', 'hi', 'é漢😀', 'x'.repeat(70_000), Buffer.from([0, 1, 2]), Buffer.alloc(0)]) {
        const status = [await harness.send(message)].flat()[0];
        const { opcode, fin, rsv, masked, payload } = await peer.frames.take('a frame');
        assert.deepEqual(
          [opcode, fin, rsv, masked, payload],
          [typeof message === 'string' ? 1 : 2, true, 0, side === 'client', Buffer.from(message as string)],
        );
        const { success, compressionError, payloadSize, wireSize } = status ?? {};
        assert.deepEqual([success, compressionError, payloadSize, wireSize], [true, false, payload.length, payload.length]);
      }
    });

    both('a burst of 100,000 arrives complete and in order', async (side) => {
      const { harness, peer } = await pair(side);
      const count = 100_000;
      peer.socket.write(Buffer.concat(Array.from({ length: count }, (_, i) => frame(1, String(i), { masked: side === 'server' }))));
      await until(() => harness.events.all.length > count, 'the last message');
      const heard = harness.events.all.flatMap((event) => (event.type === 0 ? [Number(event.payload.str)] : []));
      assert.deepEqual([heard.length, heard.findIndex((number, i) => number !== i)], [count, -1]);
    });

    both('a burst that is sent arrives complete and in order', async (side) => {
      const { harness, peer } = await pair(side);
      const sent = Array.from({ length: 5000 }, (_, i) => harness.send(`s${i}`));
      for (let i = 0; i < 5000; i++) assert.equal((await peer.frames.take()).payload.toString(), `s${i}`);
      assert.deepEqual(
        (await Promise.all(sent)).flat().filter(({ success }) => !success),
        [],
      );
    });

    both('sent right before a stop still goes out before the close frame', async (side) => {
      const { harness, peer } = await pair(side);
      const sent = harness.send('last words');
      const stopping = harness.stop();
      assert.equal((await peer.frames.take()).payload.toString(), 'last words');
      assert.equal((await peer.close()).code, 1000);
      peer.send(opcodes.close, closeBody(1000));
      await stopping;
      assert.equal([await sent].flat()[0]?.success, true);
    });

    both('sent while the peer closes fails, and says so; a server does not list it', async (side) => {
      const { harness, peer } = await pair(side);
      peer.send(opcodes.close, closeBody(1000));
      await peer.close();
      const sent = [await harness.send('too late')].flat();
      if (side === 'server') return assert.deepEqual(sent, [], 'a connection that closes is not sent to');
      assert.deepEqual([sent[0]?.success, sent[0]?.payloadSize, sent[0]?.wireSize], [false, 0, 0]);
      assert.match(
        sent[0]?.errorStr ?? '',
        /^The message was not sent: client 1 is losing its connection\. Send it again after the next Open event\.$/,
      );
    });

    it('sent while a client stops fails, and says so', async () => {
      const { harness, peer } = await pair('client');
      const stopping = harness.stop();
      const [status] = [await harness.send('too late')].flat();
      assert.deepEqual([status?.success, status?.payloadSize, status?.wireSize], [false, 0, 0]);
      assert.match(status?.errorStr ?? '', /^The message was not sent: client 1 is not open \(closing\)/);
      peer.send(opcodes.close, closeBody(1000));
      await stopping;
    });

    both('that the connection could not take before its end fails', async (side) => {
      const { harness, peer } = await pair(side, { maxBufferedAmount: 0 });
      peer.socket.pause();
      const sent = harness.send(Buffer.alloc(20_000_000));
      peer.socket.resetAndDestroy();
      const [status] = [await sent].flat();
      assert.deepEqual([status?.success, status?.wireSize], [false, 0]);
      assert.match(status?.errorStr ?? '', /^The message was not sent: .+\.$/);
    });
  });

  describe('a peer that reads too slowly', () => {
    both('takes no more while maxBufferedAmount waits for it, and is told so', async (side) => {
      const { harness, peer } = await pair(side, { maxBufferedAmount: 1_000_000, slowReaders: 'drop' });
      peer.socket.pause();
      const first = harness.send(Buffer.alloc(20_000_000));
      const [status] = [await harness.send('one more')].flat();
      assert.equal(status?.success, false);
      assert.match(status?.errorStr ?? '', /reads too slowly.* 1000000 bytes \(maxBufferedAmount\)/);
      peer.socket.resume();
      assert.equal([await first].flat()[0]?.success, true);
      assert.equal([await harness.send('again')].flat()[0]?.success, true);
    });

    it('is closed by a server with 1013 where slowReaders says close', async () => {
      const { harness, peer } = await pair('server', { maxBufferedAmount: 1_000_000, slowReaders: 'close' });
      peer.socket.pause();
      const first = harness.send(Buffer.alloc(20_000_000));
      await harness.send('one more');
      await first;
      assert.equal((await closeOf(harness)).code, 1013);
    });
  });
});
