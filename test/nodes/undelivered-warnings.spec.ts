import assert from 'node:assert/strict';
import { UndeliveredWarnings } from '../../nodes/runtime/hook/undelivered-warnings';
import { fakeClock } from '../helpers/clock';
import { teardown } from '../helpers/teardown';

describe('the warnings of undelivered events', () => {
  afterEach(teardown);

  const warned = () => {
    const clock = fakeClock();
    const lines: string[] = [];
    const warnings = new UndeliveredWarnings({ warn: (line) => lines.push(line), error: assert.fail });
    return { clock, warnings, lines };
  };
  const first = (why: string) => `${why} The second output is not wired, so the event is lost.`;

  it('are the first event at once, then at most one line per minute with the number', () => {
    const { clock, warnings, lines } = warned();
    for (const why of ['A.', 'B.', 'C.']) warnings.add(why);
    assert.deepEqual(lines, [first('A.')]);
    clock.tick(59_999);
    assert.equal(lines.length, 1);
    clock.tick(1);
    assert.deepEqual(lines.slice(1), ['2 more events are lost, since the second output is not wired. The last: C.']);
    warnings.add('D.');
    clock.tick(60_000);
    assert.deepEqual(lines.slice(2), ['One more event is lost, since the second output is not wired. D.']);
  });

  it('are at once again after a minute without any, and need no timer then', () => {
    const { clock, warnings, lines } = warned();
    warnings.add('A.');
    clock.tick(60_000);
    assert.equal(clock.countTimers(), 0);
    warnings.add('B.');
    assert.deepEqual(lines, [first('A.'), first('B.')]);
  });

  it('end with the rest when the node closes', () => {
    const { clock, warnings, lines } = warned();
    for (const why of ['A.', 'B.']) warnings.add(why);
    warnings.close();
    assert.deepEqual([lines.length, clock.countTimers()], [2, 0]);
    clock.tick(100_000);
    assert.equal(lines.length, 2);
  });
});
