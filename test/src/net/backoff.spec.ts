import assert from 'node:assert/strict';
import { backoff } from '../../../src/net/backoff';

const series = (count: number, min: number, max: number) =>
  Array.from({ length: count }, (_, i) =>
    backoff(i + 1, { minWaitBetweenReconnectionRetries: min, maxWaitBetweenReconnectionRetries: max, jitter: false }),
  );

describe('backoff', () => {
  const rows: [number, number, number[]][] = [
    [100, 10000, [100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000]],
    [100, 500, [100, 200, 400, 500, 500]],
    [100, 100, [100, 100, 100]],
    [1000, 500, [500, 500]],
    [1, 10000, [1, 2, 4, 8]],
  ];
  for (const [min, max, waits] of rows) {
    it(`from ${min} to at most ${max} ms it waits ${waits.join(', ')}`, () => assert.deepEqual(series(waits.length, min, max), waits));
  }

  it('stays at the cap for ever', () => {
    assert.equal(backoff(1e6, { minWaitBetweenReconnectionRetries: 100, maxWaitBetweenReconnectionRetries: 10000, jitter: false }), 10000);
  });

  for (const [random, wait] of [
    [0, 0],
    [0.5, 200],
    [0.999, 400],
  ] as const) {
    it(`jitter takes the random part ${random} of the third wait: ${wait} ms`, () => {
      assert.equal(
        backoff(3, { minWaitBetweenReconnectionRetries: 100, maxWaitBetweenReconnectionRetries: 10000, jitter: true }, () => random),
        wait,
      );
    });
  }
});
