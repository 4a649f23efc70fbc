import type { Socket } from 'node:net';
import type { Watch } from '../core/progress';
import { shownUrl } from '../core/text';
import { peerOf } from '../net/address';
import { isElsewhere, urlCredentials, withoutCredentials } from '../net/credentials';
import type { AttemptOptions } from '../options/client';
import { proxyFailures } from '../proxy/failures';
import { findProxy, type HttpProxy, nameOf } from '../proxy/find-proxy';
import { openTunnel } from '../proxy/tunnel';
import { type ClientTls, clientTls } from '../tls/context';
import { failures } from './failures';
import { type Attempt, type ConnectFailure, cutFailure, type HopEnd, handshake, noAnswer, type Opened } from './handshake';
import { type AllowsUrl, Redirects, webSocketUrl } from './redirects';

export type { Answer, ConnectFailure, Opened } from './handshake';

export interface ConnectOptions extends AttemptOptions {
  /** Returns whether a connection to a URL is allowed. It is called before each hop; absent, every URL is allowed. */
  readonly allows?: AllowsUrl | undefined;
}

/**
 * Performs the opening handshake of a client (RFC 6455, section 4.1) and follows redirects.
 *
 * @param seconds one deadline for everything: DNS, TCP, proxy, TLS, HTTP and all hops.
 * @param stop aborts the handshake.
 * @param opened is called in the event-loop turn in which the connection opens, before any frame is read.
 * @param watch is called with each step of the handshake.
 * @returns the failure, or `undefined` once the connection is open.
 * @throws SocketError `ERR_OPTION` if a certificate, key, CA or proxy cannot be used.
 */
export async function connect(
  options: ConnectOptions,
  seconds: number,
  stop: AbortSignal,
  opened: (opened: Opened) => void,
  watch?: Watch,
): Promise<ConnectFailure | undefined> {
  // `handshakeTimeout` of ws does not limit the total time: every byte from a slow server restarts it.
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(failures.timedOut), seconds * 1000);
  const stopped = () => cut.abort(failures.stopped);
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  const attempt: Attempt = { seconds, cut: cut.signal, opened, watch };
  try {
    let url = webSocketUrl(options.URL);
    // Stored apart from the URL, so that a redirect within the same host keeps them.
    let own = url.username || url.password ? { ...options, ...urlCredentials(url) } : options;
    if (options.allows?.(url) === false) return { ...noAnswer, ...failures.notAllowed(shownUrl(options.URL)) };
    const redirects = new Redirects(shownUrl(options.URL), options.followRedirects, options.allows);
    for (;;) {
      const end = await hop(url, own, redirects.isPublic, attempt);
      if (end === 'open') return undefined;
      if ('privateAddress' in end) return redirects.barred('private');
      if ('errorStr' in end) return end;
      const next = redirects.follow(end, url);
      if ('errorStr' in next) return next;
      if (isElsewhere(url, next)) own = withoutCredentials(own);
      url = next;
      watch?.({ step: 'redirect', values: { url: shownUrl(url.href) } });
    }
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', stopped);
  }
}

/**
 * Connects to one server and performs the handshake with it.
 *
 * @param publicOnly fails if the server has a private address.
 */
async function hop(url: URL, options: ConnectOptions, publicOnly: boolean, attempt: Attempt): Promise<HopEnd> {
  const proxy = findProxy(url, options.proxy);
  const { cut } = attempt;
  const shown = `${shownUrl(url.href)}${proxy ? ` through the proxy ${nameOf(proxy)}` : ''}`;
  let tls: Partial<ClientTls> = {};
  try {
    if (url.protocol === 'wss:') tls = await clientTls(options, cut);
  } catch (error) {
    if (cut.aborted) return { ...noAnswer, ...cutFailure(attempt, shown, 'files') };
    throw error;
  }
  if (!proxy) return handshake({ url, options, tls, publicOnly, tunnel: undefined, shown }, attempt);
  const tunnel = await tunnelTo(url, proxy, shown, attempt);
  return 'errorStr' in tunnel ? tunnel : handshake({ url, options, tls, publicOnly, tunnel, shown }, attempt);
}

async function tunnelTo(url: URL, proxy: HttpProxy, shown: string, attempt: Attempt): Promise<Socket | ConnectFailure> {
  const { cut, watch } = attempt;
  const peer = peerOf(url);
  try {
    const tunnel = await openTunnel(proxy, peer, cut);
    if ('rejected' in tunnel) {
      const { status, headers } = tunnel.rejected;
      return { http_status: status, headers, uri: '', ...proxyFailures.rejected(shown, proxy, peer, tunnel.rejected) };
    }
    watch?.({ step: 'proxy', values: { proxy: nameOf(proxy) } });
    return tunnel.socket;
  } catch (error) {
    const failure = cut.aborted ? cutFailure(attempt, shown, 'proxy') : proxyFailures.unreachable(shown, proxy, error as Error);
    return { ...noAnswer, ...failure };
  }
}
