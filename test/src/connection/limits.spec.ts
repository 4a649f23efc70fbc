import assert from 'node:assert/strict';
import { constants, deflateRawSync } from 'node:zlib';
import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { opcodes } from '../../helpers/frames';
import { type RawPeer, rawClient, rawServer } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { client, type ServerHarness, server } from '../../helpers/sockets';
import { stub, teardown } from '../../helpers/teardown';

interface Met {
  readonly harness: ServerHarness;
  readonly peer: RawPeer;
  /** Events of the server about the connection. */
  readonly origin: object;
}

/** Connects a peer to a server with these limits. */
async function meet(given: Layer, { deflated = false, tls = false } = {}): Promise<Met> {
  const { certFile, keyFile } = certs().server;
  const harness = await server({ ...given, ...(tls && { tls, certFile, keyFile }) }).open();
  return { harness, ...(await come(harness, { deflated, tls })) };
}

async function come(harness: ServerHarness, { deflated = false, tls = false } = {}): Promise<Omit<Met, 'harness'>> {
  const headers = deflated ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [];
  const peer = await rawClient(harness.port, { path: '/who?x', headers, tls: tls ? { rejectUnauthorized: false } : undefined });
  const { client } = await harness.next('Open');
  return { peer, origin: { uri: '/who?x', remoteIp: '127.0.0.1', remotePort: peer.socket.localPort, client } };
}

const deflate = (data: string | Buffer) => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

const times = (count: number, send: () => void) => {
  for (let i = 0; i < count; i++) send();
};

/** Asserts that a limit ends the connection: a close frame, then an Error event with the limit, and a Close. */
async function endsFor({ harness, peer, origin }: Met, code: number, reason: string, sentence?: string): Promise<void> {
  assert.deepEqual(await peer.close(), { code, reason });
  if (sentence !== undefined) {
    const expected = { retries: 0, wait_time: 0, http_status: 0, reason: sentence, decompressionError: false, ...origin };
    assert.deepEqual(await harness.next('Error'), expected);
  }
  peer.socket.destroy();
  assert.deepEqual(await harness.next('Close'), { code, reason: reason || sentence, remote: false, ...origin });
}

const tooMany = (limit: number, what: string, option: string) =>
  `The connection was closed with 1008: more than ${limit} ${what} were received within a second. Raise ${option} if this is intended.`;

/** Stops the clock of the rate limit, so that a busy machine does not refill it. */
const standStill = () => {
  now = 1000;
  stub(performance, 'now', () => now);
};
let now: number;

