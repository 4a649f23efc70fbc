import assert from 'node:assert/strict';
import { check, isCloseCode } from '../../../src/options/checks';
import { constraints, fill, ValidationIssue } from '../../../src/options/expectations';
import type { Field } from '../../../src/options/field';
import type { Kind } from '../../../src/options/kinds';

const tlsNode = { addTLSOptions: (options: Record<string, unknown>) => options };
const proxyNode = { url: 'http://proxy.example:3128' };

/** By kind: further properties of the field, accepted values with their results, and refused values with the constraint. */
const table: { [K in Kind]: [Partial<Field>, [unknown, unknown][], [unknown, keyof typeof constraints][]][] } = {
  text: [
    [
      {},
      [
        ['a', 'a'],
        ['', ''],
      ],
      [
        [1, 'text'],
        [true, 'text'],
        [null, 'text'],
        [{}, 'text'],
      ],
    ],
  ],
  pem: [
    [
      {},
      [['/a/b.pem', '/a/b.pem']],
      [
        [1, 'pem'],
        [Buffer.from('x'), 'pem'],
      ],
    ],
  ],
  ca: [
    [
      {},
      [
        ['NONE', 'NONE'],
        ['/ca.pem', '/ca.pem'],
      ],
      [[false, 'ca']],
    ],
  ],
  httpUrl: [
    [
      {},
      [
        ['http://127.0.0.1/hooks/ws', 'http://127.0.0.1/hooks/ws'],
        [' https://host:8443 ', 'https://host:8443'],
      ],
      [
        ['', 'httpUrl'],
        ['ws://host/', 'httpUrl'],
        ['host:80', 'httpUrl'],
        ['http://', 'httpUrl'],
        [80, 'httpUrl'],
      ],
    ],
  ],
  url: [
    [
      {},
      [
        ['ws://127.0.0.1:8080/', 'ws://127.0.0.1:8080/'],
        [' wss://host ', 'wss://host'],
        ['http://host', 'http://host'],
        ['HTTPS://host', 'HTTPS://host'],
        ['ws://[::1]:80/a?b#c', 'ws://[::1]:80/a?b#c'],
        ['ws://ann:pw@host/', 'ws://ann:pw@host/'],
      ],
      [
        ['', 'url'],
        ['host:80', 'url'],
        ['ftp://host/', 'url'],
        ['ws:/host', 'url'],
        ['ws://', 'url'],
        ['ws://host:99999/', 'url'],
        ['ws://a b/', 'url'],
        [80, 'url'],
        [null, 'url'],
      ],
    ],
  ],
  number: [
    [
      {},
      [
        [1.5, 1.5],
        ['30', 30],
        [' -2.5 ', -2.5],
        ['+1', 1],
        ['.5', 0.5],
        [0, 0],
      ],
      [
        ['', 'number'],
        ['1e3', 'number'],
        ['0x10', 'number'],
        ['30s', 'number'],
        [true, 'number'],
        [null, 'number'],
        [Number.NaN, 'number'],
        [Number.POSITIVE_INFINITY, 'number'],
        [[5], 'number'],
      ],
    ],
    [
      { min: 0 },
      [
        [0, 0],
        ['0', 0],
      ],
      [
        [-1, 'numberFrom'],
        ['-0.1', 'numberFrom'],
      ],
    ],
    [
      { min: 0, above: true },
      [[0.001, 0.001]],
      [
        [0, 'numberAbove'],
        [-1, 'numberAbove'],
      ],
    ],
    [
      { min: 1, max: 10 },
      [
        [1, 1],
        [10, 10],
      ],
      [
        [0, 'numberRange'],
        [11, 'numberRange'],
      ],
    ],
    [
      { min: 0, max: 2147483, above: true },
      [[2147483, 2147483]],
      [
        [2147484, 'numberRange'],
        [0, 'numberAbove'],
        ['x', 'numberAbove'],
      ],
    ],
    [
      { integer: true },
      [
        [3, 3],
        ['3', 3],
      ],
      [
        [3.5, 'integer'],
        ['3.5', 'integer'],
      ],
    ],
    [
      { integer: true, min: 0 },
      [[0, 0]],
      [
        [-1, 'integerFrom'],
        [0.5, 'integerFrom'],
      ],
    ],
    [
      { integer: true, min: 0, max: 65535 },
      [
        [65535, 65535],
        ['8080', 8080],
      ],
      [
        [65536, 'integerRange'],
        [80.5, 'integerRange'],
        [-1, 'integerRange'],
      ],
    ],
  ],
  boolean: [
    [
      {},
      [
        [true, true],
        [false, false],
        ['true', true],
        ['false', false],
        [' TRUE ', true],
      ],
      [
        [1, 'boolean'],
        [0, 'boolean'],
        ['yes', 'boolean'],
        ['', 'boolean'],
        [null, 'boolean'],
      ],
    ],
  ],
  headers: [
    [
      {},
      [
        [{ 'X-A': 'b' }, { 'X-A': 'b' }],
        [{}, {}],
        [
          { N: 5, B: false },
          { N: '5', B: 'false' },
        ],
        ['{"X-A": "b"}', { 'X-A': 'b' }],
        [{ 'X-A': 'tab\tand é' }, { 'X-A': 'tab\tand é' }],
      ],
      [
        [[], 'headers'],
        ['X-A: b', 'headers'],
        ['{oops', 'headers'],
        [null, 'headers'],
        [Buffer.from('x'), 'headers'],
        [{ 'X A': 'b' }, 'headerName'],
        [{ '': 'b' }, 'headerName'],
        [{ 'X-A': 'b\r\nX-C: d' }, 'headerValue'],
        [{ 'X-A': '中' }, 'headerValue'],
        [{ 'X-A': null }, 'headerValue'],
        [{ 'X-A': ['b'] }, 'headerValue'],
      ],
    ],
  ],
  subProtocols: [
    [
      {},
      [
        [
          ['a', 'b'],
          ['a', 'b'],
        ],
        ['a, b', ['a', 'b']],
        ['["a"]', ['a']],
        [[], []],
      ],
      [
        [['a', 'a'], 'subProtocols'],
        [['a b'], 'subProtocols'],
        [[''], 'subProtocols'],
        [['a,b'], 'subProtocols'],
        [[1], 'subProtocols'],
        [{}, 'subProtocols'],
        [7, 'subProtocols'],
      ],
    ],
  ],
  deflate: [
    [
      {},
      [
        [{}, {}],
        [
          { clientNoContextTakeover: true, serverNoContextTakeover: 'false', clientMaxWindowBits: 8, serverMaxWindowBits: '15' },
          { clientNoContextTakeover: true, serverNoContextTakeover: false, clientMaxWindowBits: 8, serverMaxWindowBits: 15 },
        ],
        ['{"clientMaxWindowBits": 9}', { clientMaxWindowBits: 9 }],
        [{ clientMaxWindowBits: undefined }, {}],
      ],
      [
        [[], 'deflate'],
        ['on', 'deflate'],
        [{ level: 9 }, 'deflate'],
        [JSON.parse('{"__proto__": 1}'), 'deflate'],
        [{ toString: 1 }, 'deflate'],
        [{ clientMaxWindowBits: 7 }, 'integerRange'],
        [{ serverMaxWindowBits: 16 }, 'integerRange'],
        [{ serverMaxWindowBits: 9.5 }, 'integerRange'],
        [{ clientNoContextTakeover: 1 }, 'boolean'],
      ],
    ],
  ],
  tlsConfig: [
    [
      {},
      [[tlsNode, tlsNode]],
      [
        ['a1b2c3', 'tlsConfig'],
        [{}, 'tlsConfig'],
        [null, 'tlsConfig'],
      ],
    ],
  ],
  proxy: [
    [
      {},
      [[proxyNode, proxyNode]],
      [
        ['a1b2c3', 'proxy'],
        [{}, 'proxy'],
        [null, 'proxy'],
      ],
    ],
  ],
  addressFamily: [
    [
      {},
      [
        [2, 4],
        [4, 4],
        ['2', 4],
        ['IPv4', 4],
        ['ipv4', 4],
        [6, 6],
        [10, 6],
        [23, 6],
        [30, 6],
        ['30', 6],
        ['IPv6', 6],
      ],
      [
        [0, 'addressFamily'],
        [5, 'addressFamily'],
        ['', 'addressFamily'],
        ['inet', 'addressFamily'],
        ['constructor', 'addressFamily'],
        [null, 'addressFamily'],
        [true, 'addressFamily'],
      ],
    ],
  ],
  closeCode: [
    [
      {},
      [1000, 1001, 1002, 1003, 1007, 1008, 1011, 1014, 3000, 4000, 4999]
        .map((code) => [code, code] as [unknown, unknown])
        .concat([['1001', 1001]]),
      [999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, '1005', 'x', null].map(
        (code) => [code, 'closeCode'] as [unknown, keyof typeof constraints],
      ),
    ],
  ],
  closeReason: [
    [
      {},
      [
        ['', ''],
        ['x'.repeat(123), 'x'.repeat(123)],
        [`${'é'.repeat(61)}x`, `${'é'.repeat(61)}x`],
      ],
      [
        ['x'.repeat(124), 'closeReason'],
        ['é'.repeat(62), 'closeReason'],
        [5, 'closeReason'],
        [null, 'closeReason'],
      ],
    ],
  ],
  choice: [
    [
      { choices: { a: 'the a', b: 'the b' } },
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
      [
        ['c', 'choice'],
        ['', 'choice'],
        ['toString', 'choice'],
        [1, 'choice'],
      ],
    ],
  ],
  names: [
    [
      {},
      [
        ['/a', ['/a']],
        ['', []],
        [
          ['/a', '/b'],
          ['/a', '/b'],
        ],
        [[], []],
      ],
      [
        [[1], 'names'],
        [new Array(2), 'names'],
        [5, 'names'],
        [{}, 'names'],
        [null, 'names'],
      ],
    ],
  ],
  origins: [
    [
      {},
      [
        [['same host'], ['same host']],
        [['*'], ['*']],
        [['null'], ['null']],
        [[], []],
        [['https://Example.COM:443/'], ['https://example.com']],
        [['http://192.168.1.5:1880'], ['http://192.168.1.5:1880']],
        [['http://[::1]:80'], ['http://[::1]']],
        [['https://bücher.example'], ['https://xn--bcher-kva.example']],
        [
          ['file://', 'chrome-extension://abc'],
          ['file://', 'chrome-extension://abc'],
        ],
        ['https://a.example, same host', ['https://a.example', 'same host']],
        ['["https://a.example"]', ['https://a.example']],
      ],
      [
        [['example.com'], 'origins'],
        [['https://example.com/path'], 'origins'],
        [['https://example.com?x'], 'origins'],
        [['https://*.example.com'], 'origins'],
        [['https://ann@example.com'], 'origins'],
        [['https://'], 'origins'],
        [['https://a.example https://b.example'], 'origins'],
        [['Same Host'], 'origins'],
        [['${ORIGINS}'], 'origins'],
        [[''], 'origins'],
        [[5], 'origins'],
        ['', 'origins'],
        [{}, 'origins'],
        [null, 'origins'],
      ],
    ],
  ],
  networks: [
    [
      {},
      [
        [
          ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0'],
          ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0'],
        ],
        [
          ['::1', 'fd00::/8', '::ffff:10.0.0.1/128'],
          ['::1', 'fd00::/8', '::ffff:10.0.0.1/128'],
        ],
        [' 127.0.0.1 , ::1 ', ['127.0.0.1', '::1']],
        ['["127.0.0.1"]', ['127.0.0.1']],
        [[], []],
      ],
      [
        [['10.0.0.0/33'], 'networks'],
        [['fd00::/129'], 'networks'],
        [['10.0.0'], 'networks'],
        [['10.0.0.256'], 'networks'],
        [['010.0.0.1'], 'networks'],
        [['1::2::3'], 'networks'],
        [['10.0.0.1/'], 'networks'],
        [['localhost'], 'networks'],
        [['${PROXIES}'], 'networks'],
        [[''], 'networks'],
        ['', 'networks'],
        [[5], 'networks'],
        [7, 'networks'],
      ],
    ],
  ],
  pathPattern: [
    [
      {},
      [
        ['/chat', '/chat'],
        ['/ocpp/:id', '/ocpp/:id'],
        ['/:a/b/:_c2', '/:a/b/:_c2'],
        ['/ocpp/*', '/ocpp/*'],
        ['/:a/*', '/:a/*'],
        ['/*', '/*'],
        ['/a*b/c:d', '/a*b/c:d'],
        ['', ''],
      ],
      [
        ['chat', 'path'],
        ['/a b', 'path'],
        ['/*/a', 'pathPattern'],
        ['/:', 'pathPattern'],
        ['/:a-b', 'pathPattern'],
        ['/:1', 'pathPattern'],
        ['/:a/:a', 'pathPattern'],
        ['/:__proto__', 'pathPattern'],
        ['/:constructor', 'pathPattern'],
        ['/:toString/*', 'pathPattern'],
        [`/:${'a'.repeat(65)}`, 'pathPattern'],
        [5, 'path'],
      ],
    ],
  ],
  path: [
    [
      {},
      [
        ['/', '/'],
        ['/chat/room', '/chat/room'],
        ['/caf\u00e9', '/caf\u00e9'],
        ['', ''],
      ],
      [
        ['chat', 'path'],
        ['/a b', 'path'],
        ['/a?b', 'path'],
        ['/a#b', 'path'],
        ['/\ud800', 'path'],
        ['${PATH_OF_IT}', 'path'],
        [5, 'path'],
        [null, 'path'],
      ],
    ],
  ],
  protocol: [
    [
      {},
      [
        ['json-rpc-2.0', 'json-rpc-2.0'],
        [{ format: 'json' }, { format: 'json' }],
        ['{"format":"json"}', { format: 'json' }],
      ],
      [
        ['', 'protocol'],
        [[], 'protocol'],
        [5, 'protocol'],
        [null, 'protocol'],
      ],
    ],
  ],
  secrets: [
    [
      {},
      [
        [{ token: 'a' }, { token: 'a' }],
        ['{"token":"a"}', { token: 'a' }],
        [{}, {}],
      ],
      [
        ['token', 'secrets'],
        [{ token: 5 }, 'secrets'],
        [[], 'secrets'],
        [null, 'secrets'],
      ],
    ],
  ],
  any: [
    [
      {},
      [
        [5, 5],
        ['a', 'a'],
        [null, null],
      ],
      [],
    ],
  ],
  json: [
    [
      {},
      [
        [[1], [1]],
        ['{"a":1}', { a: 1 }],
      ],
      [
        ['{"a"', 'json'],
        [5, 'json'],
        [null, 'json'],
      ],
    ],
  ],
  dottedPath: [
    [
      {},
      [
        ['device.id', 'device.id'],
        ['items.0', 'items.0'],
      ],
      [
        ['', 'dottedPath'],
        ['a..b', 'dottedPath'],
        ['a.constructor', 'dottedPath'],
        [{}, 'dottedPath'],
      ],
    ],
  ],
  parameter: [
    [
      {},
      [
        ['access_token', 'access_token'],
        ['a.b~c-d', 'a.b~c-d'],
        ['', ''],
      ],
      [
        ['a b', 'parameter'],
        ['a=b', 'parameter'],
        ['t%6F', 'parameter'],
        ['${PARAMETER}', 'parameter'],
        [5, 'parameter'],
        [null, 'parameter'],
      ],
    ],
  ],
  subProtocolPrefix: [
    [
      {},
      [
        ['bearer.', 'bearer.'],
        ['base64url.bearer.authorization.k8s.io.', 'base64url.bearer.authorization.k8s.io.'],
        ['', ''],
      ],
      [
        ['a b', 'subProtocolPrefix'],
        ['a,', 'subProtocolPrefix'],
        ['${PREFIX}', 'subProtocolPrefix'],
        [5, 'subProtocolPrefix'],
        [null, 'subProtocolPrefix'],
      ],
    ],
  ],
};

