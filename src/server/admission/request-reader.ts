import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Guard } from '../../core/log';
import { cleanRequest } from './clean-request';

const noBytes = Buffer.alloc(0);

/**
 * Reads the first request of an accepted connection. Node's HTTP server reads it, unless it is clean and the first piece of data is all
 * of it.
 *
 * @param leave hands the socket to the HTTP server.
 * @param upgrade called as for the `upgrade` event of the HTTP server. It must begin to read the socket, or end it.
 */
export function readRequest(
  socket: Socket,
  leave: (socket: Socket) => void,
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
    leave(socket);
    socket.resume();
  });
  // The client has ended the connection without a request.
  const onEnd = guard(() => {
    stop();
    socket.end();
  });
  socket.on('data', onData).on('end', onEnd);
}

/**
 * Passes the connections of an HTTPS server to a callback when their TLS handshake has succeeded, before the server reads them.
 *
 * @param secured gets the connection, and the function that hands it to the server.
 */
export function interceptSecured(
  server: HttpServer,
  secured: (socket: TLSSocket, leave: (socket: Socket) => void) => void,
  guard: Guard,
): void {
  const own = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  const leave = (socket: Socket) => {
    for (const listener of own) listener.call(server, socket);
  };
  server.on(
    'secureConnection',
    guard((socket: TLSSocket) => secured(socket, leave)),
  );
}
