import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../helpers/queue';
import { Bare, counted, many, rightHeaders, tolerance, upgrade } from './attack';
import { fault } from './fault';
import { Random } from './random';

const handshakeTimeoutSecs = 2;

fault(
  'slow loris: upgrade requests that drip',
  {
    server: { handshakeTimeoutSecs },
    count: 1000,
    rehearsal: 100,
    async run({ port }, count) {
      const request = upgrade();
      const seconds = await many(count, count, async (i) => {
        // Most drip from the first byte on, some after nearly the whole request.
        const random = new Random(i);
        let at = random.chance(0.7) ? 1 : random.int(1, request.length - 8);
        const start = performance.now();
        const bare = await Bare.open(port);
        bare.socket.write(request.subarray(0, at));
        const drip = setInterval(() => bare.socket.write(request.subarray(at, ++at)), 1000);
        await within(bare.over, 'the end of a slow upgrade request', 10_000).finally(() => clearInterval(drip));
        bare.socket.destroy();
        return (performance.now() - start) / 1000;
      });
      return { first: Math.min(...seconds), last: Math.max(...seconds) };
    },
    figure: ({ result: { first, last } }) =>
      `1,000 connections at once, a byte each second; all dropped after ${first.toFixed(1)} to ${last.toFixed(1)} s (deadline ${handshakeTimeoutSecs} s)`,
  },
  (outcome) => {
    it('each is dropped at the deadline, not before and not much later', () => {
      const { first, last } = outcome().result;
      assert.ok(first >= handshakeTimeoutSecs - 0.1 && last <= handshakeTimeoutSecs + tolerance, JSON.stringify({ first, last }));
    });

    it('each is reported as an Error event that names handshakeTimeoutSecs', () => {
      const { errors, opened } = outcome().tally;
      const late = errors.filter(({ reason }) => reason.includes('handshakeTimeoutSecs'));
      assert.equal(
        late.reduce((sum, { count }) => sum + count, 0),
        1000,
      );
      assert.deepEqual(opened, {});
    });
  },
);

/** The limit of Node.js for the head of a request, bytes (`--max-http-header-size`). */
const largestHead = 16 * 1024;

const oversize: Record<string, (random: Random) => Buffer> = {
  'a long header': (random) => upgrade({ headers: [...rightHeaders, ['X-Long', 'x'.repeat(random.int(largestHead, 8 * largestHead))]] }),
  'many headers': (random) =>
    upgrade({ headers: [...rightHeaders, ...Array.from({ length: random.int(2000, 5000) }, (_, i) => [`X-${i}`, 'many'] as const)] }),
  'a long target': (random) => upgrade({ target: `/${'y'.repeat(random.int(largestHead, 8 * largestHead))}` }),
  'a long header name': (random) => upgrade({ headers: [...rightHeaders, ['N'.repeat(random.int(largestHead, 4 * largestHead)), 'long']] }),
};

/** Sends an endless head at full speed. @returns the number of accepted bytes. */
async function endless(bare: Bare): Promise<number> {
  bare.socket.write('GET / HTTP/1.1\r\nX-Endless: ');
  const chunk = Buffer.alloc(64 * 1024, 'z');
  while (!bare.isOver && bare.socket.bytesWritten < 64 * 1024 * 1024) {
    if (!bare.socket.write(chunk)) await Promise.race([bare.over, sleep(5)]);
  }
  return bare.socket.bytesWritten;
}

fault(
  'oversize heads of upgrade requests',
  {
    count: 1000,
    rehearsal: 100,
    async run({ port }, count) {
      const statuses = await many(count, 50, async (i) => {
        const random = new Random(i);
        const bare = await Bare.open(port);
        bare.socket.write(oversize[random.pick(Object.keys(oversize))]?.(random) as Buffer);
        const status = await within(bare.status(), 'an answer to an oversize head');
        bare.socket.destroy();
        return status ?? 0;
      });
      const taken = await many(Math.ceil(count / 50), 5, async () => {
        const bare = await Bare.open(port);
        const bytes = await within(endless(bare), 'the end of an endless head');
        const status = await bare.status();
        bare.socket.destroy();
        return { bytes, status };
      });
      return { statuses: counted(statuses), most: Math.max(...taken.map(({ bytes }) => bytes)), endless: taken.length };
    },
    peak: 64e6,
    figure: ({ result: { most, endless } }) =>
      `1,000 heads of 16 to 128 KiB and ${endless} that never end; at most ${Math.round(most / 1024)} KiB of one left the sender`,
  },
  (outcome) => {
    it('each is answered 431, unless it is cut while it still talks', () => {
      const { statuses } = outcome().result;
      assert.deepEqual(
        Object.keys(statuses).filter((status) => status !== '431' && status !== '0'),
        [],
        JSON.stringify(statuses),
      );
      assert.ok((statuses[431] ?? 0) > 0, JSON.stringify(statuses));
    });

    it('each is reported as an Error event with 431', () => {
      const { result, tally } = outcome();
      assert.deepEqual(tally.statuses, { 431: 1000 + result.endless });
      assert.deepEqual(tally.opened, {});
    });

    it('a head that never ends is cut soon', () => {
      const { most } = outcome().result;
      assert.ok(most <= 16 * 1024 * 1024, `${most} bytes were taken`);
    });
  },
);
