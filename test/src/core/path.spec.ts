import assert from 'node:assert/strict';
import { type Path, parsePath } from '../../../src/core/path';

const path = (text: string | number) => parsePath(text) as Path;

describe('parsePath', () => {
  const found: [string, string | number, unknown, unknown][] = [
    ['a property', 'a', { a: 1 }, 1],
    ['a property of a property', 'a.b', { a: { b: 1 } }, 1],
    ['an entry of a list', 'a.1', { a: [1, 2] }, 2],
    ['an entry by a number', 0, ['x'], 'x'],
    ['null', 'a', { a: null }, null],
    ['nothing below a text', 'a.length', { a: 'text' }, undefined],
    ['nothing below null', 'a.b', { a: null }, undefined],
    ['no inherited property', 'toString', {}, undefined],
  ];
  for (const [title, text, from, value] of found) it(`finds ${title}`, () => assert.equal(path(text).get(from), value));

  it('null exists, and undefined does not', () => {
    assert.deepEqual([path('a').exists({ a: null }), path('a').exists({})], [true, false]);
  });

  for (const [title, text] of Object.entries({
    'an empty text': '',
    'an empty part': 'a..b',
    'a prototype': 'a.__proto__.b',
    'a constructor': 'constructor',
    'more than 256 characters': 'a'.repeat(257),
    'an object': {},
  })) {
    it(`rejects ${title}`, () => assert.equal(parsePath(text), undefined));
  }

  it('sets a value in a copy', () => {
    const from = { a: { b: 1, c: 2 } };
    assert.deepEqual(path('a.b').set(from, 3), { a: { b: 3, c: 2 } });
    assert.deepEqual(from, { a: { b: 1, c: 2 } });
  });

  it('sets an entry in a copy of a list', () => {
    const from = [1, 2];
    assert.deepEqual(path('1').set(from, 3), [1, 3]);
    assert.deepEqual(from, [1, 2]);
  });

  it('adds missing objects when it sets a value', () => assert.deepEqual(path('a.b').set('text', 1), { a: { b: 1 } }));
});
