import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { listening } from './peers';
import { Queue } from './queue';
import { onTeardown } from './teardown';

export interface ProxyServer {
  readonly port: number;
  readonly url: string;
  /** The requests for a tunnel, in order. */
  readonly asked: Queue<IncomingMessage>;
  /** Both ends of each tunnel and of each tunnel request. */
  readonly sockets: Set<Duplex>;
}

export interface ProxyBehaviour {
  /** `user:password`: other credentials, or none, get 407. */
  readonly credentials?: string;
  /** The response instead of a tunnel; none if it is empty. */
  readonly answer?: string;
  /** True if the proxy itself uses TLS. */
  readonly tls?: TlsOptions;
  /** The destination of each tunnel, regardless of the request, for names that do not exist. */
  readonly to?: number;
}

/** Starts an HTTP proxy that only opens tunnels (CONNECT). */
export async function httpProxy({ credentials, answer, tls, to }: ProxyBehaviour = {}): Promise<ProxyServer> {
  const asked = new Queue<IncomingMessage>();
  const sockets = new Set<Duplex>();
  const held = <S extends Duplex>(socket: S): S => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const server: Server = tls ? createHttpsServer(tls) : createServer();
  server.on('request', (_, response) => response.writeHead(501).end());
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request);
    held(socket).once('end', () => socket.destroy());
    if (answer === '') return void socket.resume();
    if (answer) return socket.end(answer);
    const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (expected && request.headers['proxy-authorization'] !== expected) {
      return socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\n\r\n',
      );
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const behind = held(connect(to ?? Number(port || 80), to ? '127.0.0.1' : hostname.replace(/^\[|\]$/g, '')));
    behind.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(behind).pipe(socket);
    });
    behind.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'));
    socket.once('close', () => behind.destroy());
    behind.once('close', () => socket.destroy());
  });
  onTeardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  const port = await listening(server);
  return { port, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, asked, sockets };
}

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

/** Sets the environment's proxies until the test ends, and removes others. */
export function proxyEnvironment(given: Record<string, string>): void {
  const before = variables.map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const name of variables) set(name, given[name]);
  onTeardown(() => {
    for (const [name, value] of before) set(name, value);
  }, 'clock');
}
