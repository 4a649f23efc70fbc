import assert from 'node:assert/strict';
import { Beats } from '../../../src/conversation/beats';
import type { Heartbeat } from '../../../src/conversation/description/heartbeat';
import { fakeClock } from '../../helpers/clock';
import { onTeardown, teardown } from '../../helpers/teardown';

const heartbeat: Heartbeat = { send: { literal: 'beat' }, every: 10, idle: false, expect: undefined, within: undefined };

function beating(given: Partial<Heartbeat> = {}) {
  const clock = fakeClock({ withPerformance: true });
  const counts = { beats: 0, expired: 0 };
  let latest = performance.now();
  const beats = new Beats({
    heartbeat: { ...heartbeat, ...given },
    beat: () => void counts.beats++,
    lastSent: () => latest,
    expired: () => void counts.expired++,
    log: { warn() {}, error: (error) => assert.fail(String(error)) },
  });
  beats.start(10);
  onTeardown(() => beats.stop());
  const sends = () => {
    latest = performance.now();
  };
  return { clock, counts, beats, sends };
}

describe('Beats', () => {
  afterEach(teardown);

  it('come at the interval, the first one after it', () => {
    const { clock, counts } = beating();
    clock.tick(9_999);
    assert.equal(counts.beats, 0);
    clock.tick(20_001);
    assert.equal(counts.beats, 3);
  });

  it('come whatever else is sent, unless `idle` is set', () => {
    const { clock, counts, sends } = beating();
    clock.tick(9_000);
    sends();
    clock.tick(1_000);
    assert.equal(counts.beats, 1);
  });

  it('with `idle`, come one interval after the latest message', () => {
    const { clock, counts, sends } = beating({ idle: true });
    clock.tick(9_000);
    sends();
    clock.tick(9_998);
    assert.equal(counts.beats, 0);
    clock.tick(2);
    assert.equal(counts.beats, 1);
  });

  it('expire if no answer comes within the limit', () => {
    const { clock, counts } = beating({ expect: () => true, within: 3 });
    clock.tick(12_999);
    assert.equal(counts.expired, 0);
    clock.tick(1);
    assert.equal(counts.expired, 1);
  });

  it('expire after one interval by default', () => {
    const { clock, counts } = beating({ expect: () => true });
    clock.tick(20_000);
    assert.deepEqual(counts, { beats: 2, expired: 1 });
  });

  it('do not expire if an answer comes', () => {
    const { clock, counts, beats } = beating({ expect: () => true, within: 3 });
    clock.tick(10_000);
    beats.answered();
    clock.tick(9_999);
    assert.equal(counts.expired, 0);
  });

  it('do not expire if no answer is expected', () => {
    const { clock, counts } = beating({ within: 3 });
    clock.tick(60_000);
    assert.equal(counts.expired, 0);
  });

  it('stop with their limit', () => {
    const { clock, counts, beats } = beating({ expect: () => true, within: 3 });
    clock.tick(10_000);
    beats.stop();
    clock.tick(60_000);
    assert.deepEqual(counts, { beats: 1, expired: 0 });
  });
});
