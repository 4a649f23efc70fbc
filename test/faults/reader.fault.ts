import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { FrameReader, opcodes } from '../helpers/frames';
import { within } from '../helpers/queue';
import { Bare, inWords, many, withHeaders } from './attack';
import { eventually } from './eventually';
import { fault, type Outcome, type Stage } from './fault';

const maxBufferedAmount = 1024 * 1024;
/** Characters of each broadcast, and broadcasts per second. They fill the kernel's buffers of a connection after a few seconds. */
const crowd = { peers: 4, perSecond: 60, size: 32 * 1024 } as const;

/** Accepted connections that read nothing; every second one uses compression. */
const stuck = (port: number, count: number) =>
  many(count, count, async (i) => {
    const bare = await Bare.open(port);
    const headers = i % 2 === 0 ? {} : { headers: withHeaders({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }) };
    assert.equal(await within(bare.shakeHands({ target: `/stuck-${i}`, ...headers }), 'the answer to an upgrade'), true);
    bare.socket.pause();
    return bare;
  });

const failedOf = async ({ subject }: Stage) => (await subject.tally()).failed;
const failures = ({ tally }: Outcome<unknown>) => Object.values(tally.failed).reduce((sum, count) => sum + count, 0);
const others = ({ tally }: Outcome<unknown>) => Object.keys(tally.failed).filter((uri) => !uri.startsWith('/stuck-'));

/** Returns the numbers of the broadcasts that a connection receives in its first second of reading. */
async function caughtUp(bare: Bare): Promise<number[]> {
  const numbers: number[] = [];
  const reader = new FrameReader();
  const read = (chunk: Buffer) => {
    for (const { opcode, rsv, payload } of reader.read(chunk)) {
      if (opcode === opcodes.text && rsv === 0) numbers.push(Number.parseInt(payload.toString('latin1', 1, 20), 10));
    }
  };
  read(bare.read);
  bare.socket.on('data', read).resume();
  await sleep(1000);
  return numbers;
}

fault(
  'readers that never read',
  {
    server: { maxBufferedAmount, slowReaders: 'drop' },
    crowd,
    count: 10,
    rehearsal: 2,
    async run(stage, count) {
      const readers = await stuck(stage.port, count);
      const areFull = async () => Object.keys(await failedOf(stage)).length >= count;
      await eventually(areFull, `failures for ${count} readers`, 20_000);
      await sleep(3000);
      const late = await caughtUp(readers[0] as Bare);
      for (const bare of readers) bare.reset();
      return { late };
    },
    // The limit of each connection, twice: as it waits, and while it is joined. The rest is the garbage of a second of broadcasts.
    peak: 10 * 2 * maxBufferedAmount + 64e6,
    figure: (outcome) =>
      `10 readers, limit 1 MiB each, ${crowd.perSecond} broadcasts of 32 KiB a second; ${failures(outcome).toLocaleString('en')} messages to them answered as failed`,
  },
  (outcome) => {
    it('what cannot be handed over is answered as failed, with the option to change, to those readers alone', () => {
      const { tally } = outcome();
      assert.equal(Object.keys(tally.failed).length, 10);
      assert.deepEqual(others(outcome()), []);
      for (const sentence of Object.values(tally.said)) assert.match(sentence, /reads too slowly.*maxBufferedAmount/);
    });

    it('one that reads again gets what waited, and then what comes: whole messages, in order', () => {
      const { late } = outcome().result;
      assert.ok(late.length > 10, `${late.length} messages`);
      assert.deepEqual(
        late,
        [...late].sort((a, b) => a - b),
      );
      assert.equal(new Set(late).size, late.length);
    });
  },
);

fault(
  'readers that never read, closed',
  {
    server: { maxBufferedAmount, slowReaders: 'close' },
    crowd,
    count: 10,
    rehearsal: 2,
    async run(stage, count) {
      const before = (await stage.subject.tally()).closeCodes[1013] ?? 0;
      const readers = await stuck(stage.port, count);
      const areClosed = async () => ((await stage.subject.tally()).closeCodes[1013] ?? 0) - before >= count;
      await eventually(areClosed, `the Close events of ${count} readers`, 20_000);
      for (const bare of readers) bare.reset();
    },
    peak: 10 * 2 * maxBufferedAmount + 64e6,
    figure: ({ seconds, tally }) =>
      `10 readers, limit 1 MiB each, slowReaders close; closed with ${inWords(tally.closeCodes)} within ${seconds.toFixed(1)} s`,
  },
  (outcome) => {
    it('each is closed with 1013, and nobody else is', () => {
      const { closes, closeCodes } = outcome().tally;
      assert.deepEqual(closeCodes, { 1013: 10 });
      assert.deepEqual(
        closes.filter(({ uri }) => !uri.startsWith('/stuck-')),
        [],
      );
      assert.deepEqual(others(outcome()), []);
    });
  },
);
