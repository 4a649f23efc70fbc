import { unmarked } from '../hook/json';
import { HttpFault } from './http-fault';

/**
 * Decodes the message of a call: `{ "$base64": "…" }` is bytes.
 *
 * @throws HttpFault 400 if that is not Base64. `Buffer.from` would skip what it does not know.
 */
export function decodeMessage(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '$base64') && Object.keys(value).length === 1) {
    if (!isBase64((value as { $base64: unknown }).$base64)) throw new HttpFault(400, 'The $base64 of the message is not Base64.');
  }
  return unmarked(value);
}

/** Base64 or Base64url, with or without padding and line breaks. */
function isBase64(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  const [, digits = '', padding = ''] = /^([\w+/-]*)(={0,2})$/.exec(text.replace(/\s+/g, '')) ?? [];
  if (digits === '' && text.trim() !== '') return false;
  return digits.length % 4 !== 1 && (padding === '' || (digits.length + padding.length) % 4 === 0);
}
