import assert from 'node:assert/strict';
import { jsonOf, memoryOf, unmarked } from '../../../src/hook/json';

const bytes = Buffer.from([0, 1, 2]);

describe('JSON towards 4D', () => {
  const rows: [title: string, value: unknown, json: string][] = [
    ['bytes are marked', bytes, '{"$base64":"AAEC"}'],
    [
      'bytes are marked wherever they are',
      { a: [bytes.buffer.slice(0, 0), new Uint16Array(1)] },
      '{"a":[{"$base64":""},{"$base64":"AAA="}]}',
    ],
    ['an object with the name of the mark is escaped', { $base64: 'AAEC' }, '{"$$base64":"AAEC"}'],
    ['every name that begins with $ is escaped', { $: 1, $a: [{ $$b: { c: 2, d$: 3 } }] }, '{"$$":1,"$$a":[{"$$$b":{"c":2,"d$":3}}]}'],
    ['bytes beside such a name are marked', { $a: bytes, b: bytes }, '{"$$a":{"$base64":"AAEC"},"b":{"$base64":"AAEC"}}'],
    ['a text that begins with $ is a text', ['$base64', '$'], '["$base64","$"]'],
    ['what toJSON gives is escaped', { a: { toJSON: () => ({ $b: 1 }) } }, '{"a":{"$$b":1}}'],
    [
      'names like those of objects stay',
      JSON.parse('{"__proto__":{"$a":1},"$constructor":2}'),
      '{"__proto__":{"$$a":1},"$$constructor":2}',
    ],
    ['nothing is null', undefined, 'null'],
  ];
  for (const [title, value, json] of rows) {
    it(title, () => assert.equal(jsonOf(value), json));
  }

  const peers = [
    '{"$base64":"AAEC"}',
    '{"$$base64":"AAEC"}',
    '[{"$":{"$$$x":[null,{"$base64":"AAEC"}]}}]',
    '{"__proto__":{"$a":1}}',
    '"$base64"',
    '7',
  ];
  for (const text of peers) {
    it(`what a peer wrote comes back from 4D as it was: ${text}`, () => {
      assert.equal(JSON.stringify(unmarked(JSON.parse(jsonOf(JSON.parse(text))))), text);
    });
  }

  it('bytes come back from 4D as they were', () => {
    assert.deepEqual(unmarked(JSON.parse(jsonOf(bytes))), bytes);
  });

  it('4D may leave names that begin with one $ as they are, and an object with more than the mark is not bytes', () => {
    for (const value of [{ $a: 1 }, { $base64: 'AAEC', b: 1 }, { $base64: 5 }, { a: { $base64: 'AAEC' } }, [{ $base64: 'AAEC' }]]) {
      assert.deepEqual(unmarked(value), value);
    }
  });
});

describe('memoryOf', () => {
  for (const [text, most, least] of [
    ['"text"', 6, 6],
    ['"größer"', 8, 8],
    ['"€"', 6, 6],
    ['[]', 66, 66],
    ['{"a":1,"b":[1,2]}', 300, 200],
    ['"[{,\\"[{,"', 12, 10],
  ] as const) {
    it(`counts from ${least} to ${most} bytes for ${text}`, () => {
      assert.ok(memoryOf(text) <= most && memoryOf(text) >= least, String(memoryOf(text)));
    });
  }
});
