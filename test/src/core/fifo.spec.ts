import assert from 'node:assert/strict';
import { Fifo } from '../../../src/core/fifo';

const filled = (count: number) => {
  const fifo = new Fifo<number>();
  for (let i = 0; i < count; i++) fifo.push(i);
  return fifo;
};

describe('a queue', () => {
  it('gives what came first', () => {
    const fifo = filled(3);
    assert.deepEqual([fifo.first, fifo.shift(), fifo.shift(), fifo.length, fifo.shift(), fifo.shift()], [0, 0, 1, 1, 2, undefined]);
  });

  it('gives its last one too, and no other than its own', () => {
    const fifo = filled(3);
    fifo.shift();
    assert.deepEqual([fifo.pop(), fifo.pop(), fifo.pop(), fifo.length, fifo.first], [2, 1, undefined, 0, undefined]);
    fifo.push(7);
    assert.equal(fifo.shift(), 7);
  });

  it('goes through 100,000 items in order while others come', () => {
    const fifo = filled(0);
    const taken: (number | undefined)[] = [];
    for (let i = 0; i < 100_000; i++) {
      fifo.push(i);
      if (i % 3 > 0) taken.push(fifo.shift());
    }
    while (fifo.length > 0) taken.push(fifo.shift());
    assert.deepEqual([taken.length, taken.every((item, i) => item === i)], [100_000, true]);
  });

  it('moves no more items than there were', () => {
    const { slice } = Array.prototype;
    let moved = 0;
    Array.prototype.slice = function (this: unknown[], ...range) {
      const part = slice.apply(this, range);
      moved += part.length;
      return part;
    };
    try {
      const fifo = filled(50_000);
      for (let i = 0; i < 50_000; i++) fifo.shift();
    } finally {
      Array.prototype.slice = slice;
    }
    assert.equal(moved <= 50_000, true, `${moved} moved`);
  });
});
