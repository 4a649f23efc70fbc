import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { codeOf, messageOf } from '../../core/errors';
import { guarded, guardWith, type Log } from '../../core/log';
import { roundedSeconds } from '../../core/text';
import { plainAddress } from '../../net/address';
import { pathOf } from '../../net/request-target';
import { tcpKeepAlive } from '../../net/tcp-keep-alive';
import type { ServerTls } from '../../tls/context';
import type { ListenerOwner, ListenOptions, Rejection } from '../listener';
import { HandshakePlaces } from './handshake-places';
import { PendingConnections } from './pending-connections';
import { interceptSecured, readRequest } from './request-reader';
import { tlsReason } from './tls-reason';
import { answerAndEnd, needsUpgrade, UpgradeHandler, type UpgradeRequest, upgradeHeaders } from './upgrade-handler';
import type { UpgradeRules } from './upgrade-rules';

/** The delay of a timer that shows a blocked event loop, ms. */
const lateMs = 100;

/** One TCP connection from accept to admission. */
interface PendingConnection {
  readonly socket: Socket;
  /** The address of the TCP connection, until the request names a client behind a trusted proxy. */
  remoteIp: string | undefined;
  remotePort: number | undefined;
  /** The time of its TCP accept, by `performance.now()`. */
  readonly since: number;
  deadline: NodeJS.Timeout | undefined;
  /** True once the TLS handshake has succeeded, and always without TLS. */
  secured: boolean;
  /** The first failure. It is reported once, when the socket closes. */
  rejection: Rejection | undefined;
  uri: string | undefined;
  /** Releases its place among the unfinished handshakes. */
  leavePlace: (() => void) | undefined;
  /** True if it counts as an open connection. */
  isMember: boolean;
  /** True while the flow decides about it. */
  isAsking: boolean;
}

/**
 * Admits connections on an own port, from the TCP accept to the end of the upgrade. The limit and the deadline apply from the TCP
 * accept on, before there is an upgrade request.
 */
export class TcpAdmission {
  private readonly pendingConnections: PendingConnections<PendingConnection>;
  private readonly places: HandshakePlaces;
  /** The number of admitted connections that are still open. `maxConnections` limits it. */
  private members = 0;
  /** The number of these whose upgrades the flow has not decided. */
  private asking = 0;
  private readonly tcp: Server;
  private readonly upgrades: UpgradeHandler;
  private closing = false;

  constructor(
    private readonly http: HttpServer,
    private readonly tls: ServerTls | undefined,
    private readonly rules: UpgradeRules,
    private readonly options: ListenOptions,
    private readonly owner: ListenerOwner,
    private readonly log: Log,
  ) {
    this.pendingConnections = new PendingConnections(tls !== undefined);
    this.upgrades = new UpgradeHandler(rules, options, log, owner.ask);
    this.places = new HandshakePlaces(options.maxConnections, log);
    this.tcp = createTcpServer({ allowHalfOpen: !tls, ...tcpKeepAlive }, this.guard(this.accept));
    // The HTTP server does not listen. It receives accepted sockets as `connection` events.
    http.on('request', this.guard(this.answerPlainHttp));
    http.on('upgrade', this.guard(this.upgrade));
    http.on('clientError', this.guard(this.badRequest));
    interceptSecured(http, this.secured, this.guard);
    http.on('tlsClientError', this.guard(this.tlsFailed));
  }

  private guard = <A extends unknown[]>(callback: (...args: A) => void) => guarded(this.log, callback);

  listen(host: string): Promise<AddressInfo> {
    const { port, backlog } = this.options;
    return new Promise((resolve, reject) => {
      this.tcp.once('error', reject);
      const onError = (error: Error) => this.log.warn(`The server on port ${port} could not accept a connection: ${messageOf(error)}.`);
      const onListening = () => {
        this.tcp.off('error', reject);
        this.tcp.on('error', this.guard(onError));
        resolve(this.tcp.address() as AddressInfo);
      };
      this.tcp.listen({ host, port, backlog: Math.max(backlog, 1) }, guardWith(reject)(onListening));
    });
  }

