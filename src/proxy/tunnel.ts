import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Headers } from '../core/events';
import { guardWith } from '../core/log';
import { bareHost } from '../net/address';
import { keepTcpAlive } from '../net/tcp-keep-alive';
import type { ClientTls } from '../tls/context';
import type { HttpProxy } from './find-proxy';

/** A proxy's response to CONNECT. */
export interface ProxyAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** The connection to the server that a proxy opened, or the response with which it rejected the request. */
export type Tunnel = { readonly socket: Socket } | { readonly rejected: ProxyAnswer };

/** The maximum size of the status line and headers of a proxy's response, bytes. */
export const maxProxyAnswer = 16 * 1024;

/**
 * Requests a tunnel from a proxy (CONNECT: RFC 9110, section 9.3.6), for `ws://` too. A proxy may be unable to forward an upgrade request
 * (RFC 6455, section 4.1).
 *
 * @param peer the server, as `host:port`.
 * @param cut aborts the request in any phase.
 * @throws Error of Node for a network failure; any error after `cut` was aborted.
 */
export function openTunnel({ url, authorization }: HttpProxy, peer: string, cut: AbortSignal): Promise<Tunnel> {
  const host = bareHost(url);
  const [send, port] = url.protocol === 'https:' ? [secureRequest, 443] : [plainRequest, 80];
  return new Promise((resolve, reject) => {
    const request = send({
      method: 'CONNECT',
      host,
      port: Number(url.port) || port,
      path: peer,
      headers: { Host: peer, ...(authorization && { 'Proxy-Authorization': authorization }) },
      // By default, Node uses the name in Host, which is that of the server.
      servername: isIP(host) ? '' : host,
      agent: false,
      maxHeaderSize: maxProxyAnswer,
      signal: cut,
    });
    const guard = guardWith((cause) => {
      request.destroy();
      reject(cause);
    });
    request.on('error', reject);
    request.once(
      'connect',
      guard(({ statusCode: status = 0, statusMessage: text = '', headersDistinct }, socket, head) => {
        // Node has removed its own listener, and the next owner adds its listener later.
        socket.on('error', () => {});
        if (status >= 200 && status < 300) {
          keepTcpAlive(socket);
          if (head.length > 0) socket.unshift(head);
          return resolve({ socket });
        }
        // The rest of the response may be endless.
        socket.destroy();
        const headers = Object.entries(headersDistinct).map(([name, values]) => [name, String(values)]);
        resolve({ rejected: { status, text, headers: Object.fromEntries(headers) } });
      }),
    );
    request.end();
  });
}

/** Connects to the server at the end of a tunnel. The certificate must be that of the server, not that of the proxy. */
export function connectThrough(socket: Socket, server: URL, tls: Partial<ClientTls>): Socket {
  if (server.protocol !== 'wss:') return socket;
  const host = bareHost(server);
  return connectTls({ servername: isIP(host) ? '' : host, ...tls, host, socket });
}
