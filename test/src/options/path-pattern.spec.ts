import assert from 'node:assert/strict';
import { type PathPattern, parsePath, spellingsOf } from '../../../src/options/path-pattern';

const pattern = (path: string) => parsePath(path) as PathPattern;

describe('parsePath', () => {
  const rows: [pattern: string, path: string, params: Record<string, string> | undefined][] = [
    ['/chat', '/chat', {}],
    ['/chat', '/chat/', undefined],
    ['/chat', '/CHAT', undefined],
    ['/a b', '/a%20b', {}],
    ['/é', '/%C3%A9', {}],
    ['/devices/:id', '/devices/7', { id: '7' }],
    ['/devices/:id', '/devices/a%20b', { id: 'a b' }],
    ['/devices/:id', '/devices/%zz', { id: '%zz' }],
    ['/devices/:id', '/devices/', undefined],
    ['/devices/:id', '/devices/7/8', undefined],
    ['/:a/:b', '/1/2', { a: '1', b: '2' }],
    ['/files/*', '/files/a/b', { '*': 'a/b' }],
    ['/files/*', '/files', undefined],
    ['/:a/*', '/1/2/3', { a: '1', '*': '2/3' }],
    ['/:a', `/${'x'.repeat(1024)}`, { a: 'x'.repeat(1024) }],
    ['/:a', `/${'x'.repeat(1025)}`, undefined],
  ];
  for (const [text, path, params] of rows) {
    const shown = path.length > 40 ? `a value of ${path.length - 1} characters` : path;
    it(`${text} ${params ? 'matches' : 'does not match'} ${shown}`, () => assert.deepEqual(pattern(text).match(path), params));
  }

  for (const [title, text] of Object.entries({
    'a name twice': '/:a/:a',
    'a name of other characters': '/:a-b',
    'a name of Object.prototype': '/:toString',
    'an empty name': '/:',
    '* before the last part': '/*/a',
    'a name of 65 characters': `/:${'a'.repeat(65)}`,
  })) {
    it(`rejects ${title}`, () => assert.equal(parsePath(text), undefined));
  }

  it('patterns that match the same paths have the same key', () => assert.equal(pattern('/:a/b').key, pattern('/:c/b').key));

  it('the more specific pattern has the lower key', () => {
    const keys = ['/a/b', '/a/:x', '/a/*', '/:x/b'].map((path) => pattern(path).key);
    assert.deepEqual([...keys].sort(), keys);
  });

  it('only a path without parts that vary is exact', () => {
    assert.deepEqual(
      ['/a', '/:a', '/*'].map((path) => pattern(path).isExact),
      [true, false, false],
    );
  });
});

describe('spellingsOf', () => {
  it('lists each spelling once', () => assert.deepEqual([spellingsOf('/a'), spellingsOf('/a b')], [['/a'], ['/a b', '/a%20b']]));
  it('keeps a path that cannot be converted', () => assert.ok(spellingsOf('/%zz').includes('/%zz')));
});
