import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { hidePassword } from '../errors';
import type { ClientOptions } from '../options/client';
import { untilAborted } from './abort';
import { peerOf } from './address';
import { failures, type Phase } from './connect-failures';
import { closeTimeout } from './connection';
import { isElsewhere, urlCredentials, withoutCredentials } from './credentials';
import type { Headers } from './events';
import type { Failure } from './failure';
import { spelledHeaders } from './headers';
import { guardWith } from './log';
import { deflateParameters } from './offers';
import type { Watch } from './progress';
import { findProxy, nameOf } from './proxy';
import { proxyFailures } from './proxy-failures';
import { type ClientTls, clientTls } from './tls';
import { type Tunnel, tunnelThrough } from './tunnel';
import { watchSocket } from './watch';

/** What the peer answered to the opening handshake. */
export interface Answer {
  /** 0 where there was no HTTP answer. */
  http_status: number;
  headers: Headers;
  /** Path and query of the last hop; `''` where there was no HTTP answer. */
  uri: string;
}
export interface Opened extends Answer {
  readonly ws: WebSocket;
  readonly socket: Duplex;
}
export type ConnectFailure = Answer & Failure;
export interface ConnectOptions extends ClientOptions {
  URL: string;
}

/** A redirect ends one hop and asks for another. */
interface Redirect extends Answer {
  readonly location: string;
}
type HopEnd = 'open' | ConnectFailure | Redirect;

const mostRedirects = 10;
const noAnswer: Answer = { http_status: 0, headers: {}, uri: '' };

/**
 * The opening handshake of a client (RFC 6455, section 4.1), over redirects.
 *
 * @param seconds one deadline over everything: name, TCP, proxy, TLS, HTTP and all hops.
 * @param stop aborts it.
 * @param opened is called in the turn in which the connection opens, before any frame is read.
 * @param watch is told how far it gets.
 * @returns why there is no connection, or `undefined` once there is one.
 * @throws SocketError `ERR_OPTION` if a certificate, key, CA or proxy cannot be used.
 */
export async function connect(
  options: ConnectOptions,
  seconds: number,
  stop: AbortSignal,
  opened: (opened: Opened) => void,
  watch?: Watch,
): Promise<ConnectFailure | undefined> {
  // `handshakeTimeout` of ws is no deadline: every byte of a slow server starts it anew.
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(failures.timedOut), seconds * 1000);
  const stopped = () => cut.abort(failures.stopped);
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  try {
    let url = webSocketUrl(options.URL);
    // Kept apart from the URL, so that a redirect within the same host does not lose them.
    let own = url.username || url.password ? { ...options, ...urlCredentials(url) } : options;
    for (let redirects = 0; ; redirects++) {
      const end = await hop(url, own, seconds, cut.signal, opened, watch);
      if (end === 'open') return undefined;
      if (!('location' in end)) return end;
      const { location, ...answer } = end;
      const shown = hidePassword(options.URL);
      if (redirects === mostRedirects) return { ...answer, ...failures.tooManyRedirects(shown, mostRedirects) };
      const following = followed(location, url);
      if (!following) return { ...answer, ...failures.badRedirect(shown, location) };
      if (isElsewhere(url, following)) own = withoutCredentials(own);
      url = following;
      watch?.({ step: 'redirect', values: { url: hidePassword(url.href) } });
    }
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', stopped);
  }
}

/** The URL as `ws` takes it: a WebSocket scheme, and no fragment, which would not be sent anyway. */
export function webSocketUrl(text: string | URL, base?: URL): URL {
  const url = new URL(text, base);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  url.hash = '';
  return url;
}

function followed(location: string, base: URL): URL | undefined {
  try {
    const url = webSocketUrl(location, base);
    return url.protocol === 'ws:' || url.protocol === 'wss:' ? url : undefined;
  } catch {
    return undefined;
  }
}

