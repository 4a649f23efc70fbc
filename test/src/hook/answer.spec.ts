import assert from 'node:assert/strict';
import { answerOf } from '../../../src/hook/answer';

function answered(text: string, { type = undefined as string | undefined, form = 'action', answerMustBeJson = false } = {}) {
  const headers = type === undefined ? {} : { 'content-type': type };
  return answerOf({ form, answerMustBeJson } as never, { http_status: 200, headers, text } as never);
}
const payload = (...args: Parameters<typeof answered>) => {
  const answer = answered(...args);
  return 'payload' in answer ? answer.payload : assert.fail(JSON.stringify(answer));
};

describe('answerOf', () => {
  for (const [title, given, value] of [
    ['an empty body is {}', [' \r\n'], {}],
    ['JSON is read, whatever its type', ['{"a":1}', { type: 'text/html' }], { a: 1 }],
    ['a number is read if the type is JSON', ['7', { type: 'application/problem+json' }], 7],
    ['a number is a text otherwise', ['7'], '7'],
    ['what cannot be read is a text', ['{a'], '{a'],
    ['the result of REST is the value', ['{"result":{"a":1}}', { form: 'rest' }], { a: 1 }],
    ['the result of REST may be the text of an object', ['{"result":"{\\"a\\":1}"}', { form: 'rest' }], { a: 1 }],
    ['the result of REST may be another text', ['{"result":"ok"}', { form: 'rest' }], 'ok'],
    ['a result is an ordinary property otherwise', ['{"result":1}'], { result: 1 }],
  ] as [string, Parameters<typeof answered>, unknown][]) {
    it(title, () => assert.deepEqual(payload(...given), value));
  }

  it('has the list of actions', () => {
    const answer = answered('{"actions":[{"do":"send"}]}');
    assert.deepEqual('actions' in answer && answer.actions, [{ do: 'send' }]);
  });

  for (const text of ['{"actions":{"do":"send"}}', '[{"do":"send"}]', 'text']) {
    it(`${text} has no actions`, () => {
      const answer = answered(text);
      assert.deepEqual('actions' in answer && answer.actions, []);
    });
  }

  it('fails if it must be JSON and is not', () => {
    const answer = answered('<html>', { type: 'text/html', answerMustBeJson: true });
    assert.equal('payload' in answer, false);
    assert.match(JSON.stringify(answer), /text\/html/);
  });
});
