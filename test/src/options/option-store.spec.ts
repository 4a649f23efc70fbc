import assert from 'node:assert/strict';
import { fields } from '../../../src/options/field';
import { OptionStore } from '../../../src/options/option-store';

const some = fields({
  a: { kind: 'number', label: '', help: '', default: 1 },
  b: { kind: 'text', label: '', help: '' },
});

describe('OptionStore', () => {
  it('has what was given above the base, and the base above the default', () => {
    assert.deepEqual(new OptionStore(some, () => ({ a: 2, b: 'base' }), { b: 'given' }).values, { a: 2, b: 'given' });
  });

  it('reads the base again each time', () => {
    let base: Record<string, unknown> = {};
    const store = new OptionStore(some, () => base, {});
    assert.equal(store.values.a, 1);
    base = { a: '5' };
    assert.equal(store.values.a, 5);
    base = { a: 'x' };
    assert.throws(() => store.values, { code: 'ERR_OPTION' });
  });

  it('with changes is another one; what is not given keeps its value', () => {
    const store = new OptionStore(some, () => ({}), { a: 2, b: 'x' });
    const changed = store.with({ a: 3, b: undefined, other: 1 });
    assert.deepEqual(
      [store.values, changed.values],
      [
        { a: 2, b: 'x' },
        { a: 3, b: 'x' },
      ],
    );
  });

  it('does not follow the object that was handed in', () => {
    const given = { a: 2 };
    const store = new OptionStore(some, () => ({}), given);
    given.a = 3;
    assert.equal(store.values.a, 2);
  });
});
