import assert from 'node:assert/strict';
import { sendLimits } from '../../../src/connection/send-limits';

describe('sendLimits', () => {
  it('0 means no limit', () => {
    const { messages, bytes, polls } = sendLimits({ maxBufferedAmount: 0, maxBufferedMessages: 0, sendTimeoutSecs: 0 });
    assert.deepEqual([messages, bytes, polls], [Infinity, Infinity, 0]);
  });

  it('counts the age in whole polls of a second, rounded up', () => {
    assert.equal(sendLimits({ maxBufferedAmount: 1, maxBufferedMessages: 1, sendTimeoutSecs: 0.2 }).polls, 1);
    assert.equal(sendLimits({ maxBufferedAmount: 1, maxBufferedMessages: 1, sendTimeoutSecs: 30 }).polls, 30);
  });

  it('each clause names the option and its value', () => {
    const { tooMany, tooMuch, lateness } = sendLimits({ maxBufferedAmount: 7, maxBufferedMessages: 8, sendTimeoutSecs: 9 });
    assert.match(tooMany, /8 messages \(maxBufferedMessages\)/);
    assert.match(tooMuch, /7 bytes \(maxBufferedAmount\)/);
    assert.match(lateness, /9 s \(sendTimeoutSecs\)/);
  });
});
