import assert from 'node:assert/strict';
import { type CatalogRow, catalog } from '../../nodes/catalog';
import { propertiesOf } from '../../nodes/editor/properties';
import { isEmpty, isEnv } from '../../nodes/editor/values';
import { nodeTypes } from '../../nodes/settings';
import { compileProtocol } from '../../src/conversation';
import { read } from '../../src/options/read';
import { readRecording } from '../../src/replay';
import { definitions, validate } from './built';

/** Values of every kind, valid for some options and invalid for others. */
const samples: readonly unknown[] = [
  ...[0, 1, 7, 8, 16, 99, 100, 1000, 8080, 65535, 65536, 2147483, 2147483647, 2147483648, -1, 1.5, Number.NaN],
  ...['0', '8080', ' 12 ', '1.5', '-3', '1e3', 'abc', '12 s', 'true', 'false', 'TRUE', 'yes'],
  ...[true, false, null, undefined, ''],
  ...['ws://127.0.0.1:8080/', 'wss://h', 'http://h/x', 'ftp://h', 'ws://', '//h', 'IPv4', 'ipv6', 'IPv5', 2, 4, 6, 10, 23, 30],
  ...[{}, { 'X-A': '1' }, { 'X A': '1' }, { 'X-A': 'a\nb' }, { 'X-A': {} }, '{"X-A":"1"}', '{"X A":"1"}', '{broken'],
  ...[[], ['a', 'b'], ['a', 'a'], ['a b'], [1], 'a', 'a, b', 'a,a', '["a","b"]', '["a b"]'],
  ...[
    { clientMaxWindowBits: 10 },
    { clientMaxWindowBits: 7 },
    { unknown: 1 },
    { serverNoContextTakeover: 'x' },
    '{"serverMaxWindowBits":15}',
  ],
  ...[
    ['https://a.example'],
    ['https://a.example/b'],
    ['*'],
    ['same host', 'null'],
    'same host',
    'https://a.example, http://b:81',
    ['null', ''],
  ],
  ...[['10.0.0.0/8'], ['10.0.0.0/33'], ['::1', 'fd00::/8'], '127.0.0.1, ::1', 'proxy.example', ['1.2.3.4.5']],
  ...['/chat', '/a b', '/a?b', 'a-b_c.d~e', 'a=b', 'none', 'basic', 'bearer'],
  ...[
    'handler',
    '4DACTION',
    'rest',
    'https://h:1/x',
    'drop',
    'close',
    'message',
    'all',
    'others',
    'event',
    'data',
    'json',
    'SYSTEM',
    'NONE',
    '/etc/ca.pem',
  ],
];

