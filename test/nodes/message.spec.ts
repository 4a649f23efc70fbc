import assert from 'node:assert/strict';
import { messageId } from '../../nodes/runtime/message';

describe('messageId', () => {
  it('repeats no id, beyond the table of its last digits', () => {
    const count = 36 * 36 * 3;
    assert.equal(new Set(Array.from({ length: count }, messageId)).size, count);
  });
});
