import assert from 'node:assert/strict';
import { deadline, untilAborted } from '../../../src/core/abort';
import { fakeClock } from '../../helpers/clock';
import { teardown } from '../../helpers/teardown';

describe('untilAborted', () => {
  it('settles like the promise', async () => {
    const { signal } = new AbortController();
    assert.equal(await untilAborted(Promise.resolve(1), signal), 1);
    await assert.rejects(untilAborted(Promise.reject(new Error('no')), signal), /no/);
    assert.equal(await untilAborted(Promise.resolve(2), undefined), 2);
  });

  it('rejects with the reason of a signal that is aborted first', async () => {
    const stop = new AbortController();
    const waiting = untilAborted(new Promise(() => {}), stop.signal);
    stop.abort('stopped');
    await assert.rejects(waiting, (reason) => reason === 'stopped');
    await assert.rejects(untilAborted(new Promise(() => {}), stop.signal), (reason) => reason === 'stopped');
  });
});

describe('deadline', () => {
  afterEach(teardown);

  it('aborts after its time', () => {
    const clock = fakeClock();
    const limit = deadline(1000);
    clock.tick(999);
    assert.deepEqual([limit.signal.aborted, limit.isOver], [false, false]);
    clock.tick(1);
    assert.deepEqual([limit.signal.aborted, limit.isOver], [true, true]);
  });

  it('aborts with another signal, and is then not over', () => {
    fakeClock();
    const stop = new AbortController();
    const limit = deadline(1000, stop.signal);
    stop.abort();
    assert.deepEqual([limit.signal.aborted, limit.isOver], [true, false]);
  });

  it('does not abort once it is cleared', () => {
    const clock = fakeClock();
    const limit = deadline(1000);
    limit.clear();
    clock.tick(2000);
    assert.equal(limit.signal.aborted, false);
  });
});