describe('per-connection limits of a server', () => {
  afterEach(teardown);

  describe('maxMessagesPerSecond', () => {
    beforeEach(standStill);

    for (const tls of [false, true]) {
      it(`one more closes with 1008, and is not received, nor is what follows${tls ? ' (TLS)' : ''}`, async () => {
        const met = await meet({ maxMessagesPerSecond: 20 }, { tls });
        met.peer.socket.cork();
        times(200, () => met.peer.send(opcodes.text, 'x'));
        met.peer.socket.uncork();
        for (let i = 0; i < 20; i++) assert.equal((await met.harness.next('Message')).str, 'x');
        await endsFor(met, 1008, 'Too many messages per second', tooMany(20, 'messages', 'maxMessagesPerSecond'));
        assert.equal(met.harness.names.filter((name) => name === 'Message').length, 20);
      });
    }

    it('is counted for each connection on its own', async () => {
      const met = await meet({ maxMessagesPerSecond: 20 });
      const { peer } = await come(met.harness);
      for (const each of [met.peer, peer]) times(20, () => each.send(opcodes.text, 'x'));
      for (let i = 0; i < 40; i++) await met.harness.next('Message');
      times(20, () => met.peer.send(opcodes.text, 'x'));
      await endsFor(met, 1008, 'Too many messages per second', tooMany(20, 'messages', 'maxMessagesPerSecond'));
      const [status] = await met.harness.send('still there');
      assert.equal(status?.success, true);
    });

    for (const deflated of [false, true]) {
      const begin = ({ peer }: Met) =>
        deflated ? peer.send(opcodes.text, deflate('x'), { rsv: 4, fin: false }) : peer.send(opcodes.text, 'x', { fin: false });

      it(`each fragment counts, once${deflated ? ' (compression)' : ''}`, async () => {
        const met = await meet({ maxMessagesPerSecond: 20 }, { deflated });
        begin(met);
        times(18, () => met.peer.send(opcodes.continuation, '', { fin: false }));
        met.peer.send(opcodes.continuation);
        assert.equal((await met.harness.next('Message')).str, 'x');
        met.peer.send(opcodes.text, 'y');
        await endsFor(met, 1008, 'Too many messages per second', tooMany(20, 'messages', 'maxMessagesPerSecond'));
      });

      it(`fragments count before their message is whole${deflated ? ' (compression)' : ''}`, async () => {
        const met = await meet({ maxMessagesPerSecond: 20 }, { deflated });
        begin(met);
        times(20, () => met.peer.send(opcodes.continuation, '', { fin: false }));
        await endsFor(met, 1008, 'Too many messages per second', tooMany(20, 'messages', 'maxMessagesPerSecond'));
      });
    }

    for (const name of ['ping', 'pong'] as const) {
      it(`${name}s that nobody asked for count too`, async () => {
        const met = await meet({ maxMessagesPerSecond: 20 });
        times(30, () => met.peer.send(opcodes[name]));
        await endsFor(met, 1008, 'Too many messages per second', tooMany(20, 'messages', 'maxMessagesPerSecond'));
      });
    }

    it('a pong that answers a ping does not count', async () => {
      const { harness, peer } = await meet({ maxMessagesPerSecond: 1, pingInterval: 0.1 });
      for (let i = 0; i < 5; i++) {
        const { opcode, payload } = await peer.frames.take('a ping');
        assert.equal(opcode, opcodes.ping);
        peer.send(opcodes.pong, payload);
      }
      peer.send(opcodes.text, 'x');
      await harness.next('Message');
    });

    it('so many more may come when a second has passed', async () => {
      const { harness, peer } = await meet({ maxMessagesPerSecond: 20 });
      for (let seconds = 0; seconds < 3; seconds++) {
        times(20, () => peer.send(opcodes.text, 'x'));
        for (let i = 0; i < 20; i++) await harness.next('Message');
        now += 1000;
      }
    });

    it('is off by default', async () => {
      const { harness, peer } = await meet({});
      times(5000, () => peer.send(opcodes.text, 'x'));
      for (let i = 0; i < 5000; i++) await harness.next('Message');
    });

    it('a connection that closes anyway is closed with the code that was there first', async () => {
      const { harness, peer, origin } = await meet({ maxMessagesPerSecond: 20 });
      const stopping = harness.stop(4000, 'enough');
      times(30, () => peer.send(opcodes.text, 'x'));
      await stopping;
      const names = new Set(harness.names);
      assert.equal(names.has('Error'), false, [...names].join());
      assert.deepEqual(harness.events.all.at(-1)?.payload, { code: 4000, reason: 'enough', remote: false, ...origin });
    });
  });

  describe('maxBytesPerSecond', () => {
    beforeEach(standStill);

    it('one more closes with 1008', async () => {
      const met = await meet({ maxBytesPerSecond: 10_000 });
      times(3, () => met.peer.send(opcodes.binary, Buffer.alloc(4000)));
      for (let i = 0; i < 2; i++) await met.harness.next('Message');
      await endsFor(met, 1008, 'Too many bytes per second', tooMany(10_000, 'bytes', 'maxBytesPerSecond'));
    });

    it('counts what a compressed message holds', async () => {
      const met = await meet({ maxBytesPerSecond: 10_000 }, { deflated: true });
      met.peer.send(opcodes.binary, deflate(Buffer.alloc(10_001)), { rsv: 4 });
      await endsFor(met, 1008, 'Too many bytes per second', tooMany(10_000, 'bytes', 'maxBytesPerSecond'));
    });

    it('counts what a compressed message in fragments holds, once', async () => {
      const met = await meet({ maxBytesPerSecond: 10_000 }, { deflated: true });
      const bytes = deflate(Buffer.alloc(10_000));
      const send = () => {
        met.peer.send(opcodes.binary, bytes.subarray(0, 9), { rsv: 4, fin: false });
        met.peer.send(opcodes.continuation, bytes.subarray(9));
      };
      send();
      assert.equal((await met.harness.next('Message')).wireSize, bytes.length);
      send();
      await endsFor(met, 1008, 'Too many bytes per second', tooMany(10_000, 'bytes', 'maxBytesPerSecond'));
    });

    it('counts fragments before their message is whole', async () => {
      const met = await meet({ maxBytesPerSecond: 10_000 });
      met.peer.send(opcodes.binary, Buffer.alloc(6000), { fin: false });
      met.peer.send(opcodes.continuation, Buffer.alloc(6000), { fin: false });
      await endsFor(met, 1008, 'Too many bytes per second', tooMany(10_000, 'bytes', 'maxBytesPerSecond'));
    });

    it('counts a message in fragments once', async () => {
      const { harness, peer } = await meet({ maxBytesPerSecond: 10_000 });
      peer.send(opcodes.binary, Buffer.alloc(5000), { fin: false });
      peer.send(opcodes.continuation, Buffer.alloc(5000));
      assert.equal((await harness.next('Message')).wireSize, 10_000);
    });

    it('counts the bytes of pings', async () => {
      const met = await meet({ maxBytesPerSecond: 1000 });
      times(9, () => met.peer.send(opcodes.ping, Buffer.alloc(125)));
      await endsFor(met, 1008, 'Too many bytes per second', tooMany(1000, 'bytes', 'maxBytesPerSecond'));
    });
  });

  describe('idleTimeoutSecs', () => {
    for (const tls of [false, true]) {
      it(`a connection from which nothing comes is closed with 1001${tls ? ' (TLS)' : ''}`, async () => {
        const met = await meet({ idleTimeoutSecs: 0.2 }, { tls });
        const since = performance.now();
        await endsFor(met, 1001, 'Idle timeout');
        const took = performance.now() - since;
        assert.equal(took > 150 && took < 1500, true, `${took} ms`);
        assert.equal(met.harness.names.includes('Error'), false);
      });

      it(`what we send does not count${tls ? ' (TLS)' : ''}`, async () => {
        const met = await meet({ idleTimeoutSecs: 0.2 }, { tls });
        const timer = setInterval(() => void met.harness.send('x'), 20);
        try {
          await endsFor(met, 1001, 'Idle timeout');
        } finally {
          clearInterval(timer);
        }
      });
    }

    const signs: Record<string, (peer: RawPeer) => void> = {
      'a message': (peer) => peer.send(opcodes.text, 'x'),
      'a ping': (peer) => peer.send(opcodes.ping),
      'a pong': (peer) => peer.send(opcodes.pong),
      'a fragment': (peer) => peer.send(opcodes.continuation, 'x', { fin: false }),
      'a byte of a frame that is long on its way': (peer) => peer.socket.write('x'),
    };
    for (const [what, send] of Object.entries(signs)) {
      for (const tls of [false, true]) {
        it(`${what} is a sign of life${tls ? ' (TLS)' : ''}`, async () => {
          const met = await meet({ idleTimeoutSecs: 0.2 }, { tls });
          const { harness, peer } = met;
          if (what === 'a fragment') peer.send(opcodes.text, '', { fin: false });
          if (what.startsWith('a byte')) peer.socket.write(Buffer.from([0x82, 0xfe, 0x40, 0, 1, 2, 3, 4]));
          // Both ends are in this process, so a delay affects both.
          await new Promise<void>((resolve) => {
            let left = 20;
            const timer = setInterval(() => {
              send(peer);
              if (--left > 0) return;
              clearInterval(timer);
              resolve();
            }, 25);
          });
          assert.equal(harness.socket.info().clients.length, 1, 'it is open after more than twice the time');
          if (what === 'a message') return;
          await endsFor(met, 1001, 'Idle timeout');
        });
      }
    }

    it('pings that are answered keep a connection open', async () => {
      const { harness, peer } = await meet({ idleTimeoutSecs: 0.2, pingInterval: 0.05 });
      for (let i = 0; i < 10; i++) peer.send(opcodes.pong, (await peer.frames.take('a ping')).payload);
      assert.equal(harness.socket.info().clients.length, 1, 'it is open after more than twice the time');
    });

    it('is off by default, and leaves no timer behind with the connection', async () => {
      const clock = fakeClock();
      const timersOf = async (given: Layer) => {
        const before = clock.countTimers();
        const { harness, peer } = await meet({ handshakeTimeoutSecs: 5, ...given });
        const during = clock.countTimers();
        peer.socket.destroy();
        await harness.next('Close');
        return [during - before, clock.countTimers() - before];
      };
      assert.deepEqual(await timersOf({}), [0, 0]);
      assert.deepEqual(await timersOf({ idleTimeoutSecs: 0 }), [0, 0]);
      assert.deepEqual(await timersOf({ idleTimeoutSecs: 60 }), [1, 0]);
    });
  });

  describe('maxFragments', () => {
    const inFragments = ({ peer }: Met, count: number) => {
      times(count, () => peer.send(opcodes.continuation, 'x', { fin: false }));
    };

    it('so many are taken, and one more closes with 1008', async () => {
      const met = await meet({ maxFragments: 10 });
      const { harness, peer } = met;
      peer.send(opcodes.text, 'x', { fin: false });
      inFragments(met, 8);
      peer.send(opcodes.continuation, 'x');
      assert.equal((await harness.next('Message')).str, 'x'.repeat(10));
      peer.send(opcodes.text, 'x', { fin: false });
      inFragments(met, 10);
      await endsFor(met, 1008, '', 'Message in too many fragments: more than maxFragments');
    });

    it('are as many as ws takes by default', async () => {
      const met = await meet({});
      met.peer.send(opcodes.text, 'x', { fin: false });
      inFragments(met, 16_384);
      await endsFor(met, 1008, '', 'Message in too many fragments: more than maxFragments');
    });

    it('are limited on clients too', async () => {
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url, maxFragments: 3, enableAutomaticReconnection: false }).open();
      const peer = await peers.take();
      peer.send(opcodes.text, 'a', { fin: false });
      times(2, () => peer.send(opcodes.continuation, 'b', { fin: false }));
      peer.send(opcodes.continuation, 'c');
      assert.match((await harness.next('Error')).reason, /more than maxFragments/);
      assert.equal((await harness.next('Close')).code, 1008);
    });

    it('0 means no limit on clients too', async () => {
      const { url, peers } = await rawServer();
      const harness = await client({ URL: url, maxFragments: 0 }).open();
      const peer = await peers.take();
      peer.send(opcodes.text, 'x', { fin: false });
      times(16_500, () => peer.send(opcodes.continuation, 'x', { fin: false }));
      peer.send(opcodes.continuation, 'x');
      assert.equal((await harness.next('Message')).str.length, 16_502);
    });

    it('0 means no limit', async () => {
      const met = await meet({ maxFragments: 0 });
      met.peer.send(opcodes.text, 'x', { fin: false });
      inFragments(met, 17_000);
      met.peer.send(opcodes.continuation, 'x');
      assert.equal((await met.harness.next('Message')).str.length, 17_002);
    });
  });

  describe('a deflate bomb', () => {
    // A MiB of zeros in 1037 bytes, repeatable because it has no reference to earlier data.
    const mebibyte = deflateRawSync(Buffer.alloc(1024 * 1024), { finishFlush: constants.Z_FULL_FLUSH });
    /** A message of 5,000 MiB that is just small enough when compressed. */
    const bomb = Buffer.concat(Array<Buffer>(5000).fill(mebibyte));

    /** Returns the largest growth of this process's memory during a wait, bytes. */
    async function mostOf(done: Promise<unknown>): Promise<number> {
      const before = process.memoryUsage.rss();
      let [most, isDone] = [before, false];
      void done.finally(() => {
        isDone = true;
      });
      await until(
        () => {
          most = Math.max(most, process.memoryUsage.rss());
          return isDone;
        },
        'the end of the bombs',
        9000,
      );
      await done;
      return most - before;
    }

    const bombs: Record<string, (peer: RawPeer) => void> = {
      'in one frame': (peer) => peer.send(opcodes.binary, bomb, { rsv: 4 }),
      'in fragments, each of which is small enough': (peer) => {
        peer.send(opcodes.binary, mebibyte, { rsv: 4, fin: false });
        times(100, () => peer.send(opcodes.continuation, mebibyte, { fin: false }));
      },
    };
    for (const [how, send] of Object.entries(bombs)) {
      it(`${how} ends at maxPayload with 1009, and memory stays flat`, async () => {
        const harness = await server().open();
        const explode = async () => {
          const met = await come(harness, { deflated: true });
          send(met.peer);
          await endsFor({ harness, ...met }, 1009, '', 'Message too big: larger than maxPayload');
        };
        await explode(); // The first run allocates memory that stays, such as the buffers of zlib.
        const more = await mostOf(
          (async () => {
            for (let i = 0; i < 10; i++) await explode();
          })(),
        );
        assert.equal(more < 60 * 1024 * 1024, true, `10 bombs took ${Math.round(more / 1024 / 1024)} MiB more`);
      });
    }
  });
});
