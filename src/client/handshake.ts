import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { messageOf } from '../core/errors';
import type { Headers } from '../core/events';
import type { Failure } from '../core/failure';
import { guardWith } from '../core/log';
import type { Watch } from '../core/progress';
import { bareHost } from '../net/address';
import { urlCredentials } from '../net/credentials';
import { spelledHeaders } from '../net/headers';
import { isPrivateAddress, isPrivateHost, PrivateAddressError } from '../net/private-address';
import { retryAfterMs } from '../net/retry-after';
import { keepTcpAlive } from '../net/tcp-keep-alive';
import type { AttemptOptions } from '../options/client';
import { connectThrough } from '../proxy/tunnel';
import type { ClientTls } from '../tls/context';
import { deflateParameters } from '../wire/deflate-offers';
import { type Answered, answerFailures } from './answer-failures';
import { type Connector, connectorByName } from './connector';
import { failures, type Phase } from './failures';
import { watchSocket } from './handshake-progress';

/** The peer's response to the opening handshake. */
export interface Answer {
  /** The HTTP status; 0 if there was no HTTP response. */
  http_status: number;
  headers: Headers;
  /** The path and query of the last hop; `''` if there was no HTTP response. */
  uri: string;
}
export interface Opened extends Answer {
  readonly ws: WebSocket;
  readonly socket: Duplex;
}
export type ConnectFailure = Answer &
  Failure & {
    /** The wait before another attempt that the server asks for, ms. */
    readonly retryAfterMs?: number | undefined;
    /** The wait before another attempt that the flow asks for, ms. */
    readonly waitMs?: number | undefined;
    /** The peer refused the login. The longest wait follows, because an address with wrong credentials gets banned. */
    readonly refused?: boolean;
  };

/** A redirect, which ends one hop and starts the next. */
export interface Redirect extends Answer {
  readonly location: string;
  /** True if the redirecting server has a public address, or an unknown one. */
  readonly isPublic: boolean;
}
/** A server whose name has only private addresses, where these are not allowed. */
export interface PrivateServer {
  readonly privateAddress: string;
}
export type HopEnd = 'open' | ConnectFailure | Redirect | PrivateServer;

export const noAnswer: Answer = { http_status: 0, headers: {}, uri: '' };

/** The values that all hops of one connection attempt share. */
export interface Attempt {
  /** The deadline, s, for error sentences. `cut` is aborted when it has passed. */
  readonly seconds: number;
  /** Aborts the attempt. Its reason is the function that describes the failure: `timedOut` or `stopped` of `failures`. */
  readonly cut: AbortSignal;
  readonly opened: (opened: Opened) => void;
  readonly watch: Watch | undefined;
}

/** One handshake with one server. */
export interface Hop {
  readonly url: URL;
  readonly options: AttemptOptions;
  readonly tls: Partial<ClientTls>;
  /** Set after a redirect from a public address: connections to private addresses are then not allowed. */
  readonly publicOnly: boolean;
  /** The connection to the server, if a proxy opened one. */
  readonly tunnel: Socket | undefined;
  /** The name of the server in error sentences. */
  readonly shown: string;
}

/** Returns the failure of an aborted attempt. */
export const cutFailure = ({ cut, seconds }: Attempt, shown: string, phase: Phase): Failure =>
  (cut.reason as typeof failures.timedOut)(shown, seconds, phase);

/** Performs one opening handshake (RFC 6455, section 4.1) with `ws`. */
export const handshake = (hop: Hop, attempt: Attempt): Promise<HopEnd> =>
  new Promise((resolve) => new Handshake(hop, attempt, resolve).begin());

class Handshake {
  private answer = noAnswer;
  private phase: Phase;
  private settled = false;
  private socket: Duplex | undefined;
  private address: string | undefined;
  private ws: WebSocket | undefined;
  private readonly request: UpgradeRequest;
  /** An exception in a listener ends the handshake. */
  private readonly guard = guardWith((cause) => this.fail(failures.unforeseen(this.hop.shown, cause)));

