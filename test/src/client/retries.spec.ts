import assert from 'node:assert/strict';
import { Retries } from '../../../src/client/retries';

const options = { minWaitBetweenReconnectionRetries: 100, maxWaitBetweenReconnectionRetries: 10_000, jitter: false, stableAfterMs: 5000 };

describe('Retries', () => {
  it('a refused login is followed by the longest wait', () => {
    assert.deepEqual(new Retries().failed(options, { refused: true }), { retries: 1, wait: 10_000 });
  });

  it('the wait that a server asks for is the least', () => {
    const retries = new Retries();
    assert.equal(retries.failed(options, { retryAfterMs: 5000 }).wait, 5000);
    assert.equal(retries.failed(options, { retryAfterMs: 50 }).wait, 200);
  });

  it('the wait that a flow asks for replaces the own one, but is not below the first', () => {
    const retries = new Retries();
    for (const [waitMs, wait] of [
      [5000, 5000],
      [100, 100],
      [0, 100],
    ] as const)
      assert.equal(retries.failed(options, { waitMs }).wait, wait);
  });

  it('no wait follows the last failure, whatever a server asks for', () => {
    assert.deepEqual(new Retries().failed({ ...options, maxRetries: 1 }, { retryAfterMs: 5000 }), { retries: 1, wait: undefined });
  });

  it('with stableAfterMs 0 no connection ends early', () => {
    const retries = new Retries();
    retries.failed(options, {});
    retries.opened();
    assert.equal(retries.endedEarly({ ...options, stableAfterMs: 0 }), undefined);
    assert.equal(retries.failed(options, {}).retries, 1);
  });
});