describe('a validator of the forms', () => {
  for (const [type] of Object.entries<CatalogRow>(catalog)) {
    for (const { name, field, kind, credential, typed, typeOf } of propertiesOf(type)) {
      if (credential || nodeTypes[kind] || typed || typeOf) continue;

      it(`takes of ${name} of ${type} what the runtime takes, and no more`, () => {
        for (const value of samples.filter((sample) => !isEmpty(sample) && !isEnv(sample))) {
          assert.equal(
            validate(type, name, value) === true,
            runtimeTakes(value),
            `${JSON.stringify(value)}: ${validate(type, name, value)}`,
          );
        }

        function runtimeTakes(value: unknown): boolean {
          try {
            const taken = read({ [name]: field }, { [name]: value });
            if (name === 'recording') readRecording(taken.recording, 'both');
            else if (kind === 'json') compileProtocol(taken);
            return true;
          } catch {
            return false;
          }
        }
      });
    }
  }

  it('takes two parameters, so that Node-RED shows what it says', () => {
    for (const { defaults } of Object.values(definitions)) {
      for (const { validate } of Object.values(defaults)) assert.ok(validate === undefined || validate.length === 2);
    }
  });

  it('takes a new node as it is', () => {
    for (const [type, { defaults }] of Object.entries(definitions)) {
      const values = Object.fromEntries(Object.entries(defaults).map(([name, { value }]) => [name, value]));
      // A socket is chosen when the node is added, or in its form.
      const asked = Object.keys(values).filter((name) => !defaults[name]?.type?.startsWith('ix-'));
      const wrong = asked.filter((name) => validate(type, name, values[name], values) !== true);
      // An automatically started client, and a hook, require an address.
      assert.deepEqual(wrong, type === 'ix-client' || type === 'ix-4d-hook' ? ['URL'] : []);
    }
  });

  const sentences: readonly [type: string, name: string, value: unknown, sentence: string][] = [
    ['ix-server', 'port', 'abc', 'Port must be a whole number'],
    ['ix-server', 'port', '65536', 'Port must be a whole number from 0 to 65535'],
    ['ix-client', 'pingInterval', '-1', 'Ping interval must be a number of at least 0'],
    ['ix-client', 'URL', '127.0.0.1', 'URL must be a URL that begins with ws:// or wss://, e.g. ws://127.0.0.1:8080/'],
    [
      'ix-client',
      'perMessageDeflateOptions',
      { clientMaxWindowBits: 7 },
      'Compression parameters.clientMaxWindowBits must be a whole number from 8 to 15',
    ],
    ['ix-server', 'allowedOrigins', ['a.example'], 'Allowed origins must be a list of origins without a path, such as https://example.com'],
    ['ix-server', 'trustProxy', ['10.0.0.0/33'], 'Trusted proxies must be a list of addresses or networks, such as'],
    ['ix-server', 'path', 'chat', 'Path must be a path that starts with /'],
    ['ix-server-send', 'to', 'some', 'To must be one of message, sender, all, tag, client, uri, others, session'],
    ['ix-4d-hook', 'URL', 'ws://h/', 'URL must be a URL that begins with http:// or https://'],
    ['ix-4d-hook', 'form', 'soap', 'Call must be one of handler, 4DACTION, rest'],
  ];
  for (const [type, name, value, sentence] of sentences) {
    it(`says: ${sentence}`, () => assert.ok(String(validate(type, name, value)).startsWith(sentence), String(validate(type, name, value))));
  }

  it('asks for a URL while the client is to start with the flows', () => {
    assert.equal(validate('ix-client', 'URL', '', { autoStart: true }), 'URL is required.');
    assert.equal(validate('ix-client', 'URL', '', { autoStart: false }), true);
  });

  it('asks for certificate and key while the server is to speak TLS without a TLS configuration', () => {
    for (const name of ['certFile', 'keyFile']) {
      assert.match(String(validate('ix-server', name, '', { tls: true })), / is required\.$/);
      assert.equal(validate('ix-server', name, '', { tls: true, tlsConfig: 'id' }), true);
      assert.equal(validate('ix-server', name, '', { tls: false }), true);
    }
  });

  it("asks for a path on Node-RED's port, and for no certificate", () => {
    assert.equal(validate('ix-server', 'path', '', { listenOn: 'node-red' }), 'Path is required.');
    assert.equal(validate('ix-server', 'path', '', { listenOn: 'own' }), true);
    assert.equal(validate('ix-server', 'certFile', '', { listenOn: 'node-red', tls: true }), true);
  });

  it('leaves alone what environment variables will bring, also inside lists and objects', () => {
    assert.equal(validate('ix-server', 'port', '${PORT}'), true);
    assert.equal(validate('ix-client', 'URL', 'ws://${HOST}:${PORT}/'), true);
    assert.equal(validate('ix-client', 'headers', { Authorization: 'Bearer ${TOKEN}' }), true);
    assert.equal(validate('ix-client', 'subProtocols', ['a', '${PROTOCOL}']), true);
    assert.equal(validate('ix-client', 'perMessageDeflateOptions', { clientMaxWindowBits: '${BITS}' }), true);
    assert.equal(validate('ix-server', 'allowedOrigins', ['https://a.example', '${ORIGIN}']), true);
    assert.equal(validate('ix-server', 'trustProxy', ['10.0.0.1', '${PROXY}']), true);
  });

  it('checks a typed field as its type says', () => {
    const rows: [name: string, type: string, value: string, expected: true | RegExp][] = [
      ['code', '', 'anything', true],
      ['code', 'num', '1000', true],
      ['code', 'num', '1005', /^Close code must be/],
      ['code', 'msg', 'code', true],
      ['reason', 'str', 'x'.repeat(200), /^Close reason must be/],
      ['reason', 'jsonata', 'x'.repeat(200), true],
      ['target', 'json', '["a"]', true],
      ['target', 'json', '[1]', /^Target must be/],
    ];
    for (const [name, kind, value, expected] of rows) {
      const answer = validate('ix-server-disconnect', name, value, { [`${name}Type`]: kind });
      if (expected === true) assert.equal(answer, true, `${name} ${kind}`);
      else assert.match(String(answer), expected);
    }
  });
});
