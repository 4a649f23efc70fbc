import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { frame, opcodes } from '../helpers/frames';
import { within } from '../helpers/queue';
import { Bare, counted, many, upgrade } from './attack';
import { fault, type Stage } from './fault';
import { Random } from './random';

const goodbye = frame(opcodes.close, Buffer.from([0x03, 0xe8]), { masked: true });

/** The progress of a connection before it is dropped. Accepted ones have an Open event and must have a Close. */
const stories: Record<string, (bare: Bare, random: Random) => Promise<unknown>> = {
  'at once': async () => {},
  'half an upgrade': async ({ socket }, random) => socket.write(upgrade().subarray(0, random.int(1, upgrade().length - 1))),
  'before the answer': async ({ socket }) => socket.write(upgrade()),
  upgraded: (bare) => bare.shakeHands(),
  'after messages': async (bare, random) => {
    if (!(await bare.shakeHands())) return;
    for (let i = random.int(1, 20); i > 0; i--) bare.socket.write(frame(opcodes.text, `message ${i}`, { masked: true }));
  },
  'inside a frame': async (bare, random) => {
    if (!(await bare.shakeHands())) return;
    const whole = frame(opcodes.binary, random.bytes(random.int(10, 2000)), { masked: true });
    bare.socket.write(whole.subarray(0, random.int(1, whole.length - 1)));
  },
  'inside a message': async (bare) => {
    if (await bare.shakeHands()) bare.socket.write(frame(opcodes.text, 'the first fragment of two', { masked: true, fin: false }));
  },
  'without reading': async (bare) => {
    if (await bare.shakeHands()) bare.socket.pause();
  },
  'inside the closing handshake': async (bare) => {
    if (await bare.shakeHands()) bare.socket.write(goodbye);
  },
};

const ends: Record<string, (bare: Bare) => void> = {
  FIN: ({ socket }) => void socket.end(),
  'FIN, and gone': ({ socket }) => void socket.destroy(),
  RST: (bare) => bare.reset(),
};

async function drop({ port }: Stage, count: number) {
  const told = await many(count, 64, async (i) => {
    const random = new Random(i);
    const [story, end] = [random.pick(Object.keys(stories)), random.pick(Object.keys(ends))];
    const bare = await Bare.open(port);
    await stories[story]?.(bare, random);
    if (random.chance(0.5)) await sleep(random.int(0, 30));
    ends[end]?.(bare);
    // A peer that ends with a FIN reads on until the server has ended the connection too.
    if (end === 'FIN') await within(bare.resumed().over, `the server's end of a connection dropped ${story}`);
    bare.socket.destroy();
    return story;
  });
  return counted(told);
}

fault(
  'connections dropped at random',
  {
    count: 2000,
    rehearsal: 200,
    run: drop,
    figure: ({ result, tally }) =>
      `2,000 connections, ${Object.keys(result).length} ways of dropping them with FIN and RST; ${(tally.opened['/'] ?? 0).toLocaleString('en')} had come in`,
  },
  (outcome) => {
    it('every Open event has its Close event', () => {
      const { opened, closeCodes } = outcome().tally;
      const closed = Object.values(closeCodes).reduce((sum, count) => sum + count, 0);
      assert.equal(closed, opened['/']);
    });

    it('a peer that sent a close frame is distinguished from one that did not', () => {
      const { result, tally } = outcome();
      assert.ok((tally.closeCodes[1006] ?? 0) > 0, JSON.stringify(tally.closeCodes));
      // Some of those were reset before their close frame was read.
      const goodbyes = tally.closeCodes[1000] ?? 0;
      assert.ok(goodbyes > 0 && goodbyes <= (result['inside the closing handshake'] ?? 0), JSON.stringify({ tally, result }));
      assert.deepEqual(Object.keys(tally.closeCodes), ['1000', '1006']);
    });
  },
);
