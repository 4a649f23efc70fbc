import assert from 'node:assert/strict';
import { sweep } from '../../../src/connection/sweep';
import { fakeClock } from '../../helpers/clock';
import { onTeardown, teardown } from '../../helpers/teardown';

describe('sweep', () => {
  afterEach(teardown);

  /** Polls that end with the test. */
  function polled(periodMs: number) {
    let polls = 0;
    const end = sweep(() => polls++, periodMs);
    onTeardown(end);
    return { end, polls: () => polls };
  }

  it('polls the first member after exactly a period, and every period', () => {
    for (const periodMs of [12, 100, 1000, 1250, 7500, 250.25]) {
      const clock = fakeClock();
      const { polls, end } = polled(periodMs);
      for (let i = 1; i <= 3; i++) {
        clock.tick(Math.floor(periodMs) - 1);
        assert.equal(polls(), i - 1, `${periodMs} ms`);
        clock.tick(1);
        assert.equal(polls(), i, `${periodMs} ms`);
      }
      end();
      clock.uninstall();
    }
  });

  it('polls a later member after a period and at most a sixteenth, and then every period', () => {
    for (const wait of [1, 99, 100, 101, 555, 999]) {
      const clock = fakeClock();
      const first = polled(1000);
      clock.tick(wait);
      const { polls, end } = polled(1000);
      clock.tick(999);
      assert.equal(polls(), 0, `after ${wait} ms`);
      clock.tick(101);
      assert.equal(polls(), 1, `after ${wait} ms`);
      clock.tick(1000);
      assert.equal(polls(), 2, `after ${wait} ms`);
      for (const stop of [end, first.end]) stop();
      clock.uninstall();
    }
  });

  it('has one timer for all members of a period, and none without members', () => {
    const clock = fakeClock();
    const all = Array.from({ length: 100 }, () => polled(1000));
    assert.equal(clock.countTimers(), 1);
    clock.tick(550);
    const others = [polled(1000), polled(5000)];
    assert.equal(clock.countTimers(), 2);
    for (const { end } of [...all, ...others]) end();
    assert.equal(clock.countTimers(), 0);
  });

  it('spreads members that came at different times over the period', () => {
    const clock = fakeClock();
    const all = Array.from({ length: 10 }, () => {
      clock.tick(100);
      return polled(1000);
    });
    clock.tick(1000);
    const before = all.map(({ polls }) => polls());
    clock.tick(100);
    const count = all.filter(({ polls }, i) => polls() !== before[i]).length;
    assert.ok(count >= 1 && count <= 2, `${count} of 10 in a tenth of the period`);
  });

  it('polls no member that has ended, also if another ends it in the same turn', () => {
    const clock = fakeClock();
    let polls = 0;
    const ends: (() => void)[] = [];
    const endAll = () => {
      polls++;
      for (const end of ends) end();
    };
    ends.push(sweep(endAll, 1000), sweep(endAll, 1000), sweep(endAll, 1000));
    clock.tick(10_000);
    assert.deepEqual([polls, clock.countTimers()], [1, 0]);
  });

  it('a member that ends twice does not end the others', () => {
    const clock = fakeClock();
    const { polls } = polled(1000);
    const { end } = polled(1000);
    for (let i = 0; i < 3; i++) end();
    clock.tick(1000);
    assert.equal(polls(), 1);
  });

  it('polls each member once after the event loop was blocked for several periods', () => {
    const clock = fakeClock({ withPerformance: true });
    const all = Array.from({ length: 20 }, () => {
      clock.tick(50);
      return polled(1000);
    });
    clock.tick(1000);
    for (let i = 0; i < 3; i++) {
      const before = all.map(({ polls }) => polls());
      clock.jump(60_000);
      assert.deepEqual(
        all.map(({ polls }) => polls()),
        before.map((polls) => polls + 1),
      );
    }
  });

  it('has a whole period between two polls of a member, also after it was blocked, and spreads the members again', () => {
    const clock = fakeClock({ withPerformance: true });
    const times: number[][] = Array.from({ length: 10 }, () => []);
    for (const seen of times) {
      onTeardown(sweep(() => seen.push(performance.now()), 1000));
      clock.tick(100);
    }
    clock.tick(1000);
    for (const blocked of [60_000, 300, 990, 1500, 100]) {
      clock.jump(blocked);
      clock.tick(7);
    }
    clock.tick(5000);
    for (const seen of times) {
      const gaps = seen.slice(1).map((time, i) => time - (seen[i] as number));
      assert.ok(Math.min(...gaps) >= 1000, String(gaps));
    }
    const last = times.map((seen) => seen.at(-1));
    assert.ok(new Set(last).size >= 8, String(last));
  });

  it('polls no more often than once in a period, however late its timer is', () => {
    const clock = fakeClock({ withPerformance: true });
    const { polls } = polled(1000);
    let time = 0;
    for (const late of Array.from({ length: 100 }, (_, i) => 100 + ((i * 37) % 90))) {
      clock.jump(late);
      time += late;
      assert.ok(polls() <= Math.floor((time + 1) / 1000), `${polls()} polls in ${time} ms`);
    }
    assert.ok(polls() >= Math.floor(time / 1200), `${polls()} polls in ${time} ms`);
  });
});
