import assert from 'node:assert/strict';
import { guarded, guardedMethod, guardFor, guardWith } from '../../../src/core/log';

const fail = (): void => {
  throw new Error('no');
};

describe('guards', () => {
  it('pass the arguments on', () => {
    const given: unknown[] = [];
    guarded({ warn() {}, error: assert.fail }, (...args: unknown[]) => void given.push(...args))(1, 'a');
    assert.deepEqual(given, [1, 'a']);
  });

  it('guardedMethod calls the method on its owner, with both arguments', () => {
    const owner = {
      given: [] as unknown[],
      take(a: number, b: string) {
        this.given.push(a, b);
      },
    };
    guardedMethod({ warn() {}, error: assert.fail }, owner, owner.take)(1, 'a');
    assert.deepEqual(owner.given, [1, 'a']);
  });

  for (const [name, guard] of [
    ['guarded', (failed: (cause: unknown) => void) => guarded({ warn() {}, error: failed }, fail)],
    ['guardedMethod', (failed: (cause: unknown) => void) => guardedMethod({ warn() {}, error: failed }, undefined, fail)],
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
