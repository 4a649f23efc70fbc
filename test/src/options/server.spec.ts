import assert from 'node:assert/strict';
import { serverOptions } from '../../../src/options/server';
import { describeOptions } from '../../helpers/options';

const tlsNode = { addTLSOptions: (options: Record<string, unknown>) => options };

describeOptions('serverOptions', serverOptions, {
  listenOn: {
    absent: 'own',
    good: [
      ['own', 'own'],
      ['node-red', 'node-red'],
    ],
    bad: ['shared', '', 80],
  },
  port: {
    absent: 8080,
    good: [
      [0, 0],
      ['9000', 9000],
      [65535, 65535],
    ],
    bad: [-1, 65536, 80.5, 'http'],
  },
  host: {
    absent: undefined,
    good: [
      ['0.0.0.0', '0.0.0.0'],
      ['localhost', 'localhost'],
    ],
    bad: [127, null],
  },
  addressFamily: {
    absent: 4,
    good: [
      [2, 4],
      [4, 4],
      ['IPv4', 4],
      [6, 6],
      [10, 6],
      [23, 6],
      [30, 6],
      ['IPv6', 6],
    ],
    bad: [0, 1, 'inet', null],
  },
  subProtocols: {
    absent: undefined,
    good: [
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
      ['a,b', ['a', 'b']],
    ],
    bad: [['a', 'a'], ['a b'], 5],
  },
  protocol: {
    absent: undefined,
    good: [
      ['json-rpc-2.0', 'json-rpc-2.0'],
      [{ format: 'json' }, { format: 'json' }],
    ],
    bad: ['', 5, ['json']],
  },
  secrets: {
    absent: undefined,
    good: [
      [{ token: 'a' }, { token: 'a' }],
      ['{"token":"a"}', { token: 'a' }],
    ],
    bad: ['token', { token: 5 }, []],
  },
  pingInterval: {
    absent: undefined,
    good: [
      [30, 30],
      ['30', 30],
      [0, 0],
    ],
    bad: [-1, 'soon', true],
  },
  enablePong: {
    absent: true,
    good: [
      [false, false],
      ['false', false],
    ],
    bad: [0, 'no'],
  },
  path: {
    absent: undefined,
    good: [
      ['/ocpp/:id', '/ocpp/:id'],
      ['/ocpp/*', '/ocpp/*'],
      ['/chat', '/chat'],
      ['', ''],
    ],
    bad: ['chat', '/a?b', '/:a/:a', '/*/a', 5],
  },
  healthPath: {
    absent: undefined,
    good: [
      ['/healthz', '/healthz'],
      ['', ''],
    ],
    bad: ['healthz', '/a?b', 5],
  },
  allowedOrigins: {
    absent: ['same host'],
    good: [
      [['*'], ['*']],
      [
        ['https://example.com', 'same host'],
        ['https://example.com', 'same host'],
      ],
      ['https://example.com', ['https://example.com']],
    ],
    bad: [['example.com'], ['https://example.com/app'], true, ''],
  },
  auth: {
    absent: 'none',
    good: [
      ['none', 'none'],
      ['basic', 'basic'],
      ['bearer', 'bearer'],
    ],
    bad: ['digest', '', true],
  },
  user: { absent: undefined, good: [['ann', 'ann']], bad: [5, null] },
  password: { absent: undefined, good: [['sesame', 'sesame']], bad: [5, null] },
  token: { absent: undefined, good: [['sesame', 'sesame']], bad: [5, null] },
  tokenParameter: {
    absent: undefined,
    good: [
      ['access_token', 'access_token'],
      ['', ''],
    ],
    bad: ['a b', 5],
  },
  tokenSubProtocol: {
    absent: undefined,
    good: [
      ['bearer.', 'bearer.'],
      ['', ''],
    ],
    bad: ['a b', 'a,', 5],
  },
  subProtocolFallback: {
    absent: 'none',
    good: [
      ['none', 'none'],
      ['first', 'first'],
    ],
    bad: ['last', '', true],
  },
  trustProxy: {
    absent: [],
    good: [
      [['127.0.0.1'], ['127.0.0.1']],
      ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
    ],
    bad: [['proxy.example'], ['10.0.0.0/99'], true],
  },
  tls: {
    absent: false,
    good: [
      [true, true],
      ['true', true],
    ],
    bad: [1, 'on'],
  },
  certFile: { absent: undefined, good: [['/a.pem', '/a.pem']], bad: [5, null] },
  keyFile: { absent: undefined, good: [['/a.key', '/a.key']], bad: [5, null] },
  passphrase: { absent: undefined, good: [['sesame', 'sesame']], bad: [5, null] },
  caFile: { absent: undefined, good: [['SYSTEM', 'SYSTEM']], bad: [true, null] },
  ciphers: { absent: undefined, good: [['HIGH', 'HIGH']], bad: [5, []] },
  tlsConfig: { absent: undefined, good: [[tlsNode, tlsNode]], bad: ['a1b2', {}] },
  enablePerMessageDeflate: {
    absent: true,
    good: [
      [false, false],
      ['false', false],
    ],
    bad: [0, 'off'],
  },
  perMessageDeflateOptions: {
    absent: undefined,
    good: [[{ serverNoContextTakeover: 'true' }, { serverNoContextTakeover: true }]],
    bad: [true, { threshold: 0 }, { clientMaxWindowBits: 7 }],
  },
  maxConnections: {
    absent: 128,
    good: [
      [0, 0],
      ['1', 1],
    ],
    bad: [-1, 1.5, 'many'],
  },
  maxConnectionsPerIp: {
    absent: undefined,
    good: [
      [0, 0],
      ['5', 5],
    ],
    bad: [-1, 1.5, 'many'],
  },
  maxRefusalsPerAddress: {
    absent: 5,
    good: [
      [0, 0],
      ['5', 5],
    ],
    bad: [-1, 1.5, 1001],
  },
  backlog: {
    absent: 511,
    good: [
      [0, 0],
      ['511', 511],
    ],
    bad: [-1, 1.5, 65536],
  },
  handshakeTimeoutSecs: {
    absent: 3,
    good: [
      [0.1, 0.1],
      ['10', 10],
    ],
    bad: [0, -1, 2147484],
  },
  tlsTimeoutSecs: {
    absent: 10,
    good: [
      [0.1, 0.1],
      ['30', 30],
    ],
    bad: [0, -1, 2147484],
  },
  maxPayload: {
    absent: 5242880,
    good: [
      [0, 0],
      ['1024', 1024],
    ],
    bad: [-1, 1.5],
  },
  maxMessagesPerSecond: {
    absent: undefined,
    good: [
      [0, 0],
      ['100', 100],
    ],
    bad: [-1, 1.5, 'many', 2147483648],
  },
  maxBytesPerSecond: {
    absent: undefined,
    good: [
      [0, 0],
      ['1024', 1024],
    ],
    bad: [-1, 1.5, 2147483648],
  },
  idleTimeoutSecs: {
    absent: undefined,
    good: [
      [0, 0],
      [0.5, 0.5],
      ['60', 60],
    ],
    bad: [-1, 'soon', 2147484],
  },
  closeTimeoutMs: {
    absent: 300,
    good: [
      [10, 10],
      ['5000', 5000],
      [60000, 60000],
    ],
    bad: [9, 60001, 'soon', 0],
  },
  maxFragments: {
    absent: 16384,
    good: [
      [0, 0],
      ['10', 10],
    ],
    bad: [-1, 1.5, 2147483648],
  },
  maxBufferedAmount: {
    absent: 16777216,
    good: [
      [0, 0],
      ['1024', 1024],
      [2147483647, 2147483647],
    ],
    bad: [-1, 1.5, 2147483648],
  },
  maxBufferedMessages: {
    absent: 10000,
    good: [
      [0, 0],
      ['10', 10],
    ],
    bad: [-1, 1.5, 2147483648],
  },
  maxSendsPerSecond: {
    absent: undefined,
    good: [
      [10, 10],
      ['0.5', 0.5],
      [0, 0],
    ],
    bad: [-1, 'fast', 1000001],
  },
  sendBurst: {
    absent: 1,
    good: [['5', 5]],
    bad: [0, 1.5, -1],
  },
  sendTimeoutSecs: {
    absent: 60,
    good: [
      [0, 0],
      [0.5, 0.5],
      ['60', 60],
    ],
    bad: [-1, 'soon', 2147484],
  },
  slowReaders: {
    absent: 'close',
    good: [
      ['drop', 'drop'],
      ['close', 'close'],
    ],
    bad: ['wait', '', true],
  },
  maxBufferedTotal: {
    absent: undefined,
    good: [
      [0, 0],
      ['1024', 1024],
      [8589934592, 8589934592],
    ],
    bad: [-1, 1.5, 'all'],
  },
});

it('the options that a server fixes at create are the six of the plugin, and listenOn', () => {
  const fixed = Object.entries(serverOptions).filter(([, field]) => 'fixed' in field && field.fixed);
  assert.deepEqual(fixed.map(([name]) => name).sort(), [
    'addressFamily',
    'backlog',
    'handshakeTimeoutSecs',
    'host',
    'listenOn',
    'maxConnections',
    'port',
  ]);
});
