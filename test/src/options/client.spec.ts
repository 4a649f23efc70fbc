import { clientOptions } from '../../../src/options/client';
import { describeOptions } from '../../helpers/options';
import { sharedRows } from '../../helpers/shared-option-rows';

const tlsNode = { addTLSOptions: (options: Record<string, unknown>) => options };
const proxyNode = { url: 'http://proxy.example:3128' };

describeOptions('clientOptions', clientOptions, {
  ...sharedRows,
  URL: {
    absent: undefined,
    good: [
      ['ws://host/', 'ws://host/'],
      ['https://host/', 'https://host/'],
    ],
    bad: ['host', 80, 'ftp://host/', ''],
  },
  headers: {
    absent: {},
    good: [
      [{ A: 'b' }, { A: 'b' }],
      ['{"A":"b"}', { A: 'b' }],
    ],
    bad: ['A: b', [], { A: 'b\n' }],
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
    bad: [['a', 'a'], [' '], 5],
  },
  pingInterval: {
    absent: undefined,
    good: [
      [30, 30],
      ['30', 30],
      [0, 0],
      [0.5, 0.5],
    ],
    bad: [-1, 'soon', true, 2147484],
  },
  enablePong: {
    absent: true,
    good: [
      [false, false],
      ['false', false],
      ['true', true],
    ],
    bad: [0, 'no', null],
  },
  followRedirects: {
    absent: 'same-host',
    good: [
      ['any', 'any'],
      ['none', 'none'],
      ['same-host', 'same-host'],
    ],
    bad: [true, '', 'all', 'ANY'],
  },
  proxy: { absent: undefined, good: [[proxyNode, proxyNode]], bad: ['a1b2', {}, 'http://proxy.example:3128'] },
  user: { absent: undefined, good: [['ann', 'ann']], bad: [5, {}] },
  password: { absent: undefined, good: [['pw', 'pw']], bad: [5, {}] },
  caFile: {
    absent: undefined,
    good: [
      ['NONE', 'NONE'],
      ['/ca.pem', '/ca.pem'],
    ],
    bad: [false, null],
  },
  ciphers: {
    absent: undefined,
    good: [
      ['DEFAULT', 'DEFAULT'],
      ['', ''],
    ],
    bad: [5, []],
  },
  tlsConfig: { absent: undefined, good: [[tlsNode, tlsNode]], bad: ['a1b2', {}] },
  enableAutomaticReconnection: {
    absent: true,
    good: [
      [false, false],
      ['false', false],
    ],
    bad: [0, ''],
  },
  minWaitBetweenReconnectionRetries: {
    absent: 100,
    good: [
      [1, 1],
      ['250', 250],
      [2147483647, 2147483647],
    ],
    bad: [0, -1, 2147483648, 'fast'],
  },
  maxWaitBetweenReconnectionRetries: {
    absent: 10000,
    good: [
      [100, 100],
      ['500', 500],
      [2147483647, 2147483647],
    ],
    bad: [99, 0, 2147483648],
  },
  jitter: {
    absent: false,
    good: [
      [true, true],
      ['true', true],
    ],
    bad: [1, 'full'],
  },
  retryFirstConnect: {
    absent: false,
    good: [
      [true, true],
      ['true', true],
    ],
    bad: [1, 'yes'],
  },
  handshakeTimeoutSecs: {
    absent: 60,
    good: [
      [0.5, 0.5],
      ['5', 5],
      [2147483, 2147483],
    ],
    bad: [0, -1, 2147484],
  },
  enablePerMessageDeflate: {
    absent: false,
    good: [
      [true, true],
      ['true', true],
    ],
    bad: [1, 'on'],
  },
  perMessageDeflateOptions: {
    absent: undefined,
    good: [
      [{ clientMaxWindowBits: 9 }, { clientMaxWindowBits: 9 }],
      [{}, {}],
    ],
    bad: [true, { level: 1 }, { serverMaxWindowBits: 16 }],
  },
  maxPayload: {
    absent: 104857600,
    good: [
      [0, 0],
      ['1024', 1024],
      [2147483647, 2147483647],
    ],
    bad: [-1, 1.5, 2147483648],
  },
  stableAfterMs: {
    absent: 5000,
    good: [
      [0, 0],
      ['250', 250],
      [2147483647, 2147483647],
    ],
    bad: [-1, 'soon', 2147483648],
  },
  maxAgeSecs: {
    absent: undefined,
    good: [
      [0, 0],
      ['3600', 3600],
    ],
    bad: [-1, 'soon', 2147484],
  },
  maxRetries: {
    absent: undefined,
    good: [
      [0, 0],
      ['3', 3],
    ],
    bad: [-1, 1.5, 'many', 2147483648],
  },
  idleTimeoutSecs: {
    absent: undefined,
    good: [
      [0, 0],
      [0.5, 0.5],
    ],
    bad: [-1, 'soon', 2147484],
  },
  queueSize: {
    absent: undefined,
    good: [
      [100, 100],
      ['100', 100],
      [0, 0],
    ],
    bad: [-1, 1.5, 'many'],
  },
  queueBytes: { absent: 16777216, good: [['1000', 1000]], bad: [0, -1, 0.5] },
  queueTtlSecs: {
    absent: undefined,
    good: [
      [0.5, 0.5],
      [0, 0],
    ],
    bad: [-1, 'soon', 2147484],
  },
  queueFull: { absent: 'refuse', good: [['drop-oldest', 'drop-oldest']], bad: ['drop', true] },
  queueKey: { absent: undefined, good: [['device.id', 'device.id']], bad: ['', 'a..b', '__proto__', {}] },
});
