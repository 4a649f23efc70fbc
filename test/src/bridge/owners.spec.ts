import assert from 'node:assert/strict';
import type { Polled } from '../../../src/bridge/event-queue';
import { Owner } from '../../../src/bridge/owners';
import { fakeClock } from '../../helpers/clock';
import { onTeardown, teardown } from '../../helpers/teardown';

function owned() {
  const clock = fakeClock({ withPerformance: true });
  const owner = new Owner('shop', { warn() {}, error: (error) => assert.fail(String(error)) });
  onTeardown(() => owner.endPoll());
  const answers: number[][] = [];
  const answer = ({ events }: Polled) => void answers.push(events.map((json) => JSON.parse(json).seq));
  return { clock, owner, answers, answer };
}

describe('Owner', () => {
  afterEach(teardown);

  it('answers a poll at once if an event waits', () => {
    const { owner, answers, answer } = owned();
    owner.push({});
    owner.read(30, 10, answer);
    assert.deepEqual([answers, owner.isPolling], [[[1]], false]);
  });

  it('answers a poll with the next event', () => {
    const { owner, answers, answer } = owned();
    owner.read(30, 10, answer);
    assert.deepEqual([answers, owner.isPolling], [[], true]);
    owner.push({});
    assert.deepEqual([answers, owner.isPolling], [[[1]], false]);
  });

  it('answers a poll without events after its time', () => {
    const { clock, owner, answers, answer } = owned();
    owner.read(30, 10, answer);
    clock.tick(29_999);
    assert.deepEqual(answers, []);
    clock.tick(1);
    assert.deepEqual(answers, [[]]);
  });

  it('answers a poll that does not wait at once', () => {
    const { owner, answers, answer } = owned();
    owner.read(0, 10, answer);
    assert.deepEqual(answers, [[]]);
  });

  it('a second poll ends the first one', () => {
    const { owner, answers, answer } = owned();
    owner.read(30, 10, answer);
    owner.read(30, 10, answer);
    assert.deepEqual(answers, [[]]);
    owner.push({});
    assert.deepEqual(answers, [[], [1]]);
  });

  it('a poll that was given up gets no answer, and loses no event', () => {
    const { owner, answers, answer } = owned();
    owner.read(30, 10, answer)();
    owner.push({});
    assert.deepEqual([answers, owner.queue.hasEvents], [[], true]);
  });

  it('giving up an earlier poll does not end a later one', () => {
    const { owner, answer } = owned();
    const giveUp = owner.read(30, 10, answer);
    owner.read(30, 10, answer);
    giveUp();
    assert.equal(owner.isPolling, true);
  });

  it('a poll extends the lease when it ends', () => {
    const { clock, owner, answer } = owned();
    const before = owner.latest;
    owner.read(30, 10, answer);
    clock.tick(30_000);
    assert.equal(owner.latest - before, 30_000);
  });
});
