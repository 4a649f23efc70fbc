import assert from 'node:assert/strict';
import { parameterOf, pathOf, splitTarget, valuesOf } from '../../../src/net/request-target';

describe('pathOf', () => {
  for (const [target, path] of [
    ['/a?b=c', '/a'],
    ['/a#b', '/a'],
    ['http://host:80/a?b', '/a'],
    ['http://host', '/'],
    ['?a', '/'],
    ['', '/'],
  ] as const) {
    it(`of ${target || 'nothing'} is ${path}`, () => assert.equal(pathOf(target), path));
  }
});

describe('splitTarget', () => {
  it('decodes the query, with a list for a repeated name', () => {
    assert.deepEqual(splitTarget('/a?x=1&y=a%20b+c&x=2'), { path: '/a', query: { x: ['1', '2'], y: 'a b c' } });
  });
  it('keeps an invalid escape, and the path as received', () => {
    const { path, query } = splitTarget('/%41?x=%zz');
    assert.deepEqual([path, query.x], ['/%41', '%zz']);
  });
  it('makes __proto__ an ordinary property', () => {
    const { query } = splitTarget('/?__proto__=x');
    assert.deepEqual([Object.keys(query), Object.getPrototypeOf(query)], [['__proto__'], Object.prototype]);
  });
});

describe('parameterOf', () => {
  for (const [title, target, value] of [
    ['the first value', '/?t=1&t=2', '1'],
    ['an escaped value', '/?t=a%20b+c', 'a b c'],
    ['a value with an escaped name', '/?%74=x', 'x'],
    ['a value with an equals sign', '/?t=a=b', 'a=b'],
    ['an empty value', '/?t', ''],
    ['no value of a longer name', '/?tt=1', undefined],
    ['no value of a shorter name', '/?=1', undefined],
    ['a value that cannot be decoded as it is', '/?t=%zz', '%zz'],
    ['no value without a query', '/t=1', undefined],
  ] as const) {
    it(`finds ${title}`, () => assert.equal(parameterOf(target, 't'), value));
  }
});

describe('valuesOf', () => {
  it('yields the position of each value', () => {
    const target = '/?t=ab&x=1&t=c';
    assert.deepEqual(
      [...valuesOf(target, 't')].map(({ from, to }) => target.slice(from, to)),
      ['ab', 'c'],
    );
  });
});
