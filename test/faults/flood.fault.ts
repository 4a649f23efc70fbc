import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { frame, opcodes } from '../helpers/frames';
import { within } from '../helpers/queue';
import { Bare, many } from './attack';
import { fault } from './fault';
import { inMs, type Latency, latencyDuring } from './stopwatch';

const floodMs = 2000;
/** A good peer without an attack has a median below 10 ms; before the frames counted for the reading budget it was 170 to 8,500 ms. */
const maxMedianMs = 100;

const small = { masked: true } as const;
const floods: Record<string, Buffer> = {
  pings: frame(opcodes.ping, '', small),
  pongs: frame(opcodes.pong, '', small),
  fragments: Buffer.concat([
    frame(opcodes.text, '', { ...small, fin: false }),
    ...Array.from({ length: 100 }, () => frame(opcodes.continuation, '', { ...small, fin: false })),
    frame(opcodes.continuation, '', small),
  ]),
};

/** Writes frames as fast as they are accepted, and reads the responses. */
async function flood(port: number, frames: Buffer): Promise<void> {
  const bare = await Bare.open(port);
  assert.equal(await within(bare.shakeHands({ target: '/flood' }), 'the answer to an upgrade'), true);
  const { socket } = bare;
  socket.removeAllListeners('data');
  socket.resume();
  const chunk = Buffer.concat(Array.from({ length: Math.ceil(65_536 / frames.length) }, () => frames));
  const end = performance.now() + floodMs;
  while (performance.now() < end && !bare.isOver) {
    if (socket.writableNeedDrain) await sleep(1);
    else socket.write(chunk);
  }
  bare.reset();
}

for (const [kind, frames] of Object.entries(floods)) {
  fault<Latency>(
    `floods of ${kind}`,
    {
      // Slow readers of echoes are another fault.
      server: { maxFragments: 0 },
      count: 4,
      rehearsal: 1,
      run: ({ port }, count) =>
        latencyDuring(
          port,
          many(count, count, () => flood(port, frames)),
        ),
      peak: 64e6,
      figure: ({ result }) => `4 connections for ${floodMs / 1000} s as fast as they are read; ${inMs(result)}`,
    },
    (outcome) => {
      it(`a good peer beside them has its echoes, half of them within ${maxMedianMs} ms`, () => {
        const { count, median } = outcome().result;
        assert.ok(count > 5, `${count} echoes`);
        assert.ok(median < maxMedianMs, inMs(outcome().result));
      });
    },
  );
}
