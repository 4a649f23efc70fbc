import assert from 'node:assert/strict';
import { TurnoverMap } from '../../../src/core/turnover-map';

describe('TurnoverMap', () => {
  it('finds a value by its key until it is deleted', () => {
    const map = new TurnoverMap<string, object>();
    const value = {};
    map.add('a', value);
    assert.equal(map.get('a'), value);
    assert.equal(map.size, 1);
    assert.equal(map.delete('a'), value);
    assert.equal(map.delete('a'), undefined);
    assert.equal(map.get('a'), undefined);
    assert.equal(map.size, 0);
  });

  it('returns its values in the order of their addition', () => {
    const map = new TurnoverMap<number, { n: number }>();
    for (const n of [3, 1, 2]) map.add(n, { n });
    map.delete(1);
    map.add(1, { n: 1 });
    assert.deepEqual(
      map.values().map(({ n }) => n),
      [3, 2, 1],
    );
  });
});
