import { type Server as HttpServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import { codeOf, messageOf, show } from '../errors';
import type { ServerOptions } from '../options/server';
import { plainAddress } from './address';
import { closeTimeout, type OpenSocket } from './connection';
import type { Headers, Origin } from './events';
import { guarded, type Log } from './log';
import { acceptableOffers, deflateParameters } from './offers';
import type { ServerTls } from './tls';
import type { Denial, UpgradeRules } from './upgrade-rules';

/** A connection that was let in. */
export interface Admitted extends OpenSocket {
  readonly request: Required<Omit<Origin, 'client'>> & {
    readonly headers: Headers;
    /** Who it is, if the upgrade had to say so. */
    readonly user?: string | undefined;
  };
}

/** A connection that was not let in, and why. */
export interface Refused extends Origin {
  readonly reason: string;
  /** What it was answered; 0 where it was just closed. */
  readonly http_status: number;
}

export interface ListenerOwner {
  /** Called in the turn of the upgrade, before any frame is read. */
  admitted(admitted: Admitted): void;
  refused(refused: Refused): void;
  /** Something is wrong, or will be, that concerns no single connection: a sentence. */
  warned(sentence: string): void;
}

export interface ListenOptions extends ServerOptions {
  host: string;
}

/** One TCP connection from accept to admission. */
interface Guest {
  readonly socket: Socket;
  /** The TCP connection's, until the request tells of a proxy. */
  remoteIp: string | undefined;
  remotePort: number | undefined;
  deadline: NodeJS.Timeout | undefined;
  /** TLS: the handshake has ended. */
  secured: boolean;
  /** What went wrong, once something did: told when the socket closes, and only once. */
  refusal: Omit<Refused, keyof Origin> | undefined;
  uri: string | undefined;
  /** The window that compressed messages to this client may have, as its upgrade was answered. */
  windowBits: number | undefined;
}

/**
 * Who may come in, and until when: from the TCP connection to the end of the upgrade. `ws` speaks the protocol; the limit and the deadline
 * begin long before it hears of a connection.
 */
export class Admission {
  private readonly guests = new Map<string, Guest>();
  /** Every TCP connection, admitted or not: what `maxConnections` counts. */
  private readonly sockets = new Set<Socket>();
  private readonly tcp: Server;
  private readonly upgrades: WebSocketServer;
  private closing = false;

  constructor(
    private readonly http: HttpServer,
    private readonly tls: ServerTls | undefined,
    private readonly rules: UpgradeRules,
    private readonly options: ListenOptions,
    private readonly owner: ListenerOwner,
    private readonly log: Log,
  ) {
    const { enablePerMessageDeflate, perMessageDeflateOptions, subProtocols = [] } = options;
    this.upgrades = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      autoPong: false, // See `answerPings`.
      closeTimeout,
      maxPayload: options.maxPayload,
      maxFragments: options.maxFragments,
      perMessageDeflate: enablePerMessageDeflate && deflateParameters(perMessageDeflateOptions),
      handleProtocols: (offered: Set<string>) => subProtocols.find((name) => offered.has(name)) ?? false,
    } as ConstructorParameters<typeof WebSocketServer>[0]);
    this.tcp = createTcpServer({ allowHalfOpen: !tls }, this.guard(this.accept));
    // The HTTP server never listens itself: it is handed the sockets that may stay.
    http.on('request', this.guard(answerPlainHttp));
    http.on('upgrade', this.guard(this.upgrade));
    http.on('clientError', this.guard(this.badRequest));
    http.on('secureConnection', this.guard(this.secured));
    http.on('tlsClientError', this.guard(this.tlsFailed));
    this.upgrades.on('wsClientError', this.guard(this.badUpgrade));
    this.upgrades.on('headers', this.guard(this.answered));
  }

  private guard = <A extends unknown[]>(callback: (...args: A) => void) => guarded(this.log, callback);

  listen(host: string): Promise<AddressInfo> {
    const { port, backlog } = this.options;
    return new Promise((resolve, reject) => {
      this.tcp.once('error', reject);
      this.tcp.listen({ host, port, backlog: Math.max(backlog, 1) }, () => {
        this.tcp.off('error', reject);
        this.tcp.on('error', (error) => this.log.warn(`The server on port ${port} could not accept a connection: ${messageOf(error)}.`));
        resolve(this.tcp.address() as AddressInfo);
      });
    });
  }

  close(): Promise<void> {
    this.closing = true;
    for (const { socket } of this.guests.values()) socket.destroy();
    return new Promise((resolve) => {
      this.tcp.close(() => resolve());
    });
  }

  private accept = (socket: Socket): void => {
    const { remoteAddress, remotePort } = socket;
    const remoteIp = plainAddress(remoteAddress);
    if (this.sockets.size >= this.options.maxConnections) {
      socket.destroy();
      const reason = `The connection was closed at once: ${this.options.maxConnections} connections are open, as many as maxConnections allows.`;
      this.owner.refused({ reason, http_status: 0, remoteIp, remotePort });
      return;
    }
    this.sockets.add(socket);
    const key = peerKey(socket);
    const guest: Guest = {
      socket,
      remoteIp,
      remotePort,
      deadline: undefined,
      secured: !this.tls,
      refusal: undefined,
      uri: undefined,
      windowBits: undefined,
    };
    this.guests.set(key, guest);
    const seconds = this.options.handshakeTimeoutSecs;
    guest.deadline = setTimeout(
      this.guard(() => {
        const phase = guest.secured ? 'upgrade request' : 'TLS handshake';
        guest.refusal ??= {
          reason: `The connection was dropped: its ${phase} was not there after ${seconds} s (handshakeTimeoutSecs).`,
          http_status: 0,
        };
        socket.destroy();
      }),
      seconds * 1000,
    );
    socket.on('error', () => {}); // The close that follows is what counts.
    socket.once(
      'close',
      this.guard(() => this.left(key, guest)),
    );
    this.http.emit('connection', socket);
  };

  /** A TCP connection ended: if it never was let in, now is the time to say why. */
  private left(key: string, guest: Guest): void {
    clearTimeout(guest.deadline);
    this.sockets.delete(guest.socket);
    if (this.guests.get(key) !== guest) return;
    this.guests.delete(key);
    if (this.closing) return;
    const { remoteIp, remotePort, uri, secured } = guest;
    if (!secured) {
      // Node closes a connection whose client certificate it does not accept, and does not say so.
      const why = this.tls?.requestCert
        ? 'the client went away before it ended, or its certificate is not accepted'
        : 'the client closed the connection before it ended';
      guest.refusal ??= { reason: `The TLS handshake failed: ${why}.`, http_status: 0 };
    }
    if (guest.refusal) this.owner.refused({ ...guest.refusal, remoteIp, remotePort, ...(uri !== undefined && { uri }) });
  }

  private secured = (socket: TLSSocket): void => {
    const guest = this.guests.get(peerKey(socket));
    if (guest) guest.secured = true;
  };

  private tlsFailed = (error: Error, socket: TLSSocket): void => {
    const guest = this.guests.get(peerKey(socket));
    if (guest) guest.refusal ??= { reason: `The TLS handshake failed: ${tlsReason(error)}`, http_status: 0 };
    socket.destroy();
  };

  private badRequest = (error: Error, socket: Duplex): void => {
    const guest = this.guests.get(peerKey(socket as Socket));
    // The HTTPS server tells of a failed TLS handshake here, before it does as `tlsClientError`.
    if (guest && !guest.secured) return this.tlsFailed(error, socket as TLSSocket);
    const status = codeOf(error) === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    if (guest && codeOf(error) !== 'ECONNRESET') {
      guest.refusal ??= {
        reason: `The request was refused with ${status}: it is not valid HTTP (${messageOf(error)}).`,
        http_status: status,
      };
    }
    answerAndEnd(socket, status, 'Not a valid HTTP request.');
  };

  private upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const key = peerKey(request.socket);
    const guest = this.guests.get(key);
    if (!guest || this.closing) return void socket.destroy();
    const visitor = this.rules.visitor(request);
    const { uri, remoteIp, remotePort } = visitor;
    Object.assign(guest, { uri, remoteIp, remotePort });
    const { headers } = request;
    if (headers.upgrade?.toLowerCase() !== 'websocket') {
      guest.refusal ??= {
        reason: `The upgrade was refused with 426: it asks for ${show(headers.upgrade)}, not for websocket.`,
        http_status: 426,
      };
      return answerAndEnd(socket, 426, needsUpgrade, upgradeHeaders);
    }
    const entry = this.rules.judge(request, visitor);
    if ('why' in entry) return refuse(guest, socket, entry);
    const offers = headers['sec-websocket-extensions'];
    if (offers !== undefined) headers['sec-websocket-extensions'] = acceptableOffers(offers, this.options.perMessageDeflateOptions ?? {});
    this.upgrades.handleUpgrade(request, socket, head, (ws) => {
      clearTimeout(guest.deadline);
      this.guests.delete(key);
      request.socket.once('close', this.guard(this.rules.enter(visitor)));
      this.owner.admitted({ ws, socket, windowBits: guest.windowBits, request: { ...visitor, ...entry } });
    });
  };

  private answered = (headers: string[], request: IncomingMessage): void => {
    const bits = headers.map((line) => /^Sec-WebSocket-Extensions:.*server_max_window_bits=(\d+)/i.exec(line)?.[1]).find(Boolean);
    const guest = this.guests.get(peerKey(request.socket));
    if (guest && bits) guest.windowBits = Number(bits);
  };

  private badUpgrade = (error: Error, socket: Duplex, request: IncomingMessage): void => {
    const guest = this.guests.get(peerKey(request.socket));
    const status = request.method === 'GET' ? 400 : 405;
    const reason = `The upgrade was refused with ${status}: ${messageOf(error)}.`;
    if (guest) guest.refusal ??= { reason, http_status: status };
    answerAndEnd(socket, status, reason, { 'Sec-WebSocket-Version': '13' });
  };
}

