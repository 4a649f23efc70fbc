import assert from 'node:assert/strict';
import { compilePattern } from '../../../src/conversation/pattern';
import { isRecord } from '../../../src/core/record';

describe('compilePattern', () => {
  const rows: [title: string, pattern: object, message: unknown, matches: boolean][] = [
    ['an equal text', { type: 'event' }, { type: 'event' }, true],
    ['no other text', { type: 'event' }, { type: 'other' }, false],
    ['no number that looks the same', { id: 1 }, { id: '1' }, false],
    ['one of a list', { type: ['a', 'b'] }, { type: 'b' }, true],
    ['none but those of a list', { type: ['a', 'b'] }, { type: 'c' }, false],
    ['an equal object', { a: { x: [1] } }, { a: { x: [1] } }, true],
    ['no other object', { a: { x: [1] } }, { a: { x: [2] } }, false],
    ['all paths', { a: 1, 'b.c': 2 }, { a: 1, b: { c: 2 } }, true],
    ['not one path alone', { a: 1, 'b.c': 2 }, { a: 1 }, false],
    ['null that exists', { a: { exists: true } }, { a: null }, true],
    ['nothing where a value must be absent', { a: { exists: false } }, { a: 0 }, false],
    ['everything, if it is empty', {}, 'text', true],
    ['no text', { a: 1 }, 'text', false],
  ];
  for (const [title, pattern, message, matches] of rows) {
    it(`matches ${title}`, () => assert.equal(compilePattern(pattern, 'wait')(message), matches));
  }

  it('names the place of a pattern that is not an object', () => {
    assert.throws(() => compilePattern([], 'onOpen[0].wait'), {
      code: 'ERR_OPTION',
      message: /option protocol\.onOpen\[0\]\.wait must be a pattern/,
    });
  });

  it('rejects a key that is not a path', () => {
    assert.throws(() => compilePattern({ 'a.__proto__': 1 }, 'wait'), { message: /whose keys are paths.+a\.__proto__/ });
  });
});

describe('isRecord', () => {
  for (const [title, value, is] of [
    ['an object', {}, true],
    ['a list', [], false],
    ['null', null, false],
    ['a Buffer', Buffer.alloc(1), false],
    ['a text', 'x', false],
  ] as const) {
    it(`${title} is ${is ? 'one' : 'not one'}`, () => assert.equal(isRecord(value), is));
  }
});