  constructor(
    private readonly hop: Hop,
    private readonly attempt: Attempt,
    private readonly resolve: (end: HopEnd) => void,
  ) {
    this.request = upgradeRequest(hop.url, hop.options);
    this.phase = hop.tunnel ? this.connected : 'DNS/TCP';
  }

  begin(): void {
    const { cut } = this.attempt;
    if (cut.aborted) return this.cutOff();
    try {
      const ws = webSocket(this.hop, this.request, this.connector, (request) => request.on('socket', this.guard(this.onSocket)));
      this.ws = ws;
      // Never removed: an error of an abandoned connection must not end the process.
      ws.on('error', this.guard(this.onError));
      ws.on('upgrade', this.guard(this.onUpgrade));
      ws.on('unexpected-response', this.guard(this.onOtherAnswer));
      ws.on('open', this.guard(this.onOpen));
      cut.addEventListener('abort', this.cutOff);
    } catch (error) {
      this.fail(failures.invalidRequest(this.hop.shown, error));
    }
  }

  /** The phase that follows TCP. */
  private get connected(): Phase {
    return this.hop.url.protocol === 'wss:' ? 'TLS' : 'HTTP';
  }

  /** A proxy does not report the address that it connected to, so the host of the URL is checked instead. */
  private get isPublic(): boolean {
    const { tunnel, url } = this.hop;
    if (tunnel) return !isPrivateHost(url);
    return this.address === undefined || !isPrivateAddress(this.address);
  }

  /** Connects for Node's HTTP client. Absent if the host is an address, to which Node connects itself. */
  private get connector(): Connector | undefined {
    const { tunnel, url, tls } = this.hop;
    if (tunnel) return (_, done) => done(null, connectThrough(tunnel, url, tls));
    if (isIP(bareHost(url)) > 0) return undefined;
    const connected = ({ remoteAddress }: Socket) => {
      this.phase = this.connected;
      this.address = remoteAddress;
    };
    return connectorByName(this.hop, this.attempt, connected, this.guard);
  }

  private readonly cutOff = this.guard(() => this.fail(cutFailure(this.attempt, this.hop.shown, this.phase)));

  private fail(failure: Failure): void {
    this.settle({ ...this.answer, ...failure });
  }

  private settle(end: HopEnd): void {
    if (this.settled) return; // An open connection handles its own errors.
    this.settled = true;
    this.attempt.cut.removeEventListener('abort', this.cutOff);
    this.resolve(end);
    if (end === 'open') return;
    this.ws?.terminate();
    this.hop.tunnel?.destroy();
  }

  private answered({ statusCode = 0, statusMessage = '', rawHeaders }: IncomingMessage): void {
    const { pathname, search } = this.hop.url;
    this.answer = { http_status: statusCode, headers: spelledHeaders(rawHeaders), uri: pathname + search };
    this.attempt.watch?.({ step: 'http', values: { status: statusCode, text: statusMessage } });
  }

  private onSocket = (socket: Socket): void => {
    const { watch } = this.attempt;
    keepTcpAlive(socket);
    if (watch) watchSocket(socket, watch, this.guard);
    const reached = (phase: Phase) =>
      this.guard(() => {
        this.phase = phase;
        this.address ??= socket.remoteAddress;
      });
    socket.once('connect', reached(this.connected));
    socket.once('secureConnect', reached('HTTP'));
  };

  private onError = (error: Error): void => {
    const { shown, url } = this.hop;
    if (error instanceof PrivateAddressError) return this.settle({ privateAddress: error.address });
    const { http_status, headers } = this.answer;
    const failure =
      http_status === 101
        ? answerFailures.badUpgrade(shown, messageOf(error), headers, this.request.subProtocols, this.hop.options)
        : failures.explain(shown, url, error, this.phase);
    this.fail(failure);
  };

