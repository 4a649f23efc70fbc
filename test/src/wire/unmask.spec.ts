import assert from 'node:assert/strict';
import { unmask } from '../../../src/wire/unmask';

const key = Buffer.from([0, 0x12, 0x34, 0x56, 0x78, 0]);

describe('unmask', () => {
  for (const size of [0, 1, 3, 23, 24, 25, 100, 255, 256, 257, 511, 512, 513, 1000]) {
    it(`restores ${size} bytes at any position in memory`, () => {
      for (let start = 0; start < 5; start++) {
        const plain = Buffer.alloc(size + 8, 'abcdefg');
        const bytes = Buffer.from(plain);
        for (let i = 0; i < size; i++) bytes[start + i] = (bytes[start + i] as number) ^ (key[1 + (i & 3)] as number);
        assert.equal(unmask(bytes, start, size, key, 1), true);
        assert.deepEqual(bytes, plain);
      }
    });

    if (size === 0) continue;
    it(`finds a byte of ${size} that is not ASCII, wherever it is`, () => {
      for (const at of new Set([0, size >> 1, size - 1])) {
        const bytes = Buffer.alloc(size, 'a');
        bytes[at] = 0xe9;
        for (let i = 0; i < size; i++) bytes[i] = (bytes[i] as number) ^ (key[1 + (i & 3)] as number);
        assert.equal(unmask(bytes, 0, size, key, 1), false);
      }
    });
  }
});
