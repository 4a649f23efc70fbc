import { messageOf, optionError } from '../../src/index';
import type { Composed } from '../composed';

/**
 * Returns the message that a user has written.
 *
 * @param hasProtocol JSON is a value, which the protocol encodes, and not a text.
 * @throws SocketError `ERR_OPTION` for text that cannot be parsed as JSON.
 */
export function messageFrom({ as, data }: Composed, hasProtocol: boolean): unknown {
  if (as === 'base64') return Buffer.from(data, 'base64');
  if (as === 'text') return data;
  try {
    const value: unknown = JSON.parse(data);
    return hasProtocol || as === 'request' ? value : data;
  } catch (error) {
    throw optionError(`The message must be JSON: ${messageOf(error)}. Correct it, or send it as text.`);
  }
}
