import assert from 'node:assert/strict';
import { DiscardedIds, maxDiscarded } from '../../../src/conversation/discarded-ids';

describe('DiscardedIds', () => {
  it('remembers an id until its last answer', () => {
    const ids = new DiscardedIds();
    ids.add('a');
    assert.deepEqual([ids.has('a', false), ids.has('a', true), ids.has('a', true)], [true, true, false]);
  });

  it('does not know other ids', () => assert.equal(new DiscardedIds().has('a', false), false));

  it('forgets the oldest at its limit', () => {
    const ids = new DiscardedIds();
    for (let i = 0; i <= maxDiscarded; i++) ids.add(`${i}`);
    assert.deepEqual([ids.size, ids.has('0', false), ids.has('1', false)], [maxDiscarded, false, true]);
  });

  it('forgets all', () => {
    const ids = new DiscardedIds();
    ids.add('a');
    ids.clear();
    assert.deepEqual([ids.size, ids.has('a', false)], [0, false]);
  });
});
