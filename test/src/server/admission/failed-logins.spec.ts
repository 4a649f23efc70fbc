import assert from 'node:assert/strict';
import { FailedLogins } from '../../../../src/server/admission/failed-logins';

describe('FailedLogins', () => {
  const failing = (logins: FailedLogins, address: string, times: number, now = 0) => {
    for (let i = 0; i < times; i++) logins.failed(address, now);
  };

  for (const [times, ms] of [
    [4, 0],
    [5, 1000],
    [6, 2000],
    [7, 4000],
    [10, 32_000],
    [11, 60_000],
    [100, 60_000],
    [5000, 60_000],
  ] as const) {
    it(`blocks for ${ms} ms after ${times} wrong logins, where 5 are allowed`, () => {
      const logins = new FailedLogins(5);
      failing(logins, '192.0.2.7', times);
      assert.equal(logins.blockedFor('192.0.2.7', 0), ms);
      assert.equal(logins.blockedFor('192.0.2.7', ms), 0);
      assert.equal(logins.blockedFor('192.0.2.8', 0), 0);
    });
  }

  it('blocks again after one more wrong login, and counts from 0 after 10 minutes without one', () => {
    const logins = new FailedLogins(5);
    failing(logins, '192.0.2.7', 5);
    logins.failed('192.0.2.7', 599_999);
    assert.equal(logins.blockedFor('192.0.2.7', 599_999), 2000);
    logins.failed('192.0.2.7', 1_199_999);
    assert.equal(logins.blockedFor('192.0.2.7', 1_199_999), 0);
  });

  it('counts from 0 after right credentials', () => {
    const logins = new FailedLogins(2);
    failing(logins, '192.0.2.7', 1);
    logins.succeeded('192.0.2.7');
    failing(logins, '192.0.2.7', 1);
    assert.equal(logins.blockedFor('192.0.2.7', 0), 0);
  });

  it('0 allows any number', () => {
    const logins = new FailedLogins(0);
    failing(logins, '192.0.2.7', 100);
    assert.equal(logins.blockedFor('192.0.2.7', 0), 0);
  });

  it('counts a whole /64 of IPv6 as one address', () => {
    const logins = new FailedLogins(2);
    logins.failed('2001:db8::1', 0);
    logins.failed('2001:db8::2', 0);
    assert.equal(logins.blockedFor('2001:db8::3', 0), 1000);
    assert.equal(logins.blockedFor('2001:db8:0:1::3', 0), 0);
  });

  it('remembers 10,000 addresses, and forgets the one whose last wrong login is the oldest', () => {
    const logins = new FailedLogins(1);
    const address = (i: number) => `10.0.${i >> 8}.${i & 255}`;
    for (let i = 0; i < 10_000; i++) logins.failed(address(i), 0);
    logins.failed(address(0), 0);
    logins.failed('192.0.2.7', 0);
    assert.deepEqual(
      [address(0), address(1), address(2), '192.0.2.7'].map((one) => logins.blockedFor(one, 0) > 0),
      [true, false, true, true],
    );
  });
});
