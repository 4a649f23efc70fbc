import assert from 'node:assert/strict';
import { maxCounted, RejectionSummary, windowMs } from '../../../../src/server/admission/rejection-summary';
import type { RejectedConnection } from '../../../../src/server/listener';
import { fakeClock } from '../../../helpers/clock';
import { TestLog } from '../../../helpers/sockets';
import { teardown } from '../../../helpers/teardown';

function summary() {
  const clock = fakeClock({ withPerformance: true });
  const reports: string[] = [];
  const log = new TestLog();
  const refusals = new RejectionSummary(({ reason }, count) => void reports.push(`${reason} ${count}`), log);
  const add = (reason: string, rest: Partial<RejectedConnection> = {}) =>
    refusals.add({ reason, http_status: 401, kind: 'loginWrong', remoteIp: '192.0.2.7', ...rest });
  return { clock, reports, refusals, add, log };
}

describe('RefusalSummary', () => {
  afterEach(teardown);

  it('reports the first at once, and those of the next second together at its end, as the latest of them', () => {
    const { clock, reports, add } = summary();
    for (const reason of ['a', 'b', 'c']) add(reason);
    clock.tick(windowMs - 1);
    assert.deepEqual(reports, ['a 1']);
    clock.tick(1);
    assert.deepEqual(reports, ['a 1', 'c 2']);
  });

  it('reports once a second while refusals continue, and at once after a second without one', () => {
    const { clock, reports, add } = summary();
    for (let i = 0; i < 30; i++) {
      add('a');
      clock.tick(100);
    }
    assert.deepEqual(reports, ['a 1', 'a 9', 'a 10', 'a 10']);
    clock.tick(windowMs);
    assert.equal(clock.countTimers(), 0);
    add('b');
    assert.equal(reports.at(-1), 'b 1');
  });

  const others: [string, Partial<RejectedConnection>][] = [
    ['status', { http_status: 429 }],
    ['kind', { kind: 'loginMissing' }],
    ['address', { remoteIp: '192.0.2.8' }],
    ['address that is not known', { remoteIp: undefined }],
  ];
  for (const [what, rest] of others) {
    it(`reports another ${what} apart`, () => {
      const { reports, add } = summary();
      add('a');
      add('b', rest);
      assert.deepEqual(reports, ['a 1', 'b 1']);
    });
  }

  it('gathers a whole /64 of IPv6', () => {
    const { reports, add } = summary();
    add('a', { remoteIp: '2001:db8::1' });
    add('b', { remoteIp: '2001:db8::2' });
    assert.deepEqual(reports, ['a 1']);
  });

  it('counts 1,000 addresses apart, and the others together', () => {
    const { clock, reports, add } = summary();
    for (let i = 0; i < maxCounted + 100; i++) add(`${i}`, { remoteIp: `10.0.${i >> 8}.${i & 255}` });
    assert.equal(reports.length, maxCounted + 1);
    clock.tick(windowMs);
    assert.deepEqual(reports.slice(maxCounted), ['1000 1', '1099 99']);
  });

  it('reports what is gathered when it is flushed, and nothing after that', () => {
    const { clock, reports, refusals, add } = summary();
    for (const reason of ['a', 'b', 'c']) add(reason);
    refusals.flush();
    assert.deepEqual(reports, ['a 1', 'c 2']);
    assert.equal(clock.countTimers(), 0);
    clock.tick(windowMs);
    assert.equal(reports.length, 2);
  });

  it('logs what a report throws, and continues', () => {
    const clock = fakeClock({ withPerformance: true });
    const log = new TestLog();
    let calls = 0;
    const refusals = new RejectionSummary(() => {
      if (++calls === 2) throw new Error('no');
    }, log);
    const add = () => refusals.add({ reason: 'a', http_status: 401, kind: 'loginWrong' });
    add();
    add();
    clock.tick(windowMs);
    assert.equal(log.errors.length, 1);
    add();
    clock.tick(windowMs);
    assert.equal(calls, 3);
  });
});
