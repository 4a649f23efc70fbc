import assert from 'node:assert/strict';
import { readSeconds, readSteps, type WaitStep } from '../../../../src/conversation/description/steps';
import { expressions } from '../../../helpers/expressions';

const one = (raw: unknown) => readSteps([raw], { expressions })[0];
const waiting = (raw: unknown) => one(raw) as WaitStep;

describe('readSteps', () => {
  it('reads what is sent', () => assert.deepEqual(one({ send: 'hello' }), { send: { literal: 'hello' } }));

  it('reads what is awaited, with 10 s by default', () => {
    const { wait, awaited, as, fail, timeout } = waiting({ wait: { t: 1 } });
    assert.equal(typeof wait === 'function' && wait({ t: 1 }), true);
    assert.deepEqual([awaited, as, fail, timeout], ['{"t":1}', undefined, undefined, 10]);
  });

  it('takes the empty fields of the editor as not given', () => {
    const { as, fail, timeout } = waiting({ wait: { t: 1 }, send: '', as: '', fail: '', timeout: '' });
    assert.deepEqual([as, fail, timeout], [undefined, undefined, 10]);
  });

  it('reads an expression, and the JSON of a field', async () => {
    const { wait } = waiting({ wait: { type: 'jsonata', value: 't = 1' } });
    assert.equal(typeof wait === 'object' && (await wait.evaluate({ t: 1 }, {})), true);
    const json = waiting({ wait: { type: 'json', value: '{"t":1}' } }).wait;
    assert.equal(typeof json === 'function' && json({ t: 1 }), true);
  });

  for (const [title, raw, message] of [
    ['a text', 'hello', /protocol\.onOpen\[0\] must be a step: an object with send or wait/],
    ['neither send nor wait', {}, /must be a step with either send or wait/],
    ['both send and wait', { send: 'a', wait: {} }, /must be a step with either send or wait/],
    ['an unknown property', { wait: {}, timout: 5 }, /onOpen\[0\]\.timout must be left out/],
    ['a time limit of what is sent', { send: 'a', timeout: 5 }, /onOpen\[0\]\.timeout must be left out/],
    ['a name with a hyphen', { wait: {}, as: 'a-b' }, /onOpen\[0\]\.as must be a name of letters, digits and _/],
    ['a time limit of 0', { wait: {}, timeout: 0 }, /onOpen\[0\]\.timeout must be a number of seconds above 0/],
  ] as const) {
    it(`rejects ${title}`, () => assert.throws(() => one(raw), { code: 'ERR_OPTION', message }));
  }
});

describe('readSeconds', () => {
  it('reads numbers and their texts', () => {
    assert.deepEqual(
      [2.5, '2.5', '', undefined].map((raw) => readSeconds(raw, 'x', 7)),
      [2.5, 2.5, 7, 7],
    );
  });

  for (const raw of [0, -1, 'x', ' ', Number.NaN, Infinity, 1e9, true, []]) {
    it(`rejects ${JSON.stringify(raw)}`, () => assert.throws(() => readSeconds(raw, 'x', 7), { code: 'ERR_OPTION' }));
  }
});
