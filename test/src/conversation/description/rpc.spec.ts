import assert from 'node:assert/strict';
import { readRpc } from '../../../../src/conversation/description/rpc';

const answer = { when: { ok: { exists: true } }, id: 'id', value: 'ok' };
const read = (given: object = {}) => readRpc({ answer, ...given }, {});

describe('readRpc', () => {
  it('has defaults', () => {
    const { ids, order, maxPending, concurrency, answerWithin, id, call, error } = read();
    assert.deepEqual(
      [ids, order, maxPending, concurrency, answerWithin, call, error],
      ['number', false, 1000, 0, 30, undefined, undefined],
    );
    assert.equal(id?.text, 'id');
  });

  it('an answer without a value is the whole message', () => {
    const message = { ok: 1, id: 2 };
    assert.equal(read({ answer: { ...answer, value: '' } }).answer.value(message), message);
  });

  it('the first path of a list that exists counts', () => {
    const { value } = read({ answer: { ...answer, value: ['a', 'b.c'] } }).answer;
    assert.deepEqual([value({ b: { c: 1 } }), value({ a: null, b: { c: 1 } }), value({})], [1, null, undefined]);
  });

  it('with order, needs no id and has one request at a time', () => {
    const { answer, concurrency, id } = read({ order: true, concurrency: 5, answer: { when: {} } });
    assert.deepEqual([answer.id, concurrency, id], [undefined, 1, undefined]);
  });

  it('reads counts as texts', () => assert.equal(read({ maxPending: '5' }).maxPending, 5));

  for (const [title, given, message] of [
    ['an unknown property', { anwser: {} }, /protocol\.rpc\.anwser must be left out/],
    ['an unknown kind of id', { ids: 'guid' }, /rpc\.ids must be one of number, text, uuid/],
    ['an answer without an id', { answer: { when: {} } }, /rpc\.answer\.id must be the path of the id/],
    ['an answer without a pattern', { answer: { id: 'id' } }, /rpc\.answer\.when must be a pattern/],
    ['a path to a prototype', { id: '__proto__' }, /rpc\.id must be a path/],
    ['a wrong path in a list', { answer: { ...answer, value: ['a', 'b..c'] } }, /rpc\.answer\.value\[1\] must be a path/],
    ['no open request', { maxPending: 0 }, /rpc\.maxPending must be an integer from 1 to 1000000/],
    ['half a request', { concurrency: 0.5 }, /rpc\.concurrency must be an integer from 0 to 1000000/],
    ['a text for order', { order: 'true' }, /rpc\.order must be true or false/],
    ['a call without a pattern', { call: { id: 'id' } }, /rpc\.call\.when must be a pattern/],
    ['an unknown property of a call', { call: { when: {}, name: 'x' } }, /rpc\.call\.name must be left out/],
  ] as const) {
    it(`rejects ${title}`, () => assert.throws(() => read(given), { code: 'ERR_OPTION', message }));
  }
});
