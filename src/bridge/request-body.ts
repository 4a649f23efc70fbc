import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { guardWith } from '../core/log';
import { HttpFault } from './http-fault';

/**
 * Reads the body of a call. Bytes above the limit are not kept: an announced length above it is rejected before the body is read, and a
 * body without a length when the limit is passed. The limit also holds after inflation.
 *
 * @throws HttpFault 400, 413 or 415
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Record<string, unknown>> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity', 'content-length': length } = request.headers;
  if (length !== undefined && Number(length) > maxBytes) throw tooLarge(maxBytes);
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new HttpFault(415, 'The Content-Type must be application/json.');
  const source = decode(request, encoding.toLowerCase());
  const bytes = await collect(request, source, maxBytes);
  let value: unknown;
  let text: string;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new HttpFault(400, 'The body is not JSON in UTF-8. Send a JSON object.');
  }
  if (isTooDeep(text)) throw new HttpFault(400, `The body is nested more than ${maxDepth} levels deep. Send a flatter object.`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpFault(400, 'The body is not a JSON object. Send the socket object of the command.');
  }
  return value as Record<string, unknown>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
/** Maximum depth of a body. Functions that visit a deeper value overflow the stack. */
const maxDepth = 500;

/** Returns whether lists and objects of a JSON text are nested deeper than the limit. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  // A text that is not closed ends with the body; tried from each of its quotes again, it would take quadratic time.
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[[\]{}]/gs)) {
    if (bracket === '[' || bracket === '{') depth++;
    else if (bracket === ']' || bracket === '}') depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}

const tooLarge = (maxBytes: number) => new HttpFault(413, `The body is larger than ${maxBytes} bytes (maxBody).`);

function decode(request: IncomingMessage, encoding: string): Readable {
  if (encoding === 'identity' || encoding === '') return request;
  if (encoding === 'gzip' || encoding === 'x-gzip') return request.pipe(createGunzip());
  throw new HttpFault(415, 'The Content-Encoding must be gzip, or absent.');
}

function collect(request: IncomingMessage, source: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const guard = guardWith(reject);
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (error: Error) => {
      request.unpipe();
      if (source !== request) source.destroy();
      source.removeAllListeners('data');
      reject(error);
    };
    source.on(
      'data',
      guard((chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) stop(tooLarge(maxBytes));
        else chunks.push(chunk);
      }),
    );
    source.once(
      'end',
      guard(() => resolve(Buffer.concat(chunks))),
    );
    source.once(
      'error',
      guard(() => stop(new HttpFault(400, 'The body cannot be read. Check Content-Encoding and Content-Length.'))),
    );
    request.once(
      'close',
      guard(() => {
        // It also closes after the last byte, which may not be inflated yet.
        if (!request.complete) stop(new HttpFault(400, 'The connection ended before the end of the body.'));
      }),
    );
  });
}
