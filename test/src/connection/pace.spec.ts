import assert from 'node:assert/strict';
import { Pace } from '../../../src/connection/pace';

/** Sends as often as a pace allows, for some time. @returns the times, ms. */
function saturated(pace: Pace, ms: number, step = 1): number[] {
  const times: number[] = [];
  for (let now = 0; now < ms; now += step) {
    while (pace.delay(now) === 0) {
      pace.take(now);
      times.push(now);
    }
  }
  return times;
}

/** The most messages within one second. */
function busiest(times: readonly number[]): number {
  let first = 0;
  let most = 0;
  for (let last = 0; last < times.length; last++) {
    while ((times[last] as number) - (times[first] as number) >= 1000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

describe('Pace', () => {
  it('spaces messages evenly', () => {
    assert.deepEqual(saturated(new Pace(10), 500), [0, 100, 200, 300, 400]);
    assert.deepEqual(saturated(new Pace(0.5), 6000), [0, 2000, 4000]);
  });

  it('sends the whole rate in a second, and no more', () => {
    for (const rate of [1, 3, 7, 50, 100, 120, 999, 1000, 20000]) {
      const times = saturated(new Pace(rate), 5000, 0.25);
      assert.ok(busiest(times) <= rate, `${rate}: ${busiest(times)} in a second`);
      assert.ok(times.length >= rate * 4.5, `${rate}: ${times.length} in 5 s`);
    }
  });

  it('lets a burst go at once after a pause, and a gap follow it', () => {
    const pace = new Pace(10, 5);
    assert.deepEqual(saturated(pace, 700), [0, 0, 0, 0, 0, 500, 600]);
    let burst = 0;
    for (; pace.delay(5000) === 0; burst++) pace.take(5000);
    assert.equal(burst, 5);
  });

  it('a second holds no more than the rate with any burst and any pauses', () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    for (const rate of [1, 2, 5, 10, 100, 250, 1000]) {
      for (const burst of [1, 2, 5, rate, 2 * rate]) {
        const pace = new Pace(rate, burst);
        const times: number[] = [];
        for (let now = 0; now < 20_000; now += random() < 0.02 ? random() * 1500 : random() * 4) {
          const wanted = random() < 0.1 ? 50 : 1;
          for (let i = 0; i < wanted && pace.delay(now) === 0; i++) {
            pace.take(now);
            times.push(now);
          }
        }
        assert.ok(busiest(times) <= rate, `rate ${rate}, burst ${burst}: ${busiest(times)} in a second`);
      }
    }
  });

  it('a message that goes too early delays the later ones', () => {
    const pace = new Pace(10);
    pace.take(0);
    pace.take(10);
    assert.equal(pace.delay(10), 190);
  });
});
