import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { readMessage } from '../../../src/commands/message';

/** A value of another realm, as a Function node makes it. */
const foreign = (code: string): unknown => runInNewContext(code, { Buffer, SharedArrayBuffer });

describe('the message of a send', () => {
  const rows: [string, Record<string, unknown>, string | Buffer][] = [
    ['text', { message: 'hi' }, 'hi'],
    ['empty text', { message: '' }, ''],
    ['a Buffer', { message: Buffer.from([0, 255]) }, Buffer.from([0, 255])],
    ['an empty Buffer', { message: Buffer.alloc(0) }, Buffer.alloc(0)],
    ['a typed array', { message: new Uint16Array([1, 2]) }, Buffer.from([1, 0, 2, 0])],
    ['a part of a typed array', { message: new Uint8Array([1, 2, 3, 4]).subarray(1, 3) }, Buffer.from([2, 3])],
    ['an ArrayBuffer', { message: new Uint8Array([1, 2]).buffer }, Buffer.from([1, 2])],
    ['an ArrayBuffer of another realm', { message: foreign('new Uint8Array([1, 2]).buffer') }, Buffer.from([1, 2])],
    ['a SharedArrayBuffer', { message: foreign('new SharedArrayBuffer(2)') }, Buffer.alloc(2)],
    ['a DataView of another realm', { message: foreign('new DataView(new Uint8Array([9, 8]).buffer)') }, Buffer.from([9, 8])],
    ['an object, as JSON', { message: { a: [1, null] } }, '{"a":[1,null]}'],
    ['an object of another realm', { message: foreign('({ a: {}, b: [{}] })') }, '{"a":{},"b":[{}]}'],
    ['an object with the property 0', { message: { 0: 'a' } }, '{"0":"a"}'],
    ['an object without a prototype', { message: Object.create(null) }, '{}'],
    ['a Date of another realm', { message: foreign('new Date(0)') }, '"1970-01-01T00:00:00.000Z"'],
    ['a URL', { message: new URL('ws://h/') }, '"ws://h/"'],
    ['a list, as JSON', { message: [1, 'x'] }, '[1,"x"]'],
    ['a number, as JSON', { message: 1.5 }, '1.5'],
    ['zero', { message: 0 }, '0'],
    ['false', { message: false }, 'false'],
    ['not a number, as its text', { message: Number.NaN }, 'NaN'],
    ['a big integer, as its text', { message: 12345678901234567890n }, '12345678901234567890'],
    ['str where message is absent, so that an event is an echo', { str: 'echo', binary: false, wireSize: 4 }, 'echo'],
    ['binary str', { str: Buffer.from('b'), binary: true }, Buffer.from('b')],
    ['message before str', { message: 'm', str: 's' }, 'm'],
    ['empty message before str', { message: '', str: 's' }, ''],
  ];
  for (const [title, payload, message] of rows) it(title, () => assert.deepEqual(readMessage({ payload }), message));

  it('what the node has read goes before the payload', () => {
    assert.equal(readMessage({ payload: { message: 'p' }, hasMessage: true, message: { a: 1 } }), '{"a":1}');
  });

  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const refused: [string, Record<string, unknown>, RegExp][] = [
    ['none', {}, /^There is nothing to send: the message is undefined\./],
    ['null', { message: null }, /^There is nothing to send: the message is null\./],
    ['a function', { message: () => 1 }, /^The message must be a string, a Buffer.*got a function/],
    ['a symbol', { str: Symbol('x') }, /got a symbol/],
    ['an object that holds itself', { message: circular }, /cannot be converted to JSON: .*circular/],
    ['an object with a big integer', { message: { a: 1n } }, /cannot be converted to JSON/],
    ['an object whose JSON is nothing', { message: { toJSON: () => undefined } }, /got an object/],
    ['a Date that is no date', { message: foreign('new Date(NaN)') }, /got an object/],
    ...[
      'new Map([[1, 2]])',
      'new Set([1])',
      'new Error("x")',
      'Object.assign(new Error("x"), { code: 1 })',
      '/x/',
      'Promise.resolve()',
      'new WeakMap()',
      'new (class { #a = 1 })()',
    ].flatMap((code): [string, Record<string, unknown>, RegExp][] => [
      [`${code}, which JSON has no form for,`, { message: foreign(code) }, /got an object/],
    ]),
    ['a Map in an object', { message: { a: [foreign('new Map([[1, 2]])')] } }, /the value of "0" would be lost/],
    ['bytes in an object', { message: { bytes: foreign('new Uint8Array([1]).buffer') } }, /the value of "bytes" would be lost/],
    ['a typed array in an object', { message: { bytes: foreign('new Uint8Array([1])') } }, /the value of "bytes" would be lost/],
  ];
  for (const [title, payload, sentence] of refused) {
    it(`${title} is refused with ERR_OPTION`, () =>
      assert.throws(() => readMessage({ payload }), { code: 'ERR_OPTION', message: sentence }));
  }
});
