import assert from 'node:assert/strict';
import { pollCount, unwatch, watch } from '../../../src/connection/send-deadline';
import { fakeClock } from '../../helpers/clock';
import { TestLog } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

/** Polled as long as it returns true. */
class Polled {
  readonly log = new TestLog();
  polls = 0;

  constructor(private readonly work: () => boolean) {}

  poll(): boolean {
    this.polls++;
    return this.work();
  }
}

describe('the poll for late writes', () => {
  afterEach(teardown);

  it('has one timer for all, and none when nobody is left', () => {
    const clock = fakeClock();
    const both = [new Polled(() => true), new Polled(() => true)];
    for (const one of both) watch(one);
    assert.equal(clock.countTimers(), 1);
    clock.tick(3000);
    assert.deepEqual(
      both.map(({ polls }) => polls),
      [3, 3],
    );
    for (const one of both) unwatch(one);
    assert.equal(clock.countTimers(), 0);
  });

  it('ends for who needs no more of them', () => {
    const clock = fakeClock();
    const once = new Polled(() => false);
    watch(once);
    clock.tick(5000);
    assert.deepEqual([once.polls, clock.countTimers()], [1, 0]);
  });

  it('continues after an exception of one, which is logged', () => {
    const clock = fakeClock();
    const broken = new Polled(() => {
      throw new Error('broken');
    });
    const other = new Polled(() => true);
    watch(broken);
    watch(other);
    clock.tick(2000);
    assert.deepEqual([broken.polls, broken.log.errors.length, other.polls], [1, 1, 2]);
    unwatch(other);
  });

  it('counts', () => {
    const clock = fakeClock();
    const one = new Polled(() => true);
    const before = pollCount();
    watch(one);
    clock.tick(2000);
    assert.equal(pollCount(), before + 2);
    unwatch(one);
  });
});
