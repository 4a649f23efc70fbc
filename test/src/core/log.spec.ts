import assert from 'node:assert/strict';
import { guarded, guardFor, guardWith } from '../../../src/core/log';

const fail = (): void => {
  throw new Error('no');
};

describe('guards', () => {
  it('pass the arguments on', () => {
    const given: unknown[] = [];
    guarded({ warn() {}, error: assert.fail }, (...args: unknown[]) => void given.push(...args))(1, 'a');
    assert.deepEqual(given, [1, 'a']);
  });

  for (const [name, guard] of [
    ['guarded', (failed: (cause: unknown) => void) => guarded({ warn() {}, error: failed }, fail)],
    ['guardFor', (failed: (cause: unknown) => void) => guardFor({ warn() {}, error: failed })(fail)],
    ['guardWith', (failed: (cause: unknown) => void) => guardWith(failed)(fail)],
  ] as const) {
    it(`${name} reports an exception, and does not throw it`, () => {
      const errors: string[] = [];
      guard((cause) => errors.push(String(cause)))();
      assert.deepEqual(errors, ['Error: no']);
    });
  }
});
