import { isPrivateHost } from '../net/private-address';
import { type Barred, failures } from './failures';
import type { ConnectFailure, Redirect } from './handshake';

const maxRedirects = 10;

/** Returns whether a client may connect to a URL. */
export type AllowsUrl = (url: URL) => boolean;

/** Follows the redirects of one connection attempt, or returns why one is not followed. */
export class Redirects {
  private followed = 0;
  private latest: Redirect | undefined;

  /**
   * @param shown the URL of the client as error sentences show it.
   * @param allowed the option `followRedirects`.
   * @param allows returns whether a URL may be followed to; absent, every URL may.
   */
  constructor(
    private readonly shown: string,
    private readonly allowed: string,
    private readonly allows?: AllowsUrl | undefined,
  ) {}

  /** True if the latest redirect came from a public address. The next server must then have a public address too. */
  get isPublic(): boolean {
    return this.latest?.isPublic ?? false;
  }

  /** Returns the target URL of a redirect, or the failure of the attempt. */
  follow(redirect: Redirect, from: URL): URL | ConnectFailure {
    this.latest = redirect;
    const { location, isPublic: _, ...answer } = redirect;
    if (this.allowed === 'none') return this.barred('none');
    if (++this.followed > maxRedirects) return { ...answer, ...failures.tooManyRedirects(this.shown, maxRedirects) };
    const to = findUrl(location, from);
    if (!to) return { ...answer, ...failures.badRedirect(this.shown, location) };
    if (this.allowed !== 'any' && to.hostname !== from.hostname) return this.barred('host');
    if (this.allows?.(to) === false) return this.barred('list');
    return this.isPublic && isPrivateHost(to) ? this.barred('private') : to;
  }

  /** Returns the failure of an attempt whose latest redirect is not allowed. */
  barred(why: Barred): ConnectFailure {
    const { location, isPublic: _, ...answer } = this.latest as Redirect;
    return { ...answer, ...failures.redirectNotFollowed(this.shown, answer.http_status, location, why) };
  }
}

/** Returns a URL that `ws` accepts: with a WebSocket scheme, and without the fragment, which is never sent. */
export function webSocketUrl(text: string | URL, base?: URL): URL {
  const url = new URL(text, base);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  url.hash = '';
  return url;
}

function findUrl(location: string, base: URL): URL | undefined {
  try {
    const url = webSocketUrl(location, base);
    return url.protocol === 'ws:' || url.protocol === 'wss:' ? url : undefined;
  } catch {
    return undefined;
  }
}
