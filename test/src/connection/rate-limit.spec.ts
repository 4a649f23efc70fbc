import assert from 'node:assert/strict';
import { type Excess, type RateLimits, rateLimit } from '../../../src/connection/rate-limit';

/** A limit with a clock that the test advances. */
function limited(limits: RateLimits) {
  let time = 5000;
  const excesses: Excess[] = [];
  const allows = rateLimit(limits, { exceeded: (excess) => excesses.push(excess) }, () => time);
  assert.ok(allows, 'there is a limit');
  return {
    excesses,
    /** Returns the number of accepted messages of this size. */
    heard: (count: number, bytes = 0) => Array.from({ length: count }, () => allows(bytes)).filter(Boolean).length,
    wait: (ms: number) => {
      time += ms;
    },
  };
}

const nothing = { exceeded() {} };

describe('rateLimit', () => {
  for (const limits of [{}, { maxMessagesPerSecond: 0 }, { maxMessagesPerSecond: 0, maxBytesPerSecond: 0 }]) {
    it(`is nothing at all with ${JSON.stringify(limits)}`, () => assert.equal(rateLimit(limits, nothing), undefined));
  }

  it('receives as many messages at once as a second allows, and none after one too many', () => {
    const { heard, wait, excesses } = limited({ maxMessagesPerSecond: 8 });
    assert.equal(heard(8), 8);
    assert.equal(excesses.length, 0);
    assert.equal(heard(5), 0);
    wait(60_000);
    assert.equal(heard(1), 0);
    assert.equal(excesses.length, 1, 'told once');
  });

  it('names the limit, and what it is', () => {
    const messages = limited({ maxMessagesPerSecond: 8 });
    messages.heard(9);
    assert.deepEqual(messages.excesses, [
      {
        reason: 'Too many messages per second',
        sentence:
          'The connection was closed with 1008: more than 8 messages were received within a second. Raise maxMessagesPerSecond if this is intended.',
      },
    ]);
    const bytes = limited({ maxBytesPerSecond: 1000 });
    bytes.heard(1, 1001);
    assert.deepEqual(bytes.excesses, [
      {
        reason: 'Too many bytes per second',
        sentence:
          'The connection was closed with 1008: more than 1000 bytes were received within a second. Raise maxBytesPerSecond if this is intended.',
      },
    ]);
  });

  it('receives every message of a peer that keeps to the rate', () => {
    const { heard, wait } = limited({ maxMessagesPerSecond: 8 });
    assert.equal(heard(8), 8);
    for (let i = 0; i < 1000; i++) {
      wait(125);
      assert.equal(heard(1), 1, `message ${i}`);
    }
  });

  it('ends a peer that sends only a little faster', () => {
    const { heard, wait } = limited({ maxMessagesPerSecond: 8 });
    let count = 0;
    while (count < 1000 && heard(1) === 1) {
      wait(115);
      count++;
    }
    assert.equal(count > 80 && count < 110, true, String(count));
  });

  it('saves up nothing beyond one second', () => {
    const { heard, wait } = limited({ maxMessagesPerSecond: 8 });
    wait(3_600_000);
    assert.equal(heard(9), 8);
  });

  it('counts bytes as it counts messages', () => {
    const { heard, wait } = limited({ maxBytesPerSecond: 1000 });
    assert.equal(heard(10, 100), 10);
    wait(500);
    assert.equal(heard(6, 100), 5);
  });

  it('receives no message that is larger than a second allows', () => {
    assert.equal(limited({ maxBytesPerSecond: 1000 }).heard(1, 1000), 1);
    assert.equal(limited({ maxBytesPerSecond: 1000 }).heard(1, 1001), 0);
  });

  it('holds both limits at once', () => {
    const limits = { maxMessagesPerSecond: 8, maxBytesPerSecond: 1000 };
    assert.equal(limited(limits).heard(100, 10), 8);
    assert.equal(limited(limits).heard(100, 400), 2);
  });
});
