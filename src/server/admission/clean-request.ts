import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** The largest request that is read here, bytes. Node's parser accepts 16 KiB. */
const maxBytes = 8192;
/** The most headers. Node's parser accepts 2000. */
const maxHeaders = 64;

/**
 * A whole request, and nothing after it. The grammar is stricter than that of HTTP (RFC 9112): no fragment, no quotation mark or bracket
 * in the target, one blank at most before a value, no empty value, and only printable ASCII. A line has one way to match, so a
 * mismatch takes linear time.
 */
const request = /^GET (\/[A-Za-z\d\-._~!$&'()*+,;=:@/?%]*) HTTP\/1\.1\r\n((?:[A-Za-z\d-]+: ?[!-~][ -~]*\r\n)+)\r\n$/;

/** Headers that change how the rest of a connection is read, or that Node does not return as text. */
const otherMeaning = new Set(['content-length', 'transfer-encoding', 'trailer', 'te', 'expect', 'proxy-connection', 'set-cookie']);

/** The part of a request that the admission reads. */
type CleanRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'httpVersion' | 'socket'>;

/**
 * Reads an upgrade request that came in one piece and is beyond doubt. Node's parser reads all other requests. It takes longer than all
 * checks of the admission together.
 *
 * A request that is accepted here has the same meaning in Node's parser: `scripts/fuzz-requests.mjs` compares both.
 *
 * @returns `undefined` if Node's parser is to read the request.
 */
export function cleanRequest(chunk: Buffer, socket: Socket): CleanRequest | undefined {
  if (chunk.length > maxBytes) return undefined;
  const match = request.exec(chunk.toString('latin1'));
  if (!match) return undefined;
  const [, url = '', lines = ''] = match;
  const headers: IncomingHttpHeaders = {};
  const rawHeaders: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf('\r\n', at);
    const colon = lines.indexOf(':', at);
    const name = lines.slice(at, colon);
    const value = lines.slice(lines[colon + 1] === ' ' ? colon + 2 : colon + 1, end);
    const key = name.toLowerCase();
    // A repeated header, and names such as `constructor`.
    if (key in headers || otherMeaning.has(key) || value.endsWith(' ')) return undefined;
    headers[key] = value;
    rawHeaders.push(name, value);
    at = end + 2;
  }
  if (rawHeaders.length > 2 * maxHeaders || !isUpgrade(headers)) return undefined;
  return { method: 'GET', url, headers, rawHeaders, httpVersion: '1.1', socket };
}

/** Returns true if a request asks for a WebSocket and nothing else. */
const isUpgrade = ({ host, upgrade, connection }: IncomingHttpHeaders) =>
  host !== undefined && upgrade?.toLowerCase() === 'websocket' && connection !== undefined && /^(keep-alive, ?)?upgrade$/i.test(connection);
