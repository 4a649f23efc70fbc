import type { IncomingMessage } from 'node:http';
import { show } from '../../core/errors';
import type { Headers } from '../../core/events';
import { printable } from '../../core/text';
import { addressGroup, isLoopback, plainAddress } from '../../net/address';
import { spelledHeaders } from '../../net/headers';
import { parameterOf, pathOf } from '../../net/request-target';
import { canonicalOrigin } from '../../options/addresses';
import { type PathPattern, parsePath } from '../../options/path-pattern';
import type { ServerOptions } from '../../options/server';
import { type AuthenticationResult, authentication, type PresentedCredentials } from './authentication';
import { FailedLogins } from './failed-logins';
import { hiding } from './hiding';
import { isAllowedOrigin } from './origin-check';
import { isProgram } from './program-check';
import { shownHeaders, withoutParameter } from './redaction';
import { offeredSubProtocols, tokenOffered, tokenPrefixes } from './sub-protocols';
import { type ClientAddress, TrustedProxies } from './trusted-proxies';

/** The client, request target and headers of an upgrade request, with secrets hidden. */
export interface RequestInfo extends ClientAddress {
  readonly uri: string;
  readonly headers: Headers;
}

/** The kind of a rejection. Several kinds share one HTTP status. */
export type RefusalKind =
  | 'blocked'
  | 'evicted'
  | 'flow'
  | 'full'
  | 'http'
  | 'late'
  | 'loginMissing'
  | 'loginWrong'
  | 'origin'
  | 'path'
  | 'pathTaken'
  | 'perAddress'
  | 'protocol'
  | 'tls'
  | 'undecided'
  | 'upgrade';

/** Headers of a response. A list is a header that is repeated. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A rejected upgrade. */
export interface UpgradeRejection {
  readonly http_status: number;
  readonly kind: RefusalKind;
  /** The reason, as the rest of a sentence. */
  readonly why: string;
  /** The origin or the path, for a status line. */
  readonly detail?: string;
  /** The headers of the response. */
  readonly headers?: ResponseHeaders;
  /** The body of the response, if the flow has given one. */
  readonly body?: string;
}

/** An upgrade that is not rejected. */
export interface Entry {
  /** The authenticated user. */
  readonly user?: string;
  /** The parts of the path that the option `path` names. */
  readonly params?: Record<string, string>;
}

/** Checks upgrade requests against the options of a server. Each upgrade is checked once, before its WebSocket exists. */
export class UpgradeRules {
  /** The option `path`; `undefined` if it is empty, which serves any. */
  private readonly path: PathPattern | undefined;
  private readonly proxies: TrustedProxies;
  private readonly tokenPrefixes: readonly string[];
  private readonly authenticate: (shown: PresentedCredentials) => AuthenticationResult;
  /** Hides the expected token anywhere in a text. Clients and proxies also send it in unexpected headers and parameters. */
  private readonly hide: (text: string) => string;
  /** The number of connections of each address. An IPv6 address counts by its /64. */
  private readonly connections = new Map<string, number>();
  private readonly failedLogins: FailedLogins;

  /** @throws SocketError `ERR_OPTION` if a secret is missing. */
  constructor(private readonly options: ServerOptions) {
    this.tokenPrefixes = tokenPrefixes(options);
    this.path = options.path ? parsePath(options.path) : undefined;
    this.authenticate = authentication(options);
    this.hide = hiding(options.auth === 'bearer' ? (options.token ?? '') : '');
    this.proxies = new TrustedProxies(options.trustProxy);
    this.failedLogins = new FailedLogins(options.maxRefusalsPerAddress);
  }

  /** Returns whether an address is that of a trusted proxy, which many clients share. */
  isProxy(address: string | undefined): boolean {
    return this.proxies.trusts(address);
  }

  /** Returns the part of a request that events and information may show. */
  requestInfo({ url = '', rawHeaders, headers, socket }: IncomingMessage): RequestInfo {
    const { auth, tokenParameter = '' } = this.options;
    const shown = shownHeaders(spelledHeaders(rawHeaders), auth !== 'none', tokenParameter, this.tokenPrefixes);
    if (auth === 'bearer') for (const [name, value] of Object.entries(shown)) shown[name] = this.hide(value);
    const { remoteIp, remotePort } = this.proxies.client(socket, text(headers['x-forwarded-for']));
    return {
      remoteIp,
      remotePort,
      uri: this.hide(withoutParameter(url, tokenParameter)),
      headers: shown,
    };
  }

