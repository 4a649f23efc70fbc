import assert from 'node:assert/strict';
import { type Played, Player, type PlayerParts } from '../../../src/replay/player';
import { fakeClock } from '../../helpers/clock';
import { teardown } from '../../helpers/teardown';

const recording = { frames: [0, 100, 300].map((at, index) => ({ at, data: String(index) })), duration: 500 };

/** A player with what it did. */
function play(parts: Partial<PlayerParts> = {}, of: ConstructorParameters<typeof Player>[0] = recording) {
  const done = { sent: [] as unknown[], played: [] as Played[], failures: [] as unknown[], errors: [] as unknown[] };
  const player = new Player(of, {
    ...{ speed: 1, loop: false },
    send: (data, sent) => {
      done.sent.push(data);
      sent();
    },
    progress: () => {},
    ended: (played) => done.played.push(played),
    failed: (cause) => done.failures.push(cause),
    log: { warn: () => {}, error: (cause) => done.errors.push(cause) },
    ...parts,
  });
  player.start();
  return { player, ...done };
}
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a replay', () => {
  afterEach(teardown);

  it('sends each message at its time, and ends after the last', () => {
    const clock = fakeClock({ withPerformance: true });
    const { sent, played } = play();
    const counts = [1, 98, 1, 199, 1].map((ms) => {
      clock.tick(ms);
      return sent.length;
    });
    assert.deepEqual(counts, [1, 1, 2, 2, 3]);
    assert.deepEqual(played, [{ sent: 3, failed: 0, frames: 3, rounds: 1, stopped: false }]);
  });

  for (const [speed, ms] of [
    [2, 150],
    [0.1, 3000],
    [100, 3],
  ] as const) {
    it(`ends after ${ms} ms at speed ${speed}`, () => {
      const clock = fakeClock({ withPerformance: true });
      const { played } = play({ speed });
      clock.tick(ms - 1);
      assert.equal(played.length, 0);
      clock.tick(1);
      assert.equal(played.length, 1);
    });
  }

  it('sends all at once at speed 0, and lets other work have its turn', async () => {
    const frames = Array.from({ length: 120 }, (_, at) => ({ at: at * 1000, data: String(at) }));
    const { sent, played } = play({ speed: 0 }, { frames, duration: 120_000 });
    assert.equal(sent.length, 50);
    await turns(3);
    assert.deepEqual([sent.length, played.length], [120, 1]);
  });

  it('does not send before the previous message was sent', () => {
    const clock = fakeClock({ withPerformance: true });
    const waiting: (() => void)[] = [];
    const { played } = play({ send: (_, sent) => void waiting.push(sent) });
    clock.tick(1000);
    assert.equal(waiting.length, 1);
    waiting[0]?.();
    waiting[0]?.();
    assert.equal(waiting.length, 2, 'once for each message');
    waiting[1]?.();
    waiting[2]?.();
    assert.equal(played[0]?.sent, 3);
  });

  it('goes on after a failure, and reports the first', () => {
    const clock = fakeClock({ withPerformance: true });
    let count = 0;
    const { played } = play({ send: (_, sent) => sent(++count === 2 ? undefined : `fault ${count}`) });
    clock.tick(300);
    assert.deepEqual(played, [{ sent: 1, failed: 2, frames: 3, rounds: 1, stopped: false, errorStr: 'fault 1' }]);
  });

  it('repeats the whole recording in a loop, with the time after its last message', () => {
    const clock = fakeClock({ withPerformance: true });
    const { player, sent, played } = play({ loop: true });
    clock.tick(499);
    assert.equal(sent.length, 3);
    clock.tick(601);
    assert.deepEqual(sent, ['0', '1', '2', '0', '1', '2', '0', '1']);
    player.stop();
    player.stop();
    assert.deepEqual(played, [{ sent: 8, failed: 0, frames: 3, rounds: 2, stopped: true }]);
    assert.equal(clock.countTimers(), 0);
  });

  it('pauses between the rounds of a loop without times', () => {
    const clock = fakeClock({ withPerformance: true });
    const { player, sent } = play({ loop: true, speed: 0 }, { frames: [{ at: 0, data: 'a' }], duration: 0 });
    clock.tick(100);
    assert.ok(sent.length <= 11, `${sent.length} messages in 100 ms`);
    player.close();
  });

  it('ends at once without messages, also in a loop', () => {
    const { played } = play({ loop: true }, { frames: [], duration: 0 });
    assert.deepEqual(played, [{ sent: 0, failed: 0, frames: 0, rounds: 1, stopped: false }]);
  });

  it('ends without a report when it is closed', () => {
    const clock = fakeClock({ withPerformance: true });
    const { player, sent, played } = play();
    player.close();
    clock.tick(1000);
    assert.deepEqual([sent.length, played.length, clock.countTimers()], [1, 0, 0]);
  });

  it('reports an exception of sending, and sends nothing more', () => {
    const cause = new Error('gone');
    const { played, failures } = play({
      send: () => {
        throw cause;
      },
    });
    assert.deepEqual([failures, played], [[cause], []]);
  });

  it('reports the number of each message', () => {
    const clock = fakeClock({ withPerformance: true });
    const seen: unknown[] = [];
    play({ progress: (at, of) => void seen.push([at, of]) });
    clock.tick(300);
    assert.deepEqual(seen, [
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });
});
