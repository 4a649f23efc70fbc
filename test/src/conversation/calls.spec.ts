import assert from 'node:assert/strict';
import { Calls, keyOf } from '../../../src/conversation/calls';
import { type CallShape, readRpc } from '../../../src/conversation/description/rpc';
import { fakeClock } from '../../helpers/clock';
import { onTeardown, teardown } from '../../helpers/teardown';

const description = {
  answer: { when: { result: { exists: true } }, id: 'id' },
  call: { when: { method: { exists: true } }, id: 'id', method: 'method', params: 'params' },
  reply: 'reply',
  replyError: 'replyError',
};

function called(given: object = {}) {
  const clock = fakeClock();
  const rpc = readRpc({ ...description, ...given }, {});
  const said: [value: unknown, more: object][] = [];
  const errors: string[] = [];
  const calls = new Calls({
    rpc,
    shape: rpc.call as CallShape,
    say: (value, more, sent) => {
      said.push([(value as { literal: unknown }).literal, more]);
      sent(undefined, 1, 1);
    },
    error: (reason) => errors.push(reason),
    log: { warn() {}, error: (error) => assert.fail(String(error)) },
  });
  onTeardown(() => calls.end());
  const read = (data: object) => calls.read({ str: '', wireSize: 0, data });
  const answer = (id: unknown, given: Parameters<Calls['answer']>[1] = { result: 'ok' }) => {
    let errorStr: string | undefined = 'not called';
    calls.answer(id, given, (error) => {
      errorStr = error;
    });
    return errorStr;
  };
  return { clock, calls, said, errors, read, answer };
}

describe('Calls', () => {
  afterEach(teardown);
  const call = { id: 7, method: 'add', params: [1, 2] };

  it('a message that matches is a call', () => {
    const { read } = called();
    assert.deepEqual(read(call), call);
    assert.equal(read({ result: 1 }), undefined);
  });

  it('a call is answered with its parts and the result', () => {
    const { read, answer, said } = called();
    read(call);
    assert.equal(answer(7), undefined);
    assert.deepEqual(said, [['reply', { ...call, result: 'ok' }]]);
  });

  it('an error goes with the value for errors', () => {
    const { read, answer, said } = called();
    read(call);
    answer(7, { error: 'no' });
    assert.deepEqual(said, [['replyError', { ...call, error: 'no' }]]);
  });

  it('a call is answered once', () => {
    const { read, answer, said } = called();
    read(call);
    answer(7);
    assert.match(answer(7) ?? '', /^The call was not answered: it was answered before, or its connection has ended\.$/);
    assert.equal(said.length, 1);
  });

  it('an answer is refused if the protocol has no value for it', () => {
    const { read, answer } = called({ replyError: undefined });
    read(call);
    assert.match(answer(7, { error: 'no' }) ?? '', /the protocol has no rpc\.replyError/);
  });

  it('a call that the flow does not answer gets an error after `answerWithin`, and the flow a sentence', () => {
    const { clock, read, said, errors } = called({ answerWithin: 5 });
    read(call);
    clock.tick(4_999);
    assert.deepEqual(said, []);
    clock.tick(1);
    assert.deepEqual(said, [['replyError', { ...call, error: { code: 'timeout', message: 'No answer within 5 s' } }]]);
    assert.deepEqual(errors, ['The flow did not answer the call 7 within 5 s. Answer each call with a send node.']);
  });

  it('a call beyond `maxPending` is answered as busy, and cannot be answered again', () => {
    const { read, answer, said } = called({ maxPending: 1 });
    read(call);
    read({ ...call, id: 8 });
    assert.deepEqual(said, [['replyError', { ...call, id: 8, error: { code: 'busy', message: '1 calls wait for an answer' } }]]);
    assert.match(answer(8) ?? '', /was not answered/);
  });

  it('the end of the connection ends the limits of its calls', () => {
    const { clock, calls, read, said } = called();
    read(call);
    calls.end();
    clock.tick(100_000);
    assert.deepEqual(said, []);
  });
});

describe('keyOf', () => {
  it('compares ids of any type as text', () =>
    assert.deepEqual([keyOf('a'), keyOf(1), keyOf({ a: 1 }), keyOf(undefined)], ['a', '1', '{"a":1}', '']));
  it('compares ids that JSON cannot hold', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    assert.deepEqual([keyOf(2n ** 62n), keyOf(deep)], ['4611686018427387904', '']);
  });
  it('compares 1000 characters', () => assert.equal(keyOf('x'.repeat(5000)).length, 1000));
});
