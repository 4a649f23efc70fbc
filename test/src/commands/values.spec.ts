import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { bytesOf, isLostInJson } from '../../../src/commands/values';

/** Evaluates a text in a realm of its own, as a Function node does. */
const foreign = (text: string): unknown => runInNewContext(text);

describe('bytesOf', () => {
  for (const [title, value, bytes] of [
    ['a Buffer', Buffer.from([1, 2]), [1, 2]],
    ['a part of a typed array', new Uint8Array([0, 1, 2]).subarray(1), [1, 2]],
    ['a DataView', new DataView(new Uint8Array([1]).buffer), [1]],
    ['an ArrayBuffer', new Uint8Array([1]).buffer, [1]],
    ['a typed array of another realm', foreign('new Uint8Array([1, 2])'), [1, 2]],
    ['an ArrayBuffer of another realm', foreign('new Uint8Array([1, 2]).buffer'), [1, 2]],
  ] as const) {
    it(`returns the bytes of ${title}`, () => assert.deepEqual([...(bytesOf(value) ?? [])], bytes));
  }
  for (const value of ['text', [1, 2], {}, null, undefined, 7]) {
    it(`returns nothing for ${JSON.stringify(value)}`, () => assert.equal(bytesOf(value), undefined));
  }
});

describe('isLostInJson', () => {
  for (const text of [
    'new Map([[1, 2]])',
    'new Set()',
    'new Error("x")',
    'new Uint8Array(1)',
    'new ArrayBuffer(1)',
    'Promise.resolve()',
    'new (class A {})()',
  ]) {
    it(`is true for ${text}`, () => assert.equal(isLostInJson(foreign(text)), true));
  }
  for (const text of ['({})', '[]', '({ a: 1 })', 'new Date(0)', 'Object.create(null)', 'new String("x")', 'null', '"text"', '7']) {
    it(`is false for ${text}`, () => assert.equal(isLostInJson(foreign(text)), false));
  }
});
