import assert from 'node:assert/strict';
import { callerErrors, optionError, SocketError } from '../../../src/core/errors';
import { failureOf, reasonOf } from '../../../src/core/failure';

describe('failureOf', () => {
  it('puts a sentence on one line', () => {
    const { errorStr, brief, option } = failureOf('a\r\nb', { brief: 'refused', option: 'URL' });
    assert.equal(/[\r\n]/.test(errorStr), false);
    assert.deepEqual([brief, option], ['refused', 'URL']);
  });
});

describe('reasonOf', () => {
  for (const [title, error, reason] of [
    ['an error of an option names it', optionError('x', undefined, 'port'), { brief: 'option', option: 'port' }],
    ['an error of options without a name', optionError('x'), { brief: 'options' }],
    ['a missing socket', callerErrors.noneNamed('client'), { brief: 'noSocket' }],
    ['a wrong state', new SocketError('ERR_STATE', 'x'), { brief: 'state' }],
    ['any other error', new Error('x'), { brief: 'failed' }],
    ['what is not an error', undefined, { brief: 'failed' }],
  ] as const) {
    it(title, () => assert.deepEqual(reasonOf(error), reason));
  }
});
