import assert from 'node:assert/strict';
import { type Ranked, SizeRanking } from '../../../src/core/size-ranking';
import { Random } from '../../faults/random';

class Item implements Ranked<Item> {
  rank: Ranked<Item>['rank'];

  constructor(readonly name: string) {}
}

describe('SizeRanking', () => {
  it('has no largest item at first, nor when all have shrunk to 0', () => {
    const ranking = new SizeRanking<Item>();
    const a = new Item('a');
    assert.equal(ranking.largest, undefined);
    ranking.resize(a, 0, 1);
    ranking.resize(a, 1, 0);
    assert.equal(ranking.largest, undefined);
  });

  it('finds the largest, and of several the one that has been so for longest', () => {
    const ranking = new SizeRanking<Item>();
    const [a, b] = [new Item('a'), new Item('b')];
    ranking.resize(a, 0, 1);
    ranking.resize(b, 0, 1);
    assert.equal(ranking.largest, a);
    ranking.resize(b, 1, 2);
    assert.equal(ranking.largest, b);
    ranking.resize(b, 2, 1);
    assert.equal(ranking.largest, a);
  });

  it('finds the largest whatever grew and shrank before', () => {
    const ranking = new SizeRanking<Item>();
    const items = Array.from({ length: 5 }, (_, i) => new Item(String(i)));
    const sizes = new Map(items.map((item) => [item, 0]));
    const random = new Random(7);
    for (let i = 0; i < 2000; i++) {
      const item = items[Math.floor(random.next() * items.length)] as Item;
      const before = sizes.get(item) ?? 0;
      const size = before > 0 && random.next() < 0.5 ? before - 1 : before + 1;
      sizes.set(item, size);
      ranking.resize(item, before, size);
      const { largest } = ranking;
      assert.equal(largest ? sizes.get(largest) : 0, Math.max(...sizes.values()));
    }
  });
});
