import assert from 'node:assert/strict';
import { parameterOf } from '../../../../src/net/request-target';
import { shownHeaders, withoutParameter } from '../../../../src/server/admission/redaction';

describe('a token in the query', () => {
  const rows: [target: string, value: string | undefined, shown: string][] = [
    ['/', undefined, '/'],
    ['/a?b=c', undefined, '/a?b=c'],
    ['/token=x', undefined, '/token=x'],
    ['/?token=abc', 'abc', '/?token=***'],
    ['/a?b=c&token=abc&d=e', 'abc', '/a?b=c&token=***&d=e'],
    ['/?token=a%20b+c%3D', 'a b c=', '/?token=***'],
    ['/?token=a=b=c', 'a=b=c', '/?token=***'],
    ['/?token=abc#fragment', 'abc#fragment', '/?token=***'],
    ['/?a#b&token=abc', 'abc', '/?a#b&token=***'],
    ['/?token=one&token=two', 'one', '/?token=***&token=***'],
    ['/?t%6Fken=abc', 'abc', '/?t%6Fken=***'],
    ['/?%74%6f%6B%65%6e=abc', 'abc', '/?%74%6f%6B%65%6e=***'],
    ['/?t%6=abc', undefined, '/?t%6=abc'],
    ['/?t%256fken=abc', undefined, '/?t%256fken=abc'],
    ['/?a?token=abc', undefined, '/?a?token=abc'],
    ['/?Token=abc', undefined, '/?Token=abc'],
    ['/?mytoken=abc', undefined, '/?mytoken=abc'],
    ['/?tokens=abc', undefined, '/?tokens=abc'],
    ['/?token=', '', '/?token='],
    ['/?token', '', '/?token'],
    ['/?token&a=b', '', '/?token&a=b'],
    ['/?token=%zz', '%zz', '/?token=***'],
    ['/?%zz=x&token=abc', 'abc', '/?%zz=x&token=***'],
    ['http://host/a?token=abc', 'abc', 'http://host/a?token=***'],
    ['*', undefined, '*'],
    ['', undefined, ''],
  ];
  for (const [target, value, shown] of rows) {
    it(`of ${target || 'nothing'} is ${value ?? 'not there'}, and shown as ${shown}`, () => {
      assert.equal(parameterOf(target, 'token'), value);
      assert.equal(withoutParameter(target, 'token'), shown);
    });
  }

  it('is looked for without an exception for each name that cannot be decoded', () => {
    const { decodeURIComponent: decode } = globalThis;
    let calls = 0;
    globalThis.decodeURIComponent = (text) => {
      calls++;
      return decode(text);
    };
    try {
      assert.equal(parameterOf(`/?${'%zzzzz&'.repeat(1000)}token=a%20b`, 'token'), 'a b');
      assert.equal(calls, 1);
    } finally {
      globalThis.decodeURIComponent = decode;
    }
  });

  it('is looked for only where it has a name', () => assert.equal(withoutParameter('/?=abc', ''), '/?=abc'));
});

describe('the reported headers', () => {
  const headers = { Host: 'here', aUTHORIZATION: 'Bearer abc', 'X-Original-URI': '/a?token=abc', Cookie: 'a=b' };

  it('hide Authorization where the server asks for it', () => {
    assert.deepEqual(shownHeaders(headers, true, ''), { ...headers, aUTHORIZATION: '***' });
  });

  it('hide the token where a proxy repeats the target', () => {
    assert.deepEqual(shownHeaders(headers, false, 'token'), { ...headers, 'X-Original-URI': '/a?token=***' });
  });

  it('stay as they came where a flow is to look at them itself', () => assert.deepEqual(shownHeaders(headers, false, ''), headers));

  it('are a copy where something is hidden', () => {
    shownHeaders(Object.freeze({ ...headers }), true, 'token');
  });
});
