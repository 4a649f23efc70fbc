import assert from 'node:assert/strict';
import { SizeRanking } from '../../../src/core/size-ranking';
import { Random } from '../../faults/random';

describe('SizeRanking', () => {
  it('has no largest item at first, nor when all have shrunk to 0', () => {
    const ranking = new SizeRanking<string>();
    assert.equal(ranking.largest, undefined);
    ranking.resize('a', 0, 1);
    ranking.resize('a', 1, 0);
    assert.equal(ranking.largest, undefined);
  });

  it('finds the largest, and of several the one that has been so for longest', () => {
    const ranking = new SizeRanking<string>();
    ranking.resize('a', 0, 1);
    ranking.resize('b', 0, 1);
    assert.equal(ranking.largest, 'a');
    ranking.resize('b', 1, 2);
    assert.equal(ranking.largest, 'b');
    ranking.resize('b', 2, 1);
    assert.equal(ranking.largest, 'a');
  });

  it('finds the largest whatever grew and shrank before', () => {
    const ranking = new SizeRanking<number>();
    const sizes = Array<number>(5).fill(0);
    const random = new Random(7);
    for (let i = 0; i < 2000; i++) {
      const item = Math.floor(random.next() * sizes.length);
      const before = sizes[item] ?? 0;
      const size = before > 0 && random.next() < 0.5 ? before - 1 : before + 1;
      sizes[item] = size;
      ranking.resize(item, before, size);
      const { largest } = ranking;
      assert.equal(largest === undefined ? 0 : sizes[largest], Math.max(...sizes));
    }
  });
});
