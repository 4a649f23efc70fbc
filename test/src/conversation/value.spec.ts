import assert from 'node:assert/strict';
import { compileValue } from '../../../src/conversation/value';
import { isTyped } from '../../../src/options/typed-value';
import { expressions } from '../../helpers/expressions';

const literal = (raw: unknown) => (compileValue(raw, 'send', { expressions }) as { literal: unknown }).literal;
const evaluate = (raw: unknown, input: unknown, bindings = {}) => {
  const value = compileValue(raw, 'send', { expressions });
  return 'evaluate' in value ? value.evaluate({ input, bindings }) : assert.fail('it is a literal');
};

describe('compileValue', () => {
  for (const [title, raw, value] of [
    ['an object as it is', { a: 1 }, { a: 1 }],
    ['a text', { type: 'str', value: 'x' }, 'x'],
    ['the JSON of a field', { type: 'json', value: '{"a":[1]}' }, { a: [1] }],
    ['a value of a field of JSON', { type: 'json', value: 5 }, 5],
    ['the bytes of a list', { type: 'bin', value: '[1,2]' }, Buffer.from([1, 2])],
    ['the bytes of a text', { type: 'bin', value: '"é"' }, Buffer.from('é')],
    ['a typed field with a further property as it is', { type: 'str', value: 'x', more: 1 }, { type: 'str', value: 'x', more: 1 }],
  ] as const) {
    it(`reads ${title}`, () => assert.deepEqual(literal(raw), value));
  }

  it('evaluates an expression with the input and the bindings', async () => {
    assert.equal(await evaluate({ type: 'jsonata', value: 'a + $b' }, { a: 1 }, { b: 2 }), 3);
  });

  it('reads an environment variable and the contexts', async () => {
    for (const type of ['env', 'flow', 'global']) assert.equal(await evaluate({ type, value: 'name' }, undefined), 'value of name');
  });

  it('takes what looks like an expression as a literal, if there are no expressions', () => {
    const raw = { type: 'jsonata', value: '1+1' };
    assert.deepEqual(compileValue(raw, 'send', {}), { literal: raw });
  });

  for (const [title, raw, message] of [
    ['nothing', undefined, /protocol\.send must be a value; got undefined/],
    ['JSON that cannot be parsed', { type: 'json', value: '{' }, /protocol\.send must be JSON \(/],
    ['bytes that are an object', { type: 'bin', value: '{}' }, /protocol\.send must be a list of bytes/],
    ['an empty expression', { type: 'jsonata', value: ' ' }, /must be a JSONata expression/],
    ['an expression that cannot be parsed', { type: 'jsonata', value: '(' }, /must be a JSONata expression that can be parsed/],
    ['a variable without a name', { type: 'env', value: '' }, /must be a name/],
  ] as const) {
    it(`rejects ${title}`, () => assert.throws(() => compileValue(raw, 'send', { expressions }), { code: 'ERR_OPTION', message }));
  }

  it('collects the secrets that have no default, each with its first place', () => {
    const needed = new Map<string, string>();
    const compile = (value: string, place: string) => compileValue({ type: 'jsonata', value }, place, { expressions, needed });
    compile('$secret("token") & $secret("user", "guest")', 'onOpen[0].send');
    compile("$secret('token')", 'heartbeat.send');
    assert.deepEqual([...needed], [['token', 'onOpen[0].send']]);
  });
});

describe('isTyped', () => {
  it('an object of a known type and a value is a typed field', () => assert.equal(isTyped({ type: 'env', value: '' }), true));
  it('a message with another type is not', () => assert.equal(isTyped({ type: 'event', value: 1 }), false));
});