  /** Checks an upgrade. Returns the rejection, or the authenticated user. */
  check(request: IncomingMessage, { remoteIp }: RequestInfo): UpgradeRejection | Entry {
    const { url = '', headers } = request;
    const { path = '', tokenParameter = '', maxConnectionsPerIp = 0 } = this.options;
    const asked = pathOf(url);
    const params = this.path ? this.path.match(asked) : {};
    if (!params) {
      const why = `its path is ${this.shown(asked)}, and path is ${show(path)}`;
      return { http_status: 404, kind: 'path', why, detail: this.brief(asked) };
    }
    const foreign = this.foreignOrigin(request);
    if (foreign) return foreign;
    const blockedMs = this.failedLogins.blockedFor(remoteIp ?? '');
    if (blockedMs > 0) {
      const seconds = Math.ceil(blockedMs / 1000);
      const why = `${printable(remoteIp ?? '')} showed wrong credentials too often, and is blocked for ${seconds} s (maxRefusalsPerAddress)`;
      return { http_status: 429, kind: 'blocked', why, headers: { 'Retry-After': String(seconds) } };
    }
    const parameter = tokenParameter === '' ? undefined : parameterOf(url, tokenParameter);
    const subProtocol = tokenOffered(offeredSubProtocols(headers['sec-websocket-protocol']), this.tokenPrefixes);
    const result = this.authenticate({ authorization: headers.authorization, parameter, subProtocol });
    if ('why' in result) {
      if (result.isWrong) this.failedLogins.failed(remoteIp ?? '');
      const kind = result.isWrong ? 'loginWrong' : 'loginMissing';
      return { http_status: 401, kind, why: result.why, headers: { 'WWW-Authenticate': result.challenge } };
    }
    this.failedLogins.succeeded(remoteIp ?? '');
    const open = this.connections.get(addressGroup(remoteIp ?? '')) ?? 0;
    if (maxConnectionsPerIp > 0 && open >= maxConnectionsPerIp) {
      const why = `${printable(remoteIp ?? '')} has ${open} connections, as many as maxConnectionsPerIp allows`;
      return { http_status: 429, kind: 'perAddress', why };
    }
    return this.path?.isExact === false ? { ...result, params } : result;
  }

  /** Returns the rejection of a page whose origin is not allowed. */
  private foreignOrigin({ headers, socket }: IncomingMessage): UpgradeRejection | undefined {
    const { allowedOrigins } = this.options;
    // `ws` also accepts version 8 of the protocol, in which the header has this name. An empty header is an absent one.
    const origin = headers.origin?.trim() || text(headers['sec-websocket-origin'])?.trim() || undefined;
    if (origin === undefined) return undefined;
    const host = this.proxies.host(socket, headers.host, text(headers['x-forwarded-host']));
    const isProxied = this.proxies.trusts(plainAddress(socket.remoteAddress));
    const isLocal = isLoopback(socket.localAddress) && !isProxied;
    if (isAllowedOrigin(origin, host, allowedOrigins, isLocal)) return undefined;
    const namesHost = isAllowedOrigin(origin, host, allowedOrigins);
    if (allowedOrigins.includes('same host') && isProgram(headers, origin, isProxied, namesHost)) return undefined;
    const remedy = canonicalOrigin(origin) ?? '*';
    const why = `its Origin is ${this.shown(origin)}, its Host ${this.shown(host)}, and allowedOrigins lets in no pages from there`;
    const detail = this.brief(origin.replace(/^[a-z][a-z\d+.-]*:\/\//i, ''));
    return { http_status: 403, kind: 'origin', why: `${why}. Add ${printable(remedy, longestOrigin)} to it if you trust them`, detail };
  }

  /** Returns a header as error sentences show it, with the token hidden. */
  shown(header: string | undefined): string {
    return show(header && this.hide(header));
  }

  /** Returns a text of a request for a status line, with the token hidden. */
  private brief(text: string): string {
    return printable(this.hide(text), longestBrief);
  }

  /** Counts an admitted connection. @returns a function to call when the connection closes. */
  enter({ remoteIp = '' }: RequestInfo): () => void {
    const group = addressGroup(remoteIp);
    this.connections.set(group, (this.connections.get(group) ?? 0) + 1);
    return () => {
      const left = (this.connections.get(group) ?? 1) - 1;
      if (left > 0) this.connections.set(group, left);
      else this.connections.delete(group);
    };
  }
}

/** The number of characters of an origin or path in a status line. */
const longestBrief = 60;
/** The number of characters of an origin that a remedy shows. */
const longestOrigin = 100;

/** Returns a repeated header as one text. Node joins repeated headers, but its types declare that only for known names. */
const text = (header: string | string[] | undefined) => (Array.isArray(header) ? header.join(', ') : header);
