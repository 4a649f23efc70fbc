import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ring } from '../frames.mjs';
import { gauge } from '../gauge.mjs';
import { check, Lane, settled } from '../lane.mjs';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A server that the peer connects to: it keeps a fixed number of messages in flight, and the client of the peer echoes each. */
export async function clientEcho({ target, listenOn, window, size, seconds, warmup, timeoutMs }) {
  const lane = new Lane(ring(size, window * 2, { masked: false }));
  const server = createServer();
  const connected = upgraded(server, lane);
  server.listen(listenOn, '127.0.0.1');
  await once(server, 'listening');
  try {
    lane.use(await Promise.race([connected, late(timeoutMs)]));
    let running = true;
    lane.onRead = () => {
      const room = window - (lane.sent - lane.received);
      if (running && room > 0 && !lane.problem) lane.send(room);
    };
    lane.send(window);
    await sleep(warmup * 1000);
    const before = lane.received;
    const used = gauge(target);
    await sleep(seconds * 1000);
    const measured = { count: lane.received - before, ...used() };
    running = false;
    check([lane]);
    await settled([lane], () => lane.sent, timeoutMs);
    return measured;
  } finally {
    lane.leaving = true;
    lane.socket?.destroy();
    server.close();
  }
}

const late = async (timeoutMs) => {
  await sleep(timeoutMs, undefined, { ref: false });
  throw new Error(`No client connected within ${timeoutMs / 1000} s.`);
};

/** Resolves to the socket of the first client that has upgraded. Its further bytes go to the lane. */
const upgraded = (server, lane) =>
  new Promise((resolve) => {
    server.on('connection', (socket) => {
      let request = '';
      const read = lane.reader();
      const handshake = (chunk) => {
        request += chunk.toString('latin1');
        if (!request.endsWith('\r\n\r\n')) return;
        socket.off('data', handshake).on('data', (bytes) => read(bytes, bytes.length));
        const key = /^sec-websocket-key: *(\S+)/im.exec(request)[1];
        const accept = createHash('sha1').update(`${key}${guid}`).digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
        resolve(socket);
      };
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('data', handshake);
    });
  });
