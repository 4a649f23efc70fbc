import assert from 'node:assert/strict';
import { peerEnding, violation } from '../../../src/wire/violations';

const failed = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('violation', () => {
  for (const [error, code, reason] of [
    [failed('WS_ERR_EXPECTED_MASK'), 1002, 'Frame from a client is not masked'],
    [
      failed('WS_ERR_INVALID_OPCODE', 'Invalid WebSocket frame: invalid opcode 0'),
      1002,
      'Fragmentation: continuation opcode out of sequence',
    ],
    [failed('WS_ERR_INVALID_OPCODE', 'Invalid WebSocket frame: invalid opcode 2'), 1002, 'Fragmentation: data message out of sequence'],
    [failed('WS_ERR_INVALID_OPCODE', 'Invalid WebSocket frame: invalid opcode 5'), 1002, 'Protocol error: unknown opcode 5'],
    [failed('WS_ERR_INVALID_UTF8'), 1007, 'Invalid frame payload data: not UTF-8'],
    [failed('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'), 1009, 'Message too big: larger than maxPayload'],
    [failed('WS_ERR_TOO_MANY_BUFFERED_PARTS'), 1008, 'Message in too many fragments: more than maxFragments'],
    [failed('Z_DATA_ERROR'), 1007, 'Invalid frame payload data: cannot be decompressed'],
    [failed('ECONNRESET', 'read ECONNRESET'), 1006, 'read ECONNRESET'],
  ] as const) {
    it(`${error.code} closes with ${code}: ${reason}`, () => {
      const found = violation(error, false);
      assert.deepEqual([found.code, found.reason, found.remote], [code, reason, false]);
      assert.equal(found.decompressionError, error.code.startsWith('Z_'));
    });
  }

  it('a wrong close code comes from the peer', () => {
    const { remote, reason } = violation(failed('WS_ERR_INVALID_CLOSE_CODE', 'Invalid WebSocket frame: invalid status code 1005'), true);
    assert.deepEqual([remote, reason], [true, 'Invalid close code: 1005']);
  });

  it('a close frame of one byte comes from the peer, and another control frame that is too long does not', () => {
    const remote = (length: number) =>
      violation(failed('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', `invalid payload length ${length}`), true).remote;
    assert.deepEqual([remote(1), remote(126)], [true, false]);
  });
});

describe('peerEnding', () => {
  for (const [code, reason, ending] of [
    [1006, '', { code: 1006, reason: 'Abnormal closure', remote: false }],
    [1005, '', { code: 1005, reason: 'No status code', remote: true }],
    [4000, 'bye', { code: 4000, reason: 'bye', remote: true }],
  ] as const) {
    it(`of ${code} says who ended the connection, and why`, () => assert.deepEqual(peerEnding(code, reason), ending));
  }
});
