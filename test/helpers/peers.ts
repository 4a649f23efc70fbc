import { createHash } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { type Frame, FrameReader, frame, wireSizes } from './frames';
import { Queue, within } from './queue';
import { onTeardown } from './teardown';

/** Listens on a free port until the test ends, and then ends every connection too. */
export async function listening(server: Server, port = 0, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  onTeardown(() => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    return closed;
  });
  await within(
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    }),
    'a listening peer',
  );
  return (server.address() as AddressInfo).port;
}

/** Starts a TCP server that runs a callback for each connection, by default none. @returns its port. */
export const tcpServer = (onConnection: (socket: Socket) => void = () => {}, port = 0): Promise<number> =>
  listening(createTcpServer(onConnection), port);

/** Starts a TLS server, like `tcpServer`. */
export const tlsServer = (options: TlsOptions, onConnection: (socket: Socket) => void = () => {}): Promise<number> =>
  listening(
    createTlsServer(options, (socket) => {
      socket.on('error', () => {});
      onConnection(socket);
    }),
  );

/** Starts an HTTP server that answers upgrade requests with plain HTTP too. */
export const httpServer = (answer: RequestListener, port = 0): Promise<number> => listening(createHttpServer(answer), port);

/** Returns a port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await within(new Promise((resolve) => server.once('listening', resolve)), 'a free port');
  const { port } = server.address() as AddressInfo;
  await within(new Promise((resolve) => server.close(resolve)), 'the port to be free');
  return port;
}

/** A peer built on `ws`, which queues received messages. */
export class Peer {
  readonly messages = new Queue<{ data: string | Buffer; binary: boolean }>();
  readonly closes = new Queue<{ code: number; reason: string }>();
  readonly pings = new Queue<string>();
  readonly pongs = new Queue<string>();

  constructor(
    readonly ws: WebSocket,
    /** Servers: the upgrade request. */
    readonly request?: IncomingMessage,
  ) {
    ws.on('message', (data: Buffer, binary) => this.messages.push({ data: binary ? data : data.toString(), binary }));
    ws.on('close', (code, reason) => this.closes.push({ code, reason: reason.toString() }));
    ws.on('ping', (data) => this.pings.push(data.toString()));
    ws.on('pong', (data) => this.pongs.push(data.toString()));
    ws.on('error', () => {});
  }
}

export interface PeerServer {
  readonly port: number;
  readonly url: string;
  /** The peers that connected, in order. */
  readonly peers: Queue<Peer>;
  /** Stops listening and resets every connection, like a server that fails. */
  die(): Promise<void>;
}

