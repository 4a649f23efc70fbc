// One WebSocket connection of the generator, on a plain socket.
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { closeFrame } from './frames.mjs';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
/** Returns the accept value of this key (RFC 6455, section 1.3). */
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
/** One buffer for all connections, because its content is processed before the next read. */
const shared = Buffer.allocUnsafe(256 * 1024);

/**
 * Connects and upgrades.
 *
 * @param target `{ port, path, tls }`
 * @param onBytes gets a buffer and the number of valid bytes; they are overwritten after the call.
 * @param deflate true offers permessage-deflate
 * @param timeoutMs how long the upgrade may take without an answer
 */
export function open({ port, path, tls }, onBytes, { deflate = false, timeoutMs = 10_000 } = {}) {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const handshake = (bytes, size) => {
      answer = Buffer.concat([answer, bytes.subarray(0, size)]);
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = answer.toString('latin1', 0, end);
      const refusal = refused(head, deflate);
      if (refusal) return socket.destroy(new Error(refusal));
      receive = onBytes;
      socket.off('close', closedEarly);
      socket.setTimeout(0, unanswered);
      resolve(socket);
      if (answer.length > end + 4) receive(answer.subarray(end + 4), answer.length - end - 4);
    };
    let receive = handshake;
    const closedEarly = () => reject(new Error('The connection was closed before it was open.'));
    const unanswered = () => socket.destroy(new Error(`The upgrade was not answered for ${timeoutMs / 1000} s.`));
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false };
    const onread = {
      buffer: shared,
      callback: (size, buffer) => {
        receive(buffer, size);
        return true;
      },
    };
    const socket = tls ? connectTls(options) : connectTcp({ ...options, onread });
    if (tls) socket.on('data', (chunk) => receive(chunk, chunk.length));
    socket.setNoDelay(true);
    socket.setTimeout(timeoutMs, unanswered);
    socket.once('error', reject);
    socket.on('error', () => {});
    socket.once('close', closedEarly);
    socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(request(path, deflate)));
  });
}

const request = (path, deflate) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    // The offer of browsers.
    ...(deflate ? ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'] : []),
    '\r\n',
  ].join('\r\n');

function refused(head, deflate) {
  if (!head.startsWith('HTTP/1.1 101')) return `The upgrade was answered with: ${head.split('\r\n')[0]}`;
  if (!head.includes(accept)) return 'Sec-WebSocket-Accept is wrong.';
  if (/permessage-deflate/.test(head) !== deflate)
    return deflate ? 'permessage-deflate was not granted.' : 'permessage-deflate was granted unasked.';
  return undefined;
}

/** Closes with 1000 and waits until the server has ended the connection. */
export function leave(socket) {
  return new Promise((resolve) => {
    if (socket.closed) return resolve();
    const timer = setTimeout(() => socket.destroy(), 2000);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.resume();
    socket.write(closeFrame);
  });
}

/** Runs an action for each item, with limited concurrency. */
export async function inTurns(count, atOnce, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      results[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return results;
}
