import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { messageOverhead } from '../../../src/connection/send-budget';
import type { SendStatus } from '../../../src/connection/send-status';
import type { Layer } from '../../../src/options/read';
import type { ReceiverStatus } from '../../../src/server/broadcast';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { type RawPeer, rawClient, rawServer } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { type ClientHarness, client, type ServerHarness, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

interface Pair {
  readonly harness: ClientHarness | ServerHarness;
  /** A peer that does not read. */
  readonly peer: RawPeer;
  /** The results so far, in order. */
  readonly answers: (string | undefined)[];
  send(message: string | Buffer): void;
}

const deflate = 'Sec-WebSocket-Extensions: permessage-deflate';
/** More than the operating system buffers for a connection, and incompressible. */
const filler = randomBytes(8_000_000);

interface Kind {
  readonly side: 'client' | 'server';
  readonly deflated?: boolean;
  readonly tls?: boolean;
}

const connections: Readonly<Record<string, Kind>> = {
  'of a client': { side: 'client' },
  'of a client, compressed': { side: 'client', deflated: true },
  'of a server': { side: 'server' },
  'of a server, compressed': { side: 'server', deflated: true },
  'of a server, encrypted': { side: 'server', tls: true },
};

async function pair({ side, deflated = false, tls = false }: Kind, given: Layer): Promise<Pair> {
  const headers = deflated ? [deflate] : [];
  const answers: Pair['answers'] = [];
  const answered = (answer: SendStatus | ReceiverStatus[]) => void answers.push([answer].flat()[0]?.errorStr);
  if (side === 'client') {
    const { url, peers } = await rawServer({ headers });
    const harness = await client({ URL: url, enableAutomaticReconnection: false, enablePerMessageDeflate: deflated, ...given }).open();
    return { harness, peer: await peers.take(), answers, send: (message) => harness.socket.send(message, answered) };
  }
  const { certFile, keyFile } = certs().server;
  const harness = await server({ ...(tls && { tls, certFile, keyFile }), ...given }).open();
  const peer = await rawClient(harness.port, { headers, tls: tls ? { rejectUnauthorized: false } : undefined });
  await harness.next('Open');
  return { harness, peer, answers, send: (message) => harness.socket.send(message, {}, answered) };
}

/** Opens a connection whose peer does not read, with one waiting message. */
async function stuck(which: keyof typeof connections, given: Layer = {}): Promise<Pair> {
  const made = await pair(connections[which] as Kind, { maxBufferedAmount: 0, ...given });
  made.peer.socket.pause();
  made.send(filler);
  // Compressed and with its frame header it is longer than before.
  await until(() => waiting(made) > filler.length, 'a full connection', 8000);
  return made;
}
const waiting = ({ harness: { socket } }: Pair) => {
  const info = socket.info();
  return ('bufferedAmount' in info ? info : info.connections[0])?.bufferedAmount ?? 0;
};

const nextTurn = () => new Promise(setImmediate);
const tooMany = (count: number) =>
  `The message was not sent: the peer reads too slowly, and ${count} messages (maxBufferedMessages) wait for it.`;
const late = 'The message was not sent: the peer reads too slowly, and a message has waited for it for more than 60 s (sendTimeoutSecs).';

describe('a peer that reads too slowly', () => {
  afterEach(teardown);

  for (const which of Object.keys(connections)) {
    describe(`on a connection ${which}`, () => {
      it('has at most maxBufferedMessages waiting', async () => {
        const { answers, send } = await stuck(which, { maxBufferedMessages: 10, slowReaders: 'drop' });
        for (let i = 0; i < 15; i++) send('x');
        assert.deepEqual(answers, Array(6).fill(tooMany(10)));
      });

      it('has at most maxBufferedAmount waiting, with an overhead for each message', async () => {
        const room = 20 * (messageOverhead + 1);
        const { answers, send } = await stuck(which, { maxBufferedAmount: filler.length + messageOverhead + room, slowReaders: 'drop' });
        for (let i = 0; i < 25; i++) send('x');
        assert.equal(answers.length, 4);
        assert.match(answers[0] ?? '', /reads too slowly, and more than \d+ bytes \(maxBufferedAmount\) wait for it\.$/);
      });

      it('is closed with 1013 after a send that failed, unless slowReaders says otherwise', async () => {
        const { harness, send } = await stuck(which, { maxBufferedMessages: 1 });
        send('x');
        assert.equal(
          (await harness.next('Error')).reason,
          'The connection was closed with 1013: the peer reads too slowly, and 1 messages (maxBufferedMessages) wait for it.',
        );
        assert.equal((await harness.next('Close')).code, 1013);
      });

      it('is closed with 1013 after sendTimeoutSecs, and all that waits fails', async () => {
        const clock = fakeClock();
        const { harness, answers, send } = await stuck(which);
        send('x');
        send('y');
        clock.tick(60_000);
        assert.deepEqual([answers, harness.names.includes('Error')], [[], false]);
        clock.tick(1000);
        assert.deepEqual(answers, [late, late, late]);
        assert.match((await harness.next('Error')).reason, /^The connection was closed with 1013: .*\(sendTimeoutSecs\)\.$/);
        clock.tick(1000);
        assert.equal((await harness.next('Close')).code, 1013);
      });

      it('is sent nothing more after sendTimeoutSecs where slowReaders drops, until it reads again', async () => {
        const clock = fakeClock();
        const made = await stuck(which, { slowReaders: 'drop' });
        const { harness, peer, answers, send } = made;
        clock.tick(61_000);
        assert.deepEqual(answers, [late]);
        send('more');
        assert.deepEqual(answers, [late, late]);
        peer.socket.resume();
        await until(() => {
          send('again');
          return answers.some((errorStr) => errorStr === undefined);
        }, 'a message that was sent');
        assert.equal(harness.names.includes('Close'), false);
      });

      it('keeps messages for ever with sendTimeoutSecs 0', async () => {
        const clock = fakeClock();
        const { answers } = await stuck(which, { sendTimeoutSecs: 0 });
        clock.tick(10_000_000);
        assert.deepEqual(answers, []);
      });

      it('has one answer for each message when the connection ends', async () => {
        const { harness, peer, answers, send } = await stuck(which, { maxBufferedMessages: 0 });
        for (let i = 0; i < 1000; i++) send('x');
        peer.socket.destroy();
        await harness.next('Close');
        assert.equal(answers.length, 1001);
        assert.equal(
          answers.every((errorStr) => errorStr !== undefined),
          true,
        );
      });
    });
  }

  it('is one that reads, however many messages one turn has for it', async () => {
    const { peer, answers, send } = await pair({ side: 'server' }, { maxBufferedMessages: 100 });
    for (let i = 0; i < 1000; i++) send('x');
    await until(() => answers.length === 1000, 'the answers');
    assert.deepEqual(new Set(answers), new Set([undefined]));
    assert.equal(peer.frames.all.length <= 1000, true);
  });

  it('is not closed for a burst of one turn that TLS takes a turn later', async () => {
    const { harness, answers, send } = await pair({ side: 'server', tls: true }, { maxBufferedMessages: 100 });
    for (let i = 0; i < 150; i++) send('x');
    await until(() => answers.length === 150, 'the answers');
    send('one more');
    await until(() => answers.length === 151, 'the last answer');
    assert.deepEqual([answers[150], harness.names], [undefined, ['Open']]);
  });

  it('is not closed for messages that wait to be compressed', async () => {
    const { harness, answers, send } = await pair({ side: 'server', deflated: true }, { maxBufferedMessages: 10 });
    for (let i = 0; i < 15; i++) send('x');
    assert.deepEqual(answers, Array(5).fill(tooMany(10)));
    await nextTurn();
    await until(() => answers.length === 15, 'the answers');
    assert.deepEqual([answers.slice(5), harness.names], [Array(10).fill(undefined), ['Open']]);
  });

  it('counts what is compressed for all receivers', async () => {
    const harness = await server({ maxBufferedMessages: 3, slowReaders: 'drop' }).open();
    for (let i = 0; i < 2; i++) await rawClient(harness.port, { headers: [deflate] });
    await harness.next('Open');
    await harness.next('Open');
    const answers = Promise.all(Array.from({ length: 5 }, () => harness.send(filler.subarray(0, 100_000))));
    const failed = (await answers).map((statuses) => statuses.filter(({ success }) => !success).length);
    assert.deepEqual(failed, [0, 0, 0, 2, 2]);
  });

  describe('with maxBufferedTotal', () => {
    const big = filler;

    it('is closed with 1013 if it holds most, and no other connection is', async () => {
      const given = { maxBufferedAmount: 0, maxBufferedTotal: 20_000_000, slowReaders: 'drop' };
      const harness = await server(given).open();
      const peers = [await rawClient(harness.port, { path: '/most' }), await rawClient(harness.port, { path: '/less' })];
      const [most, less] = [(await harness.next('Open')).client, (await harness.next('Open')).client];
      for (const { socket } of peers) socket.pause();
      const waits = [harness.send(big, { client: [most ?? ''] }), harness.send(big, { client: [most ?? ''] })];
      const kept = harness.send(big.subarray(0, 4_500_000), { client: [less ?? ''] });
      const why = 'more than 20000000 bytes (maxBufferedTotal) wait for all connections, most of them for this one';
      for (const [{ errorStr } = {}] of (await Promise.all(waits)) as Partial<ReceiverStatus>[][]) {
        assert.equal(errorStr, `The message was not sent: the peer reads too slowly, and ${why}.`);
      }
      const error = await harness.next('Error');
      assert.deepEqual([error.uri, error.reason], ['/most', `The connection was closed with 1013: the peer reads too slowly, and ${why}.`]);
      const close = await harness.next('Close');
      assert.deepEqual([close.uri, close.code], ['/most', 1013]);
      peers[1]?.socket.resume();
      assert.equal((await kept)[0]?.success, true);
    });

    it('counts a broadcast once, however many receive it', async () => {
      const harness = await server({ maxBufferedTotal: 20_000_000, slowReaders: 'drop' }).open();
      const peers = await Promise.all(Array.from({ length: 4 }, () => rawClient(harness.port)));
      for (let i = 0; i < 4; i++) await harness.next('Open');
      for (const { socket } of peers) socket.pause();
      const sent = harness.send(big);
      await nextTurn();
      for (const { socket } of peers) socket.resume();
      assert.deepEqual(
        (await sent).map(({ success }) => success),
        [true, true, true, true],
      );
    });

    it('counts nothing for messages that were answered', async () => {
      const harness = await server({ maxBufferedTotal: 1_000_000 }).open();
      const peers = [await rawClient(harness.port), await rawClient(harness.port)];
      const [{ client = '' }] = [await harness.next('Open'), await harness.next('Open')];
      for (let i = 0; i < 30; i++) {
        for (const to of [{}, { client: [client] }]) {
          assert.equal(
            (await harness.send(big.subarray(0, 100_000), to)).every(({ success }) => success),
            true,
          );
        }
      }
      peers[0]?.socket.resetAndDestroy();
      await harness.next('Close');
      assert.equal((await harness.send('x')).length, 1);
      assert.deepEqual(harness.names, ['Open', 'Open', 'Close']);
    });
  });

  it('keeps no broadcast waiting longer than sendTimeoutSecs', async () => {
    const clock = fakeClock();
    const harness = await server({ maxBufferedAmount: 0 }).open();
    const slow = await rawClient(harness.port, { path: '/slow' });
    await rawClient(harness.port, { path: '/fast' });
    await harness.next('Open');
    await harness.next('Open');
    slow.socket.pause();
    const sent = [harness.send(filler), harness.send('x')];
    await until(() => (harness.socket.info().connections[1]?.bufferedAmount ?? 0) === 0, 'the receiver that reads');
    clock.tick(61_000);
    for (const statuses of await Promise.all(sent)) {
      assert.deepEqual(
        statuses.map(({ uri, errorStr }) => [uri, errorStr]),
        [
          ['/slow', late],
          ['/fast', undefined],
        ],
      );
    }
    await harness.next('Error');
    clock.tick(1000);
    await harness.next('Close');
  });

  it('leaves no timer behind', async () => {
    const clock = fakeClock();
    const { harness, peer } = await stuck('of a server');
    assert.equal(clock.countTimers(), 1);
    peer.socket.resetAndDestroy();
    await harness.next('Close');
    assert.equal(clock.countTimers(), 0);
  });
});
