import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Guard } from '../../core/log';
import { cleanRequest } from './clean-request';

const noBytes = Buffer.alloc(0);

/**
 * Reads the first request of an accepted connection. Node's HTTP server reads it, unless it is clean and the first piece of data is all
 * of it.
 *
 * @param upgrade called as for the `upgrade` event of the HTTP server. It must begin to read the socket, or end it.
 */
export function readRequest(
  socket: Socket,
  http: HttpServer,
  upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
  guard: Guard,
): void {
  const stop = () => socket.off('data', onData).off('end', onEnd);
  const onData = guard((chunk: Buffer) => {
    stop();
    const request = cleanRequest(chunk, socket);
    if (request) return upgrade(request as IncomingMessage, socket, noBytes);
    socket.pause();
    socket.unshift(chunk);
    http.emit('connection', socket);
    socket.resume();
  });
  // The client has ended the connection without a request.
  const onEnd = guard(() => {
    stop();
    socket.end();
  });
  socket.on('data', onData).on('end', onEnd);
}