  close(): Promise<void> {
    this.closing = true;
    this.places.close();
    for (const { socket } of this.pendingConnections) socket.destroy();
    return new Promise((resolve) => {
      this.tcp.close(() => resolve());
    });
  }

  /** Returns why no further connection can be admitted, as the rest of a sentence; `undefined` if one can. */
  private full(): string | undefined {
    const { maxConnections } = this.options;
    if (this.members < maxConnections) return undefined;
    const are = this.asking > 0 ? 'are open or wait for the flow' : 'are open';
    return `${maxConnections} connections ${are}, as many as maxConnections allows`;
  }

  /** Drops a pending connection if its current phase takes longer than an option allows. */
  private limit(pending: PendingConnection, option: 'tlsTimeoutSecs' | 'handshakeTimeoutSecs', seconds = this.options[option]): void {
    const due = performance.now() + seconds * 1000;
    const drop = () => {
      const reason = `The connection was dropped: its ${phaseOf(pending)} was not there after ${roundedSeconds(seconds)} s (${option}).`;
      pending.rejection ??= { reason, http_status: 0, kind: 'late' };
      pending.socket.destroy();
    };
    clearTimeout(pending.deadline);
    pending.deadline = setTimeout(
      this.guard(() => {
        // After a blocked event loop, timers run before the sockets are read. What has arrived meanwhile is read first.
        if (performance.now() - due > lateMs) pending.deadline = setTimeout(this.guard(drop), 1);
        else drop();
      }),
      seconds * 1000,
    );
  }

  private unplace(pending: PendingConnection): void {
    clearTimeout(pending.deadline);
    pending.deadline = undefined;
    pending.leavePlace?.();
    pending.leavePlace = undefined;
  }

  private decided(pending: PendingConnection): void {
    if (pending.isAsking) this.asking--;
    pending.isAsking = false;
  }

  private accept = (socket: Socket): void => {
    const { remoteAddress, remotePort } = socket;
    const remoteIp = plainAddress(remoteAddress);
    const full = this.full();
    // With `healthPath` the request decides: a full server is healthy. While the flow is asked, one more gets an answer that says so.
    if (full !== undefined && !this.options.healthPath && this.asking === 0) {
      socket.destroy();
      this.owner.rejected({ reason: `The connection was closed at once: ${full}.`, http_status: 0, kind: 'full', remoteIp, remotePort });
      return;
    }
    const pending: PendingConnection = {
      socket,
      remoteIp,
      remotePort,
      since: performance.now(),
      deadline: undefined,
      secured: !this.tls,
      rejection: undefined,
      uri: undefined,
      leavePlace: undefined,
      isMember: false,
      isAsking: false,
    };
    this.pendingConnections.add(pending);
    pending.leavePlace = this.places.enter({
      address: this.rules.isProxy(remoteIp) ? undefined : remoteIp,
      bytesRead: () => socket.bytesRead,
      evict: () => {
        const reason = `The connection was dropped: its ${phaseOf(pending)} was not there yet, and other connections needed its place.`;
        pending.rejection ??= { reason, http_status: 0, kind: 'evicted' };
        socket.destroy();
      },
    });
    this.limit(pending, this.tls ? 'tlsTimeoutSecs' : 'handshakeTimeoutSecs');
    socket.on('error', nothing); // The close event that follows is handled instead.
    // Once by itself; `once` would keep a wrapper as long as the connection lives.
    socket.on(
      'close',
      this.guard(() => this.left(pending)),
    );
    if (this.tls) this.http.emit('connection', socket);
    else readRequest(socket, (one) => this.http.emit('connection', one), this.upgrade, this.guard);
  };