  private onUpgrade = (response: IncomingMessage): void => {
    this.answered(response);
    removeEmpty(response.headers);
    this.socket = response.socket;
  };

  private onOtherAnswer = (_: ClientRequest, response: IncomingMessage): void => {
    this.answered(response);
    response.resume();
    const { location } = response.headers;
    const { shown } = this.hop;
    const status = this.answer.http_status;
    if (status < 300 || status >= 400) this.rejected(response);
    else if (location) this.settle({ ...this.answer, location, isPublic: this.isPublic });
    else this.fail(failures.redirectWithoutTarget(shown, status));
  };

  private rejected({ statusMessage: text = '', headers }: IncomingMessage): void {
    const status = this.answer.http_status;
    const { shown, options } = this.hop;
    const answered: Answered = { shown, status, text, headers, options };
    const failure = status === 101 ? answerFailures.noUpgrade(answered) : answerFailures.unexpectedStatus(answered);
    const isBusy = status === 429 || status === 503;
    this.settle({ ...this.answer, ...failure, retryAfterMs: isBusy ? retryAfterMs(headers['retry-after']) : undefined });
  }

  private onOpen = (): void => {
    this.settle('open');
    this.attempt.opened({ ...this.answer, ws: this.ws as WebSocket, socket: this.socket as Duplex });
  };
}

/** Starts the handshake. @throws the errors of `ws` and Node about the options. */
function webSocket(
  { url, options, tls }: Hop,
  { headers, subProtocols }: UpgradeRequest,
  createConnection: Connector | undefined,
  requested: (request: ClientRequest) => void,
): WebSocket {
  return new WebSocket(bare(url), subProtocols, {
    ...tls,
    ...(createConnection && { createConnection: createConnection as never }),
    headers,
    autoPong: false, // See `AutoPong`.
    closeTimeout: options.closeTimeoutMs,
    maxPayload: options.maxPayload,
    maxFragments: options.maxFragments,
    perMessageDeflate: options.enablePerMessageDeflate && deflateParameters(options.perMessageDeflateOptions),
    finishRequest(request: ClientRequest) {
      requested(request);
      request.end();
    },
  } as WebSocket.ClientOptions);
}

/** Returns the URL without its credentials, which are sent in a header. */
function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = copy.password = '';
  return copy;
}

/** The headers of the handshake itself, which `ws` generates. */
const handshakeHeaders = ['connection', 'upgrade', 'sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'];

/** Removes headers without a value, which count as absent. `ws` rejects them. */
function removeEmpty(headers: IncomingHttpHeaders): void {
  for (const name of ['sec-websocket-protocol', 'sec-websocket-extensions'] as const) {
    if (headers[name]?.trim() === '') delete headers[name];
  }
}

interface UpgradeRequest {
  readonly headers: Headers;
  readonly subProtocols: string[];
}

function upgradeRequest(url: URL, options: AttemptOptions): UpgradeRequest {
  const headers: Headers = {};
  let subProtocols = options.subProtocols ?? [];
  let authorized = false;
  for (const [name, value] of Object.entries(options.headers)) {
    const lower = name.toLowerCase();
    if (lower === 'sec-websocket-protocol') {
      subProtocols = [...new Set([...subProtocols, ...value.split(',').map((one) => one.trim())])].filter(Boolean);
    } else if (!handshakeHeaders.includes(lower)) {
      headers[name] = value;
      authorized ||= lower === 'authorization';
    }
  }
  const basic = basicCredentials(url, options);
  if (basic && !authorized) headers.Authorization = `Basic ${Buffer.from(basic).toString('base64')}`;
  return { headers, subProtocols };
}

/** Returns the Basic credentials. Those in the URL take precedence over those of the config node. */
function basicCredentials(url: URL, { user, password }: AttemptOptions): string | undefined {
  const own = urlCredentials(url);
  if (own.user || own.password) return `${own.user}:${own.password}`;
  return user || password ? `${user ?? ''}:${password ?? ''}` : undefined;
}
