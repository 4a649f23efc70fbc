import assert from 'node:assert/strict';
import { spelledHeaders } from '../../../src/net/headers';

describe('spelledHeaders', () => {
  const rows: [string, string[], Record<string, string>][] = [
    ['keeps the spelling as received', ['X-oDD', '1', 'lower', '2'], { 'X-oDD': '1', lower: '2' }],
    ['a repeated header has its first spelling and its last value', ['X-A', '1', 'x-a', '2'], { 'X-A': '2' }],
    ['keeps all of Set-Cookie', ['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'SET-COOKIE', 'c=3'], { 'Set-Cookie': 'a=1, b=2, c=3' }],
    ['adds none', ['X-A', '1'], { 'X-A': '1' }],
    ['does not cut long values', ['X-A', 'x'.repeat(5000)], { 'X-A': 'x'.repeat(5000) }],
    ['is empty where nothing came', [], {}],
    ['drops a name without a value', ['X-A'], {}],
    ['is not misled by names that objects inherit', ['constructor', '1', 'toString', '2'], { constructor: '1', toString: '2' } as never],
  ];
  for (const [title, raw, headers] of rows) it(title, () => assert.deepEqual({ ...spelledHeaders(raw) }, headers));
});
