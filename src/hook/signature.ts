import { createHmac } from 'node:crypto';

/** The headers with which 4D can check that a call is ours and new: the time in seconds since 1970, and the HMAC of it and the body. */
export function signatureHeaders(key: string, body: string, now = Date.now()): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac('sha256', key).update(`${timestamp}.${body}`, 'utf8').digest('hex');
  return { 'X-IX-Timestamp': timestamp, 'X-IX-Signature': `sha256=${signature}` };
}