const text = (value: unknown) =>
  value instanceof Buffer
    ? 'a Buffer'
    : typeof value === 'object' && value !== null && 'addTLSOptions' in value
      ? 'a node'
      : (JSON.stringify(value) ?? String(value)).slice(0, 70);

describe('the check of each kind of field', () => {
  for (const [kind, rows] of Object.entries(table)) {
    describe(kind, () => {
      for (const [more, good, bad] of rows) {
        const field = { kind, label: '', help: '', ...more } as Field;
        const which = Object.keys(more).length > 0 ? ` with ${JSON.stringify(more)}` : '';
        for (const [given, value] of good) {
          it(`reads ${text(given)}${which}${text(given) === text(value) ? '' : ` as ${text(value)}`}`, () =>
            assert.deepEqual(check(field, given), value));
        }
        for (const [given, constraint] of bad) {
          it(`refuses ${text(given)}${which}: must be ${constraints[constraint].slice(0, 40)}`, () => {
            const issue = check(field, given);
            assert.ok(issue instanceof ValidationIssue, `it was read as ${JSON.stringify(issue)}`);
            assert.equal(issue.constraint.key, constraint);
          });
        }
      }
    });
  }

  it('reports where inside an object the value does not fit', () => {
    const paths = [
      check({ kind: 'deflate', label: '', help: '' }, { clientMaxWindowBits: 7 }),
      check({ kind: 'headers', label: '', help: '' }, { 'X-A': null }),
    ].map((issue) => (issue as ValidationIssue).path);
    assert.deepEqual(paths, ['.clientMaxWindowBits', '.X-A']);
  });

  it('reports which entry of a list does not fit', () => {
    const issue = check({ kind: 'origins', label: '', help: '' }, ['https://a.example', 'b.example']);
    assert.equal((issue as ValidationIssue).got, 'b.example');
  });

  it('gives copies, so that what a flow handed in is not shared', () => {
    const list = ['a'];
    const headers = { A: 'b' };
    assert.notEqual(check({ kind: 'subProtocols', label: '', help: '' }, list), list);
    assert.notEqual(check({ kind: 'names', label: '', help: '' }, list), list);
    assert.notEqual(check({ kind: 'headers', label: '', help: '' }, headers), headers);
  });

  it('the close codes are 1000 to 1003, 1007 to 1014 and 3000 to 4999', () => {
    const codes = Array.from({ length: 6000 }, (_, code) => code).filter(isCloseCode);
    const ranges = codes
      .filter((code) => !codes.includes(code - 1))
      .map((from) => [from, codes.find((to) => to >= from && !codes.includes(to + 1))]);
    assert.deepEqual(ranges, [
      [1000, 1003],
      [1007, 1014],
      [3000, 4999],
    ]);
  });

  it('a template without the value for a placeholder keeps it', () => {
    assert.equal(fill('from __min__ to __max__', { min: 1 }), 'from 1 to __max__');
  });
});
