import assert from 'node:assert/strict';
import { serverOptions } from '../../../src/options/server';
import { describeOptions } from '../../helpers/options';
import { sharedRows } from '../../helpers/shared-option-rows';

const tlsNode = { addTLSOptions: (options: Record<string, unknown>) => options };

describeOptions('serverOptions', serverOptions, {
  ...sharedRows,
  maxRetained: {
    absent: 1000,
    good: [
      [0, 0],
      ['50', 50],
    ],
    bad: [-1, 1.5, 'many'],
  },
  maxRetainedBytes: {
    absent: 16777216,
    good: [
      [0, 0],
      ['1024', 1024],
    ],
    bad: [-1, 1.5, 2147483648],
  },
  retainSecs: {
    absent: undefined,
    good: [
      [0, 0],
      ['0.5', 0.5],
    ],
    bad: [-1, 'soon', 2147484],
  },
  history: {
    absent: 1,
    good: [['3', 3]],
    bad: [0, 1.5, -1],
  },
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
