import assert from 'node:assert/strict';
import { splitTarget } from '../../../src/net/request-target';

describe('a request target in its parts', () => {
  const rows: [string, string, Record<string, string | string[]>][] = [
    ['/', '/', {}],
    ['/a/b', '/a/b', {}],
    ['/a%20b', '/a%20b', {}],
    ['/a?', '/a', {}],
    ['/a?x=1&y=', '/a', { x: '1', y: '' }],
    ['/a?x', '/a', { x: '' }],
    ['/a?x=1&x=2&y=3', '/a', { x: ['1', '2'], y: '3' }],
    ['/a?name=J%C3%B6rg+M.&x=%26', '/a', { name: 'Jörg M.', x: '&' }],
    ['/a?x=1?y=2', '/a', { x: '1?y=2' }],
    ['/a?x=%zz&y=%', '/a', { x: '%zz', y: '%' }],
    ['', '', {}],
  ];
  for (const [uri, path, query] of rows) {
    it(JSON.stringify(uri), () => assert.deepEqual(splitTarget(uri), { path, query }));
  }

  it('has a query that flows can use like any object, whatever is in it', () => {
    const { query } = splitTarget('/?__proto__=a&toString=b');
    assert.equal(Object.getPrototypeOf(query), Object.prototype);
    assert.deepEqual(Object.entries(query), [
      ['__proto__', 'a'],
      ['toString', 'b'],
    ]);
  });
});
