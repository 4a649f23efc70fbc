import assert from 'node:assert/strict';
import { Batch } from '../../nodes/runtime/batch';
import { fakeClock } from '../helpers/clock';
import { TestLog } from '../helpers/sockets';
import { teardown } from '../helpers/teardown';

function batching(size = 10) {
  const clock = fakeClock();
  const batches: string[][] = [];
  const batch = new Batch<string>(size, 100, (items) => batches.push(items), new TestLog());
  return { clock, batches, batch };
}

describe('a batch', () => {
  afterEach(teardown);

  it('is delivered when its first item has waited for the time, not its last', () => {
    const { clock, batches, batch } = batching();
    batch.add('a', 1);
    clock.tick(99);
    batch.add('b', 1);
    assert.deepEqual(batches, []);
    clock.tick(1);
    assert.deepEqual(batches, [['a', 'b']]);
  });

  it('that was delivered leaves no timer to the next one', () => {
    const { clock, batches, batch } = batching(2);
    batch.add('a', 1);
    clock.tick(60);
    batch.add('b', 1);
    batch.add('c', 1);
    clock.tick(99);
    assert.deepEqual(batches, [['a', 'b']]);
    clock.tick(1);
    assert.deepEqual(batches, [['a', 'b'], ['c']]);
  });

  it('has no timer while it is empty', () => {
    const { clock, batch } = batching();
    batch.add('a', 1);
    batch.add('b', 1);
    batch.flush();
    assert.equal(clock.countTimers(), 0);
  });
});
