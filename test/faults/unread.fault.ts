import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { frame, opcodes } from '../helpers/frames';
import { within } from '../helpers/queue';
import { Bare, many, withHeaders } from './attack';
import { fault } from './fault';
import { inMs, type Latency, latencyDuring } from './stopwatch';

const attackMs = 3000;
const deflate = { headers: withHeaders({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }) };

const tiny = Buffer.concat(Array.from({ length: 10_000 }, () => frame(opcodes.text, 'x', { masked: true })));
const large = frame(opcodes.text, deflateRawSync(Buffer.alloc(5_000_000, 'y')), { masked: true, rsv: 4 });

/** Sends texts of one byte to the echo, reads nothing, and resets: each echo waits. */
async function neverRead(port: number, target: string, compresses: boolean): Promise<void> {
  const bare = await Bare.open(port);
  assert.equal(await within(bare.shakeHands({ target, ...(compresses && deflate) }), 'the answer to an upgrade'), true);
  const { socket } = bare;
  socket.pause();
  if (compresses) socket.write(large);
  const end = performance.now() + attackMs;
  while (performance.now() < end && !bare.isOver) {
    if (socket.writableNeedDrain) await sleep(1);
    else socket.write(tiny);
  }
  bare.reset();
}

for (const compresses of [false, true]) {
  fault<Latency>(
    `echoes that are never read${compresses ? ', compressed, behind a large one' : ''}`,
    {
      count: 2,
      rehearsal: 1,
      run: ({ port }, count) =>
        latencyDuring(
          port,
          many(count, count, (i) => neverRead(port, `/unread-${i}`, compresses)),
        ),
      // 10,000 messages may wait for each connection; in the version before, 18 MB of such texts ended a heap of 512 MB.
      peak: 160e6,
      figure: ({ result, tally }) => {
        const failed = Object.values(tally.failed).reduce((sum, count) => sum + count, 0);
        return `2 connections, texts of one byte for ${attackMs / 1000} s, reset; ${failed.toLocaleString('en')} answered as failed; ${inMs(result)}`;
      },
    },
    (outcome) => {
      it('a good peer beside them has its echoes, also while the connections end', () => {
        const { count, median, max } = outcome().result;
        assert.ok(count > 5 && median < 100 && max < 3000, inMs(outcome().result));
      });

      // A broadcast may miss the stopwatch when it leaves.
      it('only messages to those who do not read fail', () => {
        const others = Object.keys(outcome().tally.failed).filter((uri) => !/^\/(unread-|stopwatch$)/.test(uri));
        assert.deepEqual(others, []);
      });
    },
  );
}
