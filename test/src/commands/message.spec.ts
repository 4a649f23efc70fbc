import assert from 'node:assert/strict';
import { readMessage } from '../../../src/commands/message';

describe('the message of a send', () => {
  const rows: [string, Record<string, unknown>, string | Buffer][] = [
    ['text', { message: 'hi' }, 'hi'],
    ['empty text', { message: '' }, ''],
    ['a Buffer', { message: Buffer.from([0, 255]) }, Buffer.from([0, 255])],
    ['an empty Buffer', { message: Buffer.alloc(0) }, Buffer.alloc(0)],
    ['a typed array', { message: new Uint16Array([1, 2]) }, Buffer.from([1, 0, 2, 0])],
    ['a part of a typed array', { message: new Uint8Array([1, 2, 3, 4]).subarray(1, 3) }, Buffer.from([2, 3])],
    ['an ArrayBuffer', { message: new Uint8Array([1, 2]).buffer }, Buffer.from([1, 2])],
    ['an object, as JSON', { message: { a: [1, null] } }, '{"a":[1,null]}'],
    ['a list, as JSON', { message: [1, 'x'] }, '[1,"x"]'],
    ['a number, as JSON', { message: 1.5 }, '1.5'],
    ['zero', { message: 0 }, '0'],
    ['false', { message: false }, 'false'],
    ['str where message is absent, so that an event is an echo', { str: 'echo', binary: false, wireSize: 4 }, 'echo'],
    ['binary str', { str: Buffer.from('b'), binary: true }, Buffer.from('b')],
    ['message before str', { message: 'm', str: 's' }, 'm'],
    ['empty message before str', { message: '', str: 's' }, ''],
  ];
  for (const [title, payload, message] of rows) it(title, () => assert.deepEqual(readMessage(payload), message));

  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const refused: [string, Record<string, unknown>, RegExp][] = [
    ['none', {}, /option message must be given/],
    ['null', { message: null }, /option message must be a text, a Buffer.*got null/],
    ['a function', { message: () => 1 }, /option message must be.*got a function/],
    ['a symbol', { str: Symbol('x') }, /option str must be.*got a symbol/],
    ['an object that holds itself', { message: circular }, /option message cannot be written as JSON: .*circular/],
    ['a big integer', { message: 1n }, /option message cannot be written as JSON/],
  ];
  for (const [title, payload, sentence] of refused) {
    it(`${title} is refused with ERR_OPTION`, () => assert.throws(() => readMessage(payload), { code: 'ERR_OPTION', message: sentence }));
  }
});
