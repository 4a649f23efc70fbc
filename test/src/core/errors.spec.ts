import assert from 'node:assert/strict';
import { callerErrors, codeOf, messageOf, optionError, SocketError, show } from '../../../src/core/errors';

describe('errors', () => {
  describe('show text and type, shortened', () => {
    const rows: [unknown, string][] = [
      ['abc', 'the string "abc"'],
      ['', 'the string ""'],
      ['x'.repeat(80), `the string "${'x'.repeat(80)}"`],
      ['x'.repeat(81), `the string "${'x'.repeat(77)}..."`],
      ['say "no"', 'the string "say \\"no\\""'],
      [1.5, 'the number 1.5'],
      [Number.NaN, 'the number NaN'],
      [true, 'true'],
      [null, 'null'],
      [undefined, 'undefined'],
      [[1, 2], 'a list of 2'],
      [{ a: 1 }, 'an object'],
      [() => 1, 'a function'],
      ['-----BEGIN PRIVATE KEY-----\nMIG', 'a PEM text'],
      ['ws://ann:secret@host/', 'the string "ws://ann:***@host/"'],
    ];
    for (const [value, text] of rows) it(text.slice(0, 60), () => assert.equal(show(value), text));
  });

  describe('messageOf', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:80'), { code: 'ECONNREFUSED' });
    const unreachable = Object.assign(new Error('connect ENETUNREACH 1.2.3.4:80'), { code: 'ENETUNREACH' });
    const rows: [string, unknown, string][] = [
      ['an error', new Error(' it broke\n'), 'it broke'],
      ['an error without a message has its code', Object.assign(new Error(''), { code: 'EWHY' }), 'EWHY'],
      ['an error with nothing at all has its class', new RangeError(''), 'RangeError'],
      [
        'several errors in one, as Node has them for two address families',
        new AggregateError([refused, unreachable]),
        `${refused.message}; ${unreachable.message}`,
      ],
      ['several errors with a message of their own', new AggregateError([refused], 'all failed'), 'all failed'],
      ['several errors in one that are none', new AggregateError([]), 'AggregateError'],
      ['a thrown text', 'oh', 'the string "oh"'],
      ['a thrown nothing', undefined, 'undefined'],
      ['a thrown object with a message, as of JSONata', { code: 'D3137', message: ' no address ' }, 'no address'],
      ['a thrown object whose message is no text', { message: 5 }, 'an object'],
    ];
    for (const [title, cause, text] of rows) it(`${title}: ${JSON.stringify(text)}`, () => assert.equal(messageOf(cause), text));
  });

  describe('codeOf', () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const rows: [string, unknown, string][] = [
      ['of an error is its code', refused, 'ECONNREFUSED'],
      ['of several is that of the first', new AggregateError([refused, new Error('y')]), 'ECONNREFUSED'],
      ['of an error without one is empty', new Error('x'), ''],
      ['of an error with a number is empty', Object.assign(new Error('x'), { code: 7 }), ''],
      ['of anything else is empty', { code: 'EHERE' }, ''],
    ];
    for (const [title, cause, code] of rows) it(title, () => assert.equal(codeOf(cause), code));
  });

  it('a refusal shows as its sentence alone where Node-RED shows String(error)', () => {
    assert.equal(String(optionError('The option x must be y.')), 'The option x must be y.');
  });

  it('a refusal keeps its cause', () => {
    const cause = new Error('inner');
    assert.equal(optionError('outer', cause).cause, cause);
    assert.equal(optionError('outer', cause, 'port').option, 'port');
  });

  describe('each refusal has its code and a whole sentence', () => {
    const rows: [SocketError, string, RegExp][] = [
      [callerErrors.noneNamed('client'), 'ERR_NO_SOCKET', /No client is selected.*msg\.payload\.id/],
      [callerErrors.unknownId('server', -7), 'ERR_NO_SOCKET', /no server with the id -7/],
      [callerErrors.cleared('client'), 'ERR_NO_SOCKET', /client.*cleared/],
      [callerErrors.missingConfig('server'), 'ERR_NO_SOCKET', /server.*does not exist or is disabled/],
      [callerErrors.running('client', 3, 'open'), 'ERR_STATE', /client 3 is already started \(open\)\. Stop it/],
      [callerErrors.fixed('port', -1), 'ERR_STATE', /option port of server -1 cannot be changed/],
      [callerErrors.internal(new Error('odd')), 'ERR_INTERNAL', /odd/],
      [optionError('The option port is wrong.'), 'ERR_OPTION', /port/],
    ];
    for (const [error, code, sentence] of rows) {
      it(`${code}: ${error.message}`, () => {
        assert.ok(error instanceof SocketError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, sentence);
        assert.match(error.message, /^[A-Z].*\.$/);
      });
    }
  });
});
