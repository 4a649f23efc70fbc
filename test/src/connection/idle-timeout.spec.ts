import assert from 'node:assert/strict';
import { idleWatch } from '../../../src/connection/idle-timeout';
import { fakeClock } from '../../helpers/clock';
import { onTeardown, teardown } from '../../helpers/teardown';

describe('idleWatch', () => {
  afterEach(teardown);

  function watching(seconds: number) {
    const clock = fakeClock();
    let bytes = 1;
    let expired = 0;
    const end = idleWatch(
      seconds,
      () => bytes,
      () => expired++,
      (callback) => callback,
    );
    onTeardown(end);
    return { clock, end, hear: () => bytes++, expirations: () => expired };
  }

  it('expires once, and holds no timer then', () => {
    const { clock, expirations } = watching(30);
    clock.tick(29_999);
    assert.equal(expirations(), 0);
    clock.tick(1);
    assert.deepEqual([expirations(), clock.countTimers()], [1, 0]);
    clock.tick(300_000);
    assert.equal(expirations(), 1);
  });

  it('expires after 30 s of silence, and at most one more', () => {
    for (const heardAt of [1, 500, 999, 12_345]) {
      const { clock, hear, expirations } = watching(30);
      clock.tick(heardAt);
      hear();
      clock.tick(29_999);
      assert.equal(expirations(), 0, `heard at ${heardAt}`);
      clock.tick(1001);
      assert.equal(expirations(), 1, `heard at ${heardAt}`);
      clock.uninstall();
    }
  });

  it('does not expire while something comes', () => {
    const { clock, hear, expirations } = watching(30);
    for (let i = 0; i < 100; i++) {
      clock.tick(29_000);
      hear();
    }
    assert.equal(expirations(), 0);
  });

  it('a long time is kept to less than a hundredth', () => {
    for (const seconds of [600, 601, 3600]) {
      const { clock, hear, expirations } = watching(seconds);
      clock.tick(1234);
      hear();
      clock.tick(seconds * 1000 - 1);
      assert.equal(expirations(), 0, `${seconds} s`);
      clock.tick(seconds * 20 + 1);
      assert.equal(expirations(), 1, `${seconds} s`);
      clock.uninstall();
    }
  });

  it('times shorter than a second are kept too', () => {
    const { clock, expirations } = watching(0.2);
    clock.tick(199);
    assert.equal(expirations(), 0);
    clock.tick(1);
    assert.equal(expirations(), 1);
  });

  it('is not mistaken when the process was busy for long', () => {
    const { clock, hear, expirations } = watching(30);
    // The event loop was blocked for a minute: one timer runs, and then the sockets are read.
    clock.jump(60_000);
    assert.equal(expirations(), 0);
    hear();
    clock.tick(29_000);
    assert.equal(expirations(), 0);
  });

  it('is silent, and holds no timer, once it has been ended', () => {
    const { clock, end, expirations } = watching(30);
    end();
    clock.tick(300_000);
    assert.deepEqual([expirations(), clock.countTimers()], [0, 0]);
  });
});