async function hop(
  url: URL,
  options: ConnectOptions,
  seconds: number,
  cut: AbortSignal,
  opened: (opened: Opened) => void,
  watch: Watch | undefined,
): Promise<HopEnd> {
  const secure = url.protocol === 'wss:';
  const proxy = findProxy(url, options.proxy);
  const shown = `${hidePassword(url.href)}${proxy ? ` through the proxy ${nameOf(proxy)}` : ''}`;
  const cutIn = (phase: Phase) => (cut.reason as typeof failures.timedOut)(shown, seconds, phase);
  let tls: Partial<ClientTls> = {};
  let tunnel: Tunnel | undefined;
  try {
    if (secure) tls = await clientTls(options, cut);
    if (proxy) tunnel = await untilAborted(tunnelThrough(proxy, url, tls, cut), cut);
  } catch (error) {
    if (cut.aborted) return { ...noAnswer, ...cutIn('files') };
    throw error;
  }
  const uri = url.pathname + url.search;
  const { headers, subProtocols } = request(url, options);
  return new Promise((resolve) => {
    let phase: Phase = tunnel ? 'proxy' : 'DNS/TCP';
    let answer = noAnswer;
    let raw: Duplex | undefined;

    let settled = false;
    const settle = (end: HopEnd) => {
      if (settled) return; // An open connection has its own say about its errors.
      settled = true;
      cut.removeEventListener('abort', cutOff);
      resolve(end);
      if (end !== 'open') ws?.terminate();
    };
    const fail = (failure: Failure) => settle({ ...answer, ...failure });
    const guard = guardWith((cause) => fail(failures.unforeseen(shown, cause)));
    const cutOff = guard(() => fail(cutIn(phase)));
    const answered = (response: IncomingMessage) => {
      answer = { http_status: response.statusCode ?? 0, headers: spelledHeaders(response.rawHeaders), uri };
      watch?.({ step: 'http', values: { status: answer.http_status, text: response.statusMessage ?? '' } });
    };

    tunnel?.onAnswer((told) => {
      if (settled) return;
      if (told.status !== 200) {
        answer = { http_status: told.status, headers: told.headers, uri: '' };
        return fail(proxyFailures.refused(shown, tunnel.proxy, peerOf(url), told));
      }
      phase = secure ? 'TLS' : 'HTTP';
      watch?.({ step: 'proxy', values: { proxy: nameOf(tunnel.proxy) } });
    });

    const onSocket = (socket: Socket) => {
      if (watch) watchSocket(socket, watch, guard);
      const reached = (next: Phase) =>
        guard(() => {
          phase = next;
        });
      socket.once('connect', reached(secure ? 'TLS' : 'HTTP'));
      socket.once('secureConnect', reached('HTTP'));
    };
    let ws: WebSocket | undefined;
    if (cut.aborted) return cutOff();
    try {
      ws = new WebSocket(bare(url), subProtocols, {
        ...tls,
        ...tunnel?.options,
        headers,
        autoPong: false, // See `answerPings`.
        closeTimeout,
        maxPayload: options.maxPayload,
        perMessageDeflate: options.enablePerMessageDeflate && deflateParameters(options.perMessageDeflateOptions),
        finishRequest(req: ClientRequest) {
          req.on('socket', guard(onSocket));
          req.end();
        },
      } as WebSocket.ClientOptions);
    } catch (error) {
      return fail(failures.refusedByUs(shown, error));
    }
    const socket = ws;
    // Stays for good: what a connection that was given up still says must not end the process.
    const onError = (error: Error) => {
      if (tunnel && phase === 'proxy') fail(proxyFailures.unreachable(shown, tunnel.proxy, error));
      else fail(failures.explain(shown, url, error, phase, answer.http_status));
    };
    const onUpgrade = (response: IncomingMessage) => {
      answered(response);
      raw = response.socket;
    };
    const onOtherAnswer = (_: ClientRequest, response: IncomingMessage) => {
      answered(response);
      response.resume();
      const { location } = response.headers;
      const isRedirect = answer.http_status >= 300 && answer.http_status < 400;
      if (!isRedirect) fail(failures.unexpectedStatus(shown, answer.http_status, response.statusMessage ?? ''));
      else if (location) settle({ ...answer, location });
      else fail(failures.redirectWithoutTarget(shown, answer.http_status));
    };
    const onOpen = () => {
      settle('open');
      opened({ ...answer, ws: socket, socket: raw as Duplex });
    };
    socket.on('error', guard(onError));
    socket.on('upgrade', guard(onUpgrade));
    socket.on('unexpected-response', guard(onOtherAnswer));
    socket.on('open', guard(onOpen));
    cut.addEventListener('abort', cutOff);
  });
}

/** The credentials in a URL travel as a header, not in the URL. */
function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = copy.password = '';
  return copy;
}

/** Headers that belong to the handshake itself: it makes its own. */
const handshakeHeaders = ['connection', 'upgrade', 'sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'];

function request(url: URL, options: ClientOptions): { headers: Headers; subProtocols: string[] } {
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

/** What stands in the URL is nearer to this connection than what the config node keeps. */
function basicCredentials(url: URL, { user, password }: ClientOptions): string | undefined {
  const own = urlCredentials(url);
  if (own.user || own.password) return `${own.user}:${own.password}`;
  return user || password ? `${user ?? ''}:${password ?? ''}` : undefined;
}
