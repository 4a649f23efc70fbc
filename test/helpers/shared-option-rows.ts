import type { Expected } from './options';

/** The rows of the options that client and server both have, with the same default and the same values. */
export const sharedRows = {
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
} satisfies Record<string, Expected>;
