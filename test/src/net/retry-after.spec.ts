import assert from 'node:assert/strict';
import { retryAfterMs } from '../../../src/net/retry-after';

const now = Date.UTC(2026, 0, 1, 12, 0, 0);

describe('retryAfterMs', () => {
  for (const [header, wait] of [
    ['30', 30_000],
    [' 1 ', 1000],
    ['0', 0],
    ['3601', 3_600_000],
    ['Thu, 01 Jan 2026 12:00:10 GMT', 10_000],
    ['Thursday, 01-Jan-26 12:00:10 GMT', 10_000],
    ['Thu Jan  1 12:00:10 2026 GMT', 10_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['Fri, 02 Jan 2026 12:00:00 GMT', 3_600_000],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ] as const) {
    it(`${JSON.stringify(header)} is ${wait} ms`, () => assert.equal(retryAfterMs(header, now), wait));
  }
});
