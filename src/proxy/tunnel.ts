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

/** What a proxy answered to CONNECT. */
export interface ProxyAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** The connection to the server that a proxy opened, or the answer that says why it did not. */
export type Tunnel = { readonly socket: Socket } | { readonly rejected: ProxyAnswer };

/** The most bytes that the status line and the headers of a proxy's answer may have. */
export const maxProxyAnswer = 16 * 1024;

/**
 * Asks a proxy for a tunnel (CONNECT: RFC 9110, section 9.3.6), for `ws://` too: a proxy that is asked to forward an upgrade may not
 * know how (RFC 6455, section 4.1).
 *
 * @param peer the server, as `host:port`.
 * @param cut ends it, wherever it is.
 * @throws Error as Node reports the network; any error once `cut` is aborted.
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
      // Node would take the name in Host, which is that of the server.
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
        // Node removed its own listener, and that of the next owner comes later.
        socket.on('error', () => {});
        if (status >= 200 && status < 300) {
          keepTcpAlive(socket);
          if (head.length > 0) socket.unshift(head);
          return resolve({ socket });
        }
        // The rest of the answer may be endless.
        socket.destroy();
        const headers = Object.entries(headersDistinct).map(([name, values]) => [name, String(values)]);
        resolve({ rejected: { status, text, headers: Object.fromEntries(headers) } });
      }),
    );
    request.end();
  });
}

/** Connects to the server at the end of a tunnel: the certificate has to be the server's, not the proxy's. */
export function connectThrough(socket: Socket, server: URL, tls: Partial<ClientTls>): Socket {
  if (server.protocol !== 'wss:') return socket;
  const host = bareHost(server);
  return connectTls({ servername: isIP(host) ? '' : host, ...tls, host, socket });
}
