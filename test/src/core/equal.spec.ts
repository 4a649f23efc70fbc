import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { isEqual } from '../../../src/core/equal';

const samples: readonly unknown[] = [
  ...[0, 1, '1', '', true, false, null, undefined, Number.NaN],
  ...[[], [1], [1, 2], ['1'], [[1]], {}, { a: 1 }, { a: 1, b: 2 }, { b: 2, a: 1 }, { a: { b: [1] } }, { a: undefined }, { 0: 1 }],
  ...[Buffer.from('a'), Buffer.from('b'), Buffer.from('ab')],
];

describe('isEqual', () => {
  it('compares JSON and bytes as Node.js does', () => {
    for (const one of samples) {
      for (const other of samples.map((sample) => (sample === undefined || Buffer.isBuffer(sample) ? sample : structuredClone(sample)))) {
        assert.equal(isEqual(one, other), isDeepStrictEqual(one, other), `${JSON.stringify(one)} ${JSON.stringify(other)}`);
      }
    }
  });
});
