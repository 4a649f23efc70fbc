/** A peer on a plain TCP socket: the opening handshake as text, then frames as bytes. It enforces no rules. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { closeBody, decodeFrame, encodeFrame, type Frame, type FrameSpec, opcodes } from './frames';
import { Queue, within } from './queue';

/** Waits for a whole event-loop turn, so that all sockets of this process are read. */
export async function turn(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

/** One end of a TCP connection: first a head of HTTP, then frames. */
export class RawPeer {
  readonly frames = new Queue<Frame>();
  /** The head from the other end, once it is complete. */
  readonly head: Promise<string>;
  /** True if the other end sent its FIN or reset the connection. */
  readonly ended: Promise<void>;
  private rest: Buffer = Buffer.alloc(0);
  private reads: 'head' | 'frames' | 'body' = 'head';

  constructor(
    readonly socket: Socket,
    private readonly masks: boolean,
  ) {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    let headed: (text: string) => void;
    this.head = new Promise((resolve) => {
      headed = resolve;
    });
    this.ended = new Promise((resolve) => {
      socket.once('end', resolve).once('close', () => resolve());
    });
    socket.on('data', (chunk) => {
      this.rest = Buffer.concat([this.rest, chunk]);
      if (this.reads === 'head') {
        const end = this.rest.indexOf('\r\n\r\n');
        if (end < 0) return;
        const text = this.rest.toString('latin1', 0, end);
        this.reads = /^(HTTP\/1\.1 101|GET) /.test(text) ? 'frames' : 'body';
        this.rest = this.rest.subarray(end + 4);
        headed(text);
      }
      if (this.reads === 'frames') this.readFrames();
    });
  }

  private readFrames(): void {
    for (let one = decodeFrame(this.rest); one; one = decodeFrame(this.rest)) {
      this.rest = this.rest.subarray(one.length);
      this.frames.push(one.frame);
    }
  }

  /** The bytes after the head that are not a complete frame, such as the body of a refusal. */
  get remainder(): string {
    return this.rest.toString('latin1');
  }

  /** Returns the bytes of frames, masked as required for this side. */
  bytes(...specs: readonly FrameSpec[]): Buffer {
    return Buffer.concat(specs.map((spec) => encodeFrame({ masked: this.masks, ...spec })));
  }

  /** Writes frames in one piece. */
  send(...specs: readonly FrameSpec[]): void {
    this.socket.write(this.bytes(...specs));
  }

  write(bytes: Buffer | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Writes the bytes cut at these positions, each piece after the previous one was read. */
  async pieces(bytes: Buffer, cuts: readonly number[]): Promise<void> {
    let from = 0;
    for (const to of [...cuts, bytes.length]) {
      this.socket.write(bytes.subarray(from, to));
      from = to;
      await turn();
    }
  }

  frame(what = 'a frame'): Promise<Frame> {
    return this.frames.take(what);
  }

  /** Takes frames until this one arrives. */
  async frameWith(opcode: number, payload: string): Promise<void> {
    for (;;) {
      const frame = await this.frame(`a frame with opcode ${opcode} and the payload ${payload}`);
      if (frame.opcode === opcode && frame.payload.toString() === payload) return;
    }
  }

  /** Asserts that the next frame is a close frame. @returns its code and reason. */
  async closeFrame(): Promise<{ code: number | undefined; reason: string }> {
    const { opcode, payload } = await this.frame('a close frame');
    if (opcode !== opcodes.close) throw new Error(`a close frame was expected; got opcode ${opcode} with ${payload.length} bytes`);
    return { code: payload.length < 2 ? undefined : payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
  }

  /** Answers a closing handshake of the other end. @returns its code and reason. */
  async agrees(): Promise<{ code: number | undefined; reason: string }> {
    const close = await this.closeFrame();
    this.send({ opcode: opcodes.close, ...(close.code !== undefined && { payload: closeBody(close.code, close.reason) }) });
    await this.end();
    return close;
  }

  /** Waits for the other end's FIN and answers it. */
  async end(what = 'the end of the TCP connection'): Promise<void> {
    await within(this.ended, what);
    this.socket.end();
  }
}

/** Returns the accept value of a key (RFC 6455, section 4.2.2). */
export const acceptOf = (key: string) => createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** The key of RFC 6455's own example. */
export const exampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';

export const requestHeaders: HeaderLines = [
  ['Host', '127.0.0.1'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', exampleKey],
  ['Sec-WebSocket-Version', '13'],
];

/** Returns these headers with some replaced, added, or (with `undefined`) omitted. */
export function withHeaders(headers: HeaderLines, changes: Record<string, string | undefined>): HeaderLines {
  const changed = new Map(headers.map(([name, value]) => [name, value]));
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  }
  return [...changed];
}

export const headText = (first: string, headers: HeaderLines) =>
  `${first}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;

export interface Head {
  readonly first: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { first, headers };
}

const sockets = new Set<Socket>();
const servers = new Set<Server>();

/** Ends all connections of the raw peers, for `afterEach`. */
export function hangUp(): void {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
}

/** For `after`. */
export async function closeRawServers(): Promise<void> {
  hangUp();
  await Promise.all([...servers].map((server) => new Promise((resolve) => server.close(resolve))));
  servers.clear();
}

/** Opens a TCP connection, or with a CA a TLS connection, to a server under test. */
export async function rawClient(port: number, ca?: string): Promise<RawPeer> {
  const to = { port, host: '127.0.0.1', allowHalfOpen: true };
  const socket: Socket = ca ? connectTls({ ...to, ca, servername: 'localhost' }) : connect(to);
  sockets.add(socket);
  const peer = new RawPeer(socket, true);
  await within(once(socket, ca ? 'secureConnect' : 'connect'), `a connection to port ${port}`);
  return peer;
}

/** Starts a TCP server, or with a certificate a TLS server, whose connections are raw peers, for a client under test. */
export class RawServer {
  readonly peers = new Queue<RawPeer>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => sockets.add(socket));
  }

  static async listen(tls?: { cert: string; key: string }): Promise<RawServer> {
    const server = tls ? createTlsServer({ ...tls, allowHalfOpen: true }) : createServer({ allowHalfOpen: true });
    const raw = new RawServer(server);
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => raw.peers.push(new RawPeer(socket, false)));
    servers.add(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return raw;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

/** Returns the head of a valid 101 response to this request. */
export const answerHeaders = (request: Head): HeaderLines => [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Accept', acceptOf(request.headers['sec-websocket-key'] ?? '')],
];
