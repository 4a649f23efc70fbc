import assert from 'node:assert/strict';
import { flat } from '../../../src/core/flat';

describe('flat', () => {
  for (const text of ['', 'tag', 'é😀', '\ud800', '"\\\n']) {
    it(`keeps ${JSON.stringify(text)}`, () => assert.equal(flat(text), text));
  }
});