function refuse(guest: Guest, socket: Duplex, { http_status, why, headers }: Denial): void {
  guest.refusal ??= { reason: `The upgrade was refused with ${http_status}: ${why}.`, http_status };
  // The answer tells strangers less than the event tells the flow.
  answerAndEnd(socket, http_status, `${STATUS_CODES[http_status]}.`, headers);
}

/** A TLS socket and the TCP socket below it have the same ends, and no two open connections of a listener do. */
const peerKey = ({ localAddress, localPort, remoteAddress, remotePort }: Socket) =>
  `${localAddress}|${localPort}|${remoteAddress}|${remotePort}`;

function tlsReason(error: Error): string {
  const code = codeOf(error);
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') return `the client showed no certificate, and caFile demands one (${code}).`;
  if (code === 'ERR_SSL_HTTP_REQUEST') return `the client does not speak TLS; it must use wss:// (${code}).`;
  if (/CERT|VERIFY|SELF_SIGNED|UNABLE_TO/.test(code)) return `the certificate is not accepted (${code}).`;
  return `${code || messageOf(error)}.`;
}

const upgradeHeaders = { Upgrade: 'websocket', Connection: 'Upgrade, close' };
const needsUpgrade = 'This is a WebSocket server: connect with ws:// or wss://.';

function answerPlainHttp(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { ...upgradeHeaders, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${needsUpgrade}\n`);
}

/** Answers on a bare socket, as Node leaves it after an upgrade request, and closes it. */
function answerAndEnd(socket: Duplex, status: number, text: string, headers: Headers = {}): void {
  if (!socket.writable) return void socket.destroy();
  const body = `${text}\n`;
  const lines = Object.entries({
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => {});
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}
