import assert from 'node:assert/strict';
import { Semaphore, Sleepers } from '../../../src/hook/semaphore';
import { fakeClock } from '../../helpers/clock';
import { within } from '../../helpers/queue';
import { teardown } from '../../helpers/teardown';

describe('slots', () => {
  it('are given in the order of asking, at most so many at once', async () => {
    const slots = new Semaphore(2);
    const order: number[] = [];
    let atOnce = 0;
    let most = 0;
    const work = (i: number) => async () => {
      order.push(i);
      most = Math.max(most, ++atOnce);
      await new Promise(setImmediate);
      atOnce--;
    };
    await Promise.all(Array.from({ length: 100 }, (_, i) => slots.run(work(i))));
    assert.deepEqual([most, order], [2, Array.from({ length: 100 }, (_, i) => i)]);
  });

  it('are free again after a failure', async () => {
    const slots = new Semaphore(1);
    await assert.rejects(slots.run(() => Promise.reject(new Error('no'))));
    assert.equal(await slots.run(async () => 'yes'), 'yes');
  });
});

describe('waits', () => {
  afterEach(teardown);

  it('end after their time', async () => {
    const clock = fakeClock();
    const sleepers = new Sleepers();
    const woken: number[] = [];
    const waits = [20, 10].map((ms) => sleepers.sleep(ms).then(() => woken.push(ms)));
    clock.tick(20);
    await Promise.all(waits);
    assert.deepEqual([woken, clock.countTimers()], [[10, 20], 0]);
  });

  it('all end when they are stopped, and later ones at once, and leave no timer behind', async () => {
    const clock = fakeClock();
    const sleepers = new Sleepers();
    const waits = Array.from({ length: 1000 }, () => sleepers.sleep(60_000));
    assert.equal(clock.countTimers(), 1000);
    sleepers.stop();
    assert.equal(clock.countTimers(), 0);
    await within(Promise.all([...waits, sleepers.sleep(60_000)]), 'the end of the waits');
  });
});