  /** Handles the close of a TCP connection. Reports the rejection if the connection was never admitted. */
  private left(pending: PendingConnection): void {
    this.unplace(pending);
    this.decided(pending);
    if (pending.isMember) this.members--;
    if (!this.pendingConnections.delete(pending) || this.closing) return;
    const { remoteIp, remotePort, uri, secured, socket } = pending;
    // Load balancers and port scanners connect and leave again without a byte.
    if (!secured && socket.bytesRead > 0) {
      // Node closes a connection with an unacceptable client certificate without an error, so the sentence names both causes.
      const why = this.tls?.requestCert
        ? 'the client went away before it ended, or its certificate is not accepted'
        : 'the client closed the connection before it ended';
      pending.rejection ??= { reason: `The TLS handshake failed: ${why}.`, http_status: 0, kind: 'tls' };
    }
    if (pending.rejection) this.owner.rejected({ ...pending.rejection, remoteIp, remotePort, ...(uri !== undefined && { uri }) });
  }

  private secured = (socket: TLSSocket, leave: (socket: Socket) => void): void => {
    socket.on('error', nothing); // As for the TCP connection.
    readRequest(socket, leave, this.upgrade, this.guard);
    const pending = this.pendingConnections.of(socket);
    if (!pending) return;
    pending.secured = true;
    // A device that is slow in its TLS handshake is slow in its request too.
    const slow = Math.min((2 * (performance.now() - pending.since)) / 1000, this.options.tlsTimeoutSecs);
    this.limit(pending, 'handshakeTimeoutSecs', Math.max(this.options.handshakeTimeoutSecs, slow));
  };

  private tlsFailed = (error: Error, socket: TLSSocket): void => {
    const pending = this.pendingConnections.of(socket);
    if (pending && pending.socket.bytesRead > 0) {
      pending.rejection ??= { reason: `The TLS handshake failed: ${tlsReason(error)}`, http_status: 0, kind: 'tls' };
    }
    socket.destroy();
  };

  private badRequest = (error: Error, socket: Duplex): void => {
    const pending = this.pendingConnections.of(socket as Socket);
    // The HTTPS server emits `clientError` for a failed TLS handshake, before `tlsClientError`.
    if (pending && !pending.secured) return this.tlsFailed(error, socket as TLSSocket);
    const status = codeOf(error) === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    if (pending && codeOf(error) !== 'ECONNRESET') {
      pending.rejection ??= {
        reason: `The request was refused with ${status}: it is not valid HTTP (${messageOf(error)}).`,
        http_status: status,
        kind: 'http',
      };
    }
    answerAndEnd(socket, status, 'Not a valid HTTP request.');
  };

  /** Answers a request without an upgrade. `healthPath` answers the number of connections, so that a load balancer sees a working server. */
  private answerPlainHttp = ({ url = '', method }: IncomingMessage, response: ServerResponse): void => {
    const { healthPath } = this.options;
    if (healthPath && (method === 'GET' || method === 'HEAD') && pathOf(url) === healthPath) {
      response.writeHead(200, { Connection: 'close', 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(`${JSON.stringify({ connections: this.members })}\n`);
      return;
    }
    response.writeHead(426, { ...upgradeHeaders, 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(`${needsUpgrade}\n`);
  };

  private upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const pending = this.pendingConnections.of(request.socket);
    if (!pending || this.closing) return void socket.destroy();
    const requestInfo = this.rules.requestInfo(request);
    pending.uri = requestInfo.uri;
    pending.remoteIp = requestInfo.remoteIp;
    pending.remotePort = requestInfo.remotePort;
    const count = () => {
      this.unplace(pending);
      if (!pending.isMember) this.members++;
      pending.isMember = true;
    };
    const upgradeRequest: UpgradeRequest = {
      requestInfo,
      asked: () => {
        count();
        this.asking++;
        pending.isAsking = true;
      },
      admitted: (admitted) => {
        count();
        this.decided(pending);
        this.pendingConnections.delete(pending);
        this.owner.admitted(admitted);
      },
      rejected: (rejection) => {
        this.decided(pending);
        pending.rejection ??= rejection;
      },
    };
    this.upgrades.decide(request, socket, head, upgradeRequest, this.full());
  };
}

const nothing = () => {};

const phaseOf = ({ secured }: PendingConnection) => (secured ? 'upgrade request' : 'TLS handshake');
