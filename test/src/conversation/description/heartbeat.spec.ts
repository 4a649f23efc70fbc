import assert from 'node:assert/strict';
import { readHeartbeat } from '../../../../src/conversation/description/heartbeat';
import { expressions } from '../../../helpers/expressions';

const read = (given: object) => readHeartbeat({ send: 'beat', every: 30, ...given }, { expressions });

describe('readHeartbeat', () => {
  it('has defaults', () => {
    assert.deepEqual(read({ idle: undefined, within: '', expect: '' }), {
      send: { literal: 'beat' },
      every: 30,
      idle: false,
      expect: undefined,
      within: undefined,
    });
  });

  it('the interval may be an expression', () => {
    const { every } = read({ every: { type: 'jsonata', value: '$opening.hello.interval / 1000' } });
    assert.equal(typeof every === 'object' && 'evaluate' in every, true);
  });

  for (const [title, given, message] of [
    ['no value', { send: '' }, /protocol\.heartbeat\.send must be a value/],
    ['no interval', { every: '' }, /heartbeat\.every must be a number of seconds above 0/],
    ['an interval of 0', { every: 0 }, /heartbeat\.every must be a number of seconds above 0/],
    ['a limit of 0', { within: 0 }, /heartbeat\.within must be a number of seconds above 0/],
    ['a text for idle', { idle: 'true' }, /heartbeat\.idle must be true or false/],
    ['an unknown property', { timeout: 5 }, /heartbeat\.timeout must be left out/],
  ] as const) {
    it(`rejects ${title}`, () => assert.throws(() => read(given), { code: 'ERR_OPTION', message }));
  }
});