/** A server built on `ws`. */
export async function wsServer({ tls, port = 0, ...options }: ServerOptions & { tls?: TlsOptions } = {}): Promise<PeerServer> {
  const peers = new Queue<Peer>();
  const http = tls ? createHttpsServer(tls) : createHttpServer();
  const wss = new WebSocketServer({ server: http, ...options });
  wss.on('error', () => {});
  wss.on('connection', (ws, request) => peers.push(new Peer(ws, request)));
  const bound = await listening(http, port);
  return {
    port: bound,
    url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${bound}/`,
    peers,
    async die() {
      const closed = new Promise((resolve) => http.close(resolve));
      for (const { ws } of peers.all) ws.terminate();
      http.closeAllConnections();
      await within(closed, 'the death of a server');
    },
  };
}

/** A client built on `ws`, connected; without compression unless the test asks for it. */
export async function wsClient(url: string, protocols: string[] = [], options: ClientOptions = {}): Promise<Peer> {
  const ws = new WebSocket(url, protocols, { perMessageDeflate: false, ...options });
  const peer = new Peer(ws);
  onTeardown(() => ws.terminate());
  await within(
    new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    }),
    `a connection to ${url}`,
  );
  return peer;
}

/** The first line and the headers of an HTTP message; header names in lower case. */
export interface Head {
  readonly line: string;
  readonly headers: Record<string, string>;
}

function parseHead(text: string): Head {
  const [line = '', ...rest] = text.split('\r\n');
  const headers = rest
    .filter(Boolean)
    .map((header) => [header.slice(0, header.indexOf(':')).toLowerCase(), header.slice(header.indexOf(':') + 1).trim()]);
  return { line, headers: Object.fromEntries(headers) };
}

/** One end of a connection whose frames are written by the test. */
export class RawPeer {
  readonly frames = new Queue<Frame>();
  /** Resolves when the TCP connection has ended. */
  readonly ended: Promise<void>;
  /** TLS: the name in the other end's certificate, if any. */
  readonly certified: string | undefined;
  private readonly reader = new FrameReader();

  constructor(
    readonly socket: Socket,
    /** Of the request (servers) or the response (clients). */
    readonly head: Head,
    private readonly masked: boolean,
    first: Buffer,
  ) {
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    this.certified = socket instanceof TLSSocket ? socket.getPeerCertificate()?.subject?.CN?.toString() : undefined;
    this.feed(first);
    socket.on('data', (chunk) => this.feed(chunk));
  }

  send(opcode: number, payload?: string | Buffer, options: { fin?: boolean; rsv?: number; masked?: boolean } = {}): void {
    this.socket.write(frame(opcode, payload, { masked: this.masked, ...options }));
  }

  /** Resolves with the code and reason of the next frame, a close frame. */
  async close(): Promise<{ code: number | undefined; reason: string }> {
    for (;;) {
      const { opcode, payload } = await this.frames.take('a close frame');
      if (opcode === 8) return { code: payload.length > 1 ? payload.readUInt16BE(0) : undefined, reason: payload.subarray(2).toString() };
    }
  }

  private feed(chunk: Buffer): void {
    for (const one of this.reader.read(chunk)) this.frames.push(one);
  }
}

/** Reads up to the empty line. @returns the head, and the bytes behind it. */
function readHead(socket: Socket): Promise<{ head: Head; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve({ head: parseHead(bytes.subarray(0, end).toString('latin1')), rest: bytes.subarray(end + 4) });
    };
    const onClose = () => reject(new Error(`the connection ended after ${JSON.stringify(bytes.toString('latin1'))}`));
    socket.on('data', onData);
    socket.on('close', onClose);
  });
}

/** Returns the Sec-WebSocket-Accept of a key (RFC 6455, section 4.2.2). */
export const acceptKey = (key = '') => createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

/** Returns the bytes of a head. */
export const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`;

export interface RawServerOptions {
  readonly tls?: TlsOptions;
  /** Further headers of the 101 response. */
  readonly headers?: readonly string[];
  /** Another response than 101. */
  readonly answer?: (head: Head) => string;
}

/** Starts a server that makes the opening handshake; the test writes every frame. */
export async function rawServer({
  tls,
  headers = [],
  answer,
}: RawServerOptions = {}): Promise<{ port: number; url: string; peers: Queue<RawPeer> }> {
  const peers = new Queue<RawPeer>();
  const usual = (head: Head) =>
    lines(
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptKey(head.headers['sec-websocket-key'])}`,
      ...headers,
    );
  const onConnection = (socket: Socket) => {
    readHead(socket).then(
      ({ head, rest }) => {
        socket.write((answer ?? usual)(head), 'latin1');
        peers.push(new RawPeer(socket, head, false, rest));
      },
      () => {},
    );
  };
  const port = tls ? await tlsServer(tls, onConnection) : await tcpServer(onConnection);
  return { port, url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/`, peers };
}

/** Requests an upgrade over TLS. @returns the socket after a response, otherwise the error code. */
export function tlsClient(port: number, options: ConnectionOptions = {}): Promise<TLSSocket | string> {
  const socket = connectTls({ port, host: '127.0.0.1', ...options });
  onTeardown(() => socket.destroy());
  return within(
    new Promise((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('close', () => resolve('closed'));
      // With TLS 1.3 the server rejects a client certificate after the client's own handshake.
      socket.once('secureConnect', () => socket.write(upgradeRequest()));
      socket.once('data', () => resolve(socket));
    }),
    'a TLS handshake',
  );
}

/** Opens a TCP connection to a port of this machine, which ends with the test. */
export async function tcpClient(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connectTcp(port, host);
  onTeardown(() => socket.destroy());
  await within(
    new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    }),
    `a connection to port ${port}`,
  );
  socket.on('error', () => {});
  return socket;
}

/** Reads until the connection ends. */
export function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  return within(
    new Promise((resolve) => socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1')))),
    'the end of a connection',
  );
}

/** Returns an upgrade request; `headers` are added to the default ones. */
export const upgradeRequest = (path = '/', headers: readonly string[] = []) =>
  lines(
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...headers,
  );

/** Starts a client that makes the opening handshake; the test writes every frame. */
export async function rawClient(
  port: number,
  { path = '/', headers = [] as readonly string[], tls = undefined as ConnectionOptions | undefined } = {},
): Promise<RawPeer> {
  const socket = tls ? connectTls({ port, host: '127.0.0.1', ...tls }) : connectTcp(port, '127.0.0.1');
  onTeardown(() => socket.destroy());
  socket.on('error', () => {});
  const answered = readHead(socket);
  socket.write(upgradeRequest(path, headers));
  const { head, rest } = await within(answered, 'an answer to the upgrade request');
  if (!head.line.includes(' 101 ')) throw new Error(`the server answered ${head.line}`);
  return new RawPeer(socket, head, true, rest);
}

/** The traffic of one connection through a proxy. */
export interface Tapped {
  /** The payload bytes of the data messages of the client. */
  readonly sent: number[];
  /** The payload bytes of the data messages of the server. */
  readonly received: number[];
  readonly sentFrames: Frame[];
  readonly receivedFrames: Frame[];
}

/** Starts a TCP proxy that parses frames only, as a measure that is independent of both ends. */
export async function tap(target: number): Promise<{ port: number; url: string; connection(): Tapped }> {
  const heard: { up: Buffer[]; down: Buffer[] }[] = [];
  const port = await tcpServer((socket) => {
    const behind = connectTcp(target, '127.0.0.1');
    const up: Buffer[] = [];
    const down: Buffer[] = [];
    heard.push({ up, down });
    socket.on('data', (chunk) => up.push(chunk));
    behind.on('data', (chunk) => down.push(chunk));
    behind.on('error', () => socket.destroy());
    socket.on('close', () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  const frames = (chunks: Buffer[]) => {
    const bytes = Buffer.concat(chunks);
    return new FrameReader().read(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
  };
  return {
    port,
    url: `ws://127.0.0.1:${port}/`,
    connection() {
      const { up, down } = heard.at(-1) ?? { up: [], down: [] };
      const [sentFrames, receivedFrames] = [frames(up), frames(down)];
      return { sentFrames, receivedFrames, sent: wireSizes(sentFrames), received: wireSizes(receivedFrames) };
    },
  };
}
