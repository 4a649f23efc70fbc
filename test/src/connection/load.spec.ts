import assert from 'node:assert/strict';
import { Load } from '../../../src/connection/load';

describe('Load', () => {
  it('counts its messages, and reports each with its own sizes, in order, once', () => {
    const load = new Load();
    const results: unknown[] = [];
    load.add((...result) => results.push(['first', ...result]), 10, 5);
    load.add((...result) => results.push(['second', ...result]), 20, 7);
    assert.deepEqual([load.messages, load.payload, load.bytes], [2, 30, 12]);
    load.settle(undefined);
    load.settle(undefined);
    assert.deepEqual(results, [
      ['first', undefined, 10, 5],
      ['second', undefined, 20, 7],
    ]);
  });

  it('reports a failure without sizes', () => {
    const load = new Load();
    const results: unknown[] = [];
    load.add((...result) => results.push(result), 10, 5);
    load.settle('no');
    assert.deepEqual(results, [['no', 0, 0]]);
  });

  it('reports the wire size that `ws` measured', () => {
    const measured = { size: 0 };
    const load = new Load(measured as never);
    const results: unknown[] = [];
    load.add((...result) => results.push(result), 10, 0);
    measured.size = 3;
    load.settle(undefined);
    assert.deepEqual(results, [[undefined, 10, 3]]);
  });
});
