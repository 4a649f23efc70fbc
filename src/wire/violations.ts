import { codeOf, messageOf } from '../core/errors';
import type { Ending } from '../core/events';

export interface Violation extends Ending {
  readonly decompressionError: boolean;
}

/** Maps an error code of `ws` to the close code that `ws` sends (RFC 6455, section 7.4.1), and to a reason. */
const violations: Record<string, (message: string, inClose: boolean) => Partial<Violation>> = {
  WS_ERR_EXPECTED_FIN: () => ({ reason: 'Control message fragmented' }),
  WS_ERR_EXPECTED_MASK: () => ({ reason: 'Frame from a client is not masked' }),
  WS_ERR_UNEXPECTED_MASK: () => ({ reason: 'Frame from a server is masked' }),
  WS_ERR_UNEXPECTED_RSV_1: () => ({ reason: 'Reserved bit used' }),
  WS_ERR_UNEXPECTED_RSV_2_3: () => ({ reason: 'Reserved bit used' }),
  WS_ERR_INVALID_OPCODE: (message) => {
    const opcode = Number(/invalid opcode (\d+)/.exec(message)?.[1]);
    if (opcode === 0) return { reason: 'Fragmentation: continuation opcode out of sequence' };
    if (opcode === 1 || opcode === 2) return { reason: 'Fragmentation: data message out of sequence' };
    return { reason: `Protocol error: unknown opcode ${opcode}` };
  },
  WS_ERR_INVALID_CLOSE_CODE: (message) => ({ reason: `Invalid close code: ${/ (\d+)$/.exec(message)?.[1]}`, remote: true }),
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: (message) => {
    // A payload of one byte is too short for a close code. It is valid in every other control frame.
    const length = Number(/ (\d+)$/.exec(message)?.[1]);
    return { reason: `Control frame with invalid payload length: ${length}`, remote: length === 1 };
  },
  WS_ERR_INVALID_UTF8: (_, remote) => ({ code: 1007, reason: 'Invalid frame payload data: not UTF-8', remote }),
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: () => ({ code: 1009, reason: 'Message too big: its length has more than 53 bits' }),
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: () => ({ code: 1009, reason: 'Message too big: larger than maxPayload' }),
  WS_ERR_TOO_MANY_BUFFERED_PARTS: () => ({ code: 1008, reason: 'Message in too many fragments: more than maxFragments' }),
};

export function violation(error: Error, inClose: boolean): Violation {
  const code = codeOf(error);
  const known = violations[code]?.(error.message, inClose);
  const decompressionError = code.startsWith('Z_');
  if (decompressionError) {
    return { code: 1007, reason: 'Invalid frame payload data: cannot be decompressed', remote: false, decompressionError };
  }
  if (!known) return { code: 1006, reason: messageOf(error), remote: false, decompressionError };
  return { code: 1002, reason: 'Protocol error', remote: false, decompressionError, ...known };
}

/** Returns the ending if the peer or the network ended the connection. */
export function peerEnding(code: number, reason: string): Ending {
  if (code === 1006) return { code, reason: 'Abnormal closure', remote: false };
  return { code, reason: code === 1005 ? 'No status code' : reason, remote: true };
}
