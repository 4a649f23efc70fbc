import assert from 'node:assert/strict';
import { check, type checks, isCloseCode, parseObject } from '../../../src/options/checks';
import { constraints, fill, ValidationIssue } from '../../../src/options/expectations';

type Kind = keyof typeof checks;
const checked = (kind: Kind, value: unknown, bounds: object = {}) => check({ kind, label: '', help: '', ...bounds } as never, value);

describe('checks', () => {
  const accepted: [Kind, unknown, unknown, object?][] = [
    ['text', 'x', 'x', { maxLength: 1 }],
    ['text', '😀', '😀', { maxLength: 1 }],
    ['number', ' 1.5 ', 1.5],
    ['number', -2, -2],
    ['number', 0.1, 0.1, { min: 0, above: true }],
    ['boolean', ' TRUE ', true],
    ['boolean', 'false', false],
    ['url', ' wss://a.example/x ', 'wss://a.example/x'],
    ['headers', '{"X-A":1,"X-B":true}', { 'X-A': '1', 'X-B': 'true' }],
    ['subProtocols', 'a, b', ['a', 'b']],
    ['deflate', { serverMaxWindowBits: '9' }, { serverMaxWindowBits: 9 }],
    ['addressFamily', 'ipv6', 6],
    ['addressFamily', 2, 4],
    ['closeCode', '4000', 4000],
    ['closeReason', 'é'.repeat(61), 'é'.repeat(61)],
    ['choice', 'a', 'a', { choices: { a: 'A' } }],
    ['names', '', []],
    ['names', 'a,b', ['a,b']],
    ['origins', 'https://A.example:443, null, same host', ['https://a.example', 'null', 'same host']],
    ['networks', '10.0.0.0/8,::1', ['10.0.0.0/8', '::1']],
    ['path', '', ''],
    ['pathPattern', '/:id/*', '/:id/*'],
    ['json', '[1]', [1]],
    ['secrets', '{"a":"b"}', { a: 'b' }],
    ['parameter', 'access_token', 'access_token'],
  ];
  for (const [kind, given, value, bounds] of accepted) {
    it(`${kind} accepts ${JSON.stringify(given)} as ${JSON.stringify(value)}`, () => assert.deepEqual(checked(kind, given, bounds), value));
  }

  const rejected: [Kind, unknown, string, object?][] = [
    ['text', 'ab', 'a string of at most 1 characters', { maxLength: 1 }],
    ['text', 7, 'a string'],
    ['number', '0x10', 'a number'],
    ['number', '1e3', 'a number'],
    ['number', '', 'a number'],
    ['number', Number.NaN, 'a number'],
    ['number', 0, 'a number above 0', { min: 0, above: true }],
    ['number', 1.5, 'a whole number of at least 1', { min: 1, integer: true }],
    ['number', 70000, 'a whole number from 0 to 65535', { min: 0, max: 65535, integer: true }],
    ['boolean', 1, 'true or false'],
    ['url', 'mailto:a@b', 'a URL that begins with ws:// or wss://, e.g. ws://127.0.0.1:8080/'],
    ['headers', { 'a b': 'x' }, 'a valid HTTP header name (RFC 9110, section 5.1)'],
    ['headers', { a: 'x\r\ny: z' }, 'a valid HTTP header value: a string on one line (RFC 9110, section 5.5)'],
    ['addressFamily', 'constructor', '2, 4 or "IPv4", or 6, 10, 23, 30 or "IPv6"'],
    ['choice', 'toString', 'one of a', { choices: { a: 'A' } }],
    ['names', ['abc'], 'a string or a list of strings, each of at most 2 characters', { maxLength: 2 }],
    ['closeReason', 'é'.repeat(62), 'a string of at most 123 bytes in UTF-8 (RFC 6455, section 5.5)'],
    ['networks', '10.0.0.0/33', 'a list of addresses or networks, such as 192.168.1.5 or 10.0.0.0/8'],
    ['path', 'chat', 'a path that starts with / and contains no spaces, ? or #'],
    ['secrets', { a: 1 }, 'an object whose values are strings'],
    ['parameter', 'a b', 'a name of letters, digits and the characters - . _ ~'],
  ];
  for (const [kind, given, constraint, bounds] of rejected) {
    it(`${kind} rejects ${JSON.stringify(given)?.slice(0, 40)}: it must be ${constraint.slice(0, 50)}`, () => {
      const issue = checked(kind, given, bounds);
      assert.ok(issue instanceof ValidationIssue, JSON.stringify(issue));
      assert.equal(fill(constraints[issue.constraint.key], issue.constraint.values), constraint);
    });
  }

  it('reports the position of a wrong entry', () => {
    const issues = [checked('deflate', { serverMaxWindowBits: 7 }), checked('headers', { ok: 'x', 'X-A': {} })];
    assert.deepEqual(
      issues.map((issue) => (issue as ValidationIssue).path),
      ['.serverMaxWindowBits', '.X-A'],
    );
  });

  it('returns a copy of a list', () => {
    const given = ['a'];
    assert.notEqual(checked('names', given), given);
  });
});

describe('isCloseCode', () => {
  it('is true for the codes that an endpoint may send', () => {
    const codes = [999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000];
    assert.deepEqual(codes.filter(isCloseCode), [1000, 1003, 1007, 1014, 3000, 4999]);
  });
});

describe('parseObject', () => {
  for (const [title, given, value] of [
    ['parses an object', ' {"a":1}', { a: 1 }],
    ['parses a list', '[1]', [1]],
    ['keeps a text that is not an object', '7', '7'],
    ['keeps a text that cannot be parsed', '{', '{'],
    ['keeps other values', 7, 7],
  ] as const) {
    it(title, () => assert.deepEqual(parseObject(given), value));
  }
});
