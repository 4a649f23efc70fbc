import { canonicalOrigin } from '../options/addresses';

/**
 * May a web page of this origin connect? A browser lets any page open a WebSocket to any host, and says where the page is from; to
 * look at it is up to the server (RFC 6455, section 10.2).
 *
 * @param origin the request's header Origin. Whoever sends none is no web page.
 * @param host the host, and port, that the client says it connects to.
 * @param allowed the option `allowedOrigins`.
 */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*')) return true;
  const named = canonicalOrigin(origin);
  if (named === undefined) return false;
  return allowed.includes(named) || (allowed.includes('same host') && isSameHost(named, host));
}

/** The port is left aside: a page of Node-RED on 1880 is to reach the server beside it. */
function isSameHost(origin: string, host: string | undefined): boolean {
  const [from, to] = [hostName(origin), host === undefined ? '' : hostName(`http://${host}`)];
  return from !== '' && (from === to || (isThisMachine(from) && isThisMachine(to)));
}

function hostName(url: string): string {
  try {
    return new URL(url).hostname.replace(/\.$/, '');
  } catch {
    return '';
  }
}

/** `localhost` and its addresses: people use the one for the page, and the other for the connection. */
const isThisMachine = (name: string) => name === 'localhost' || name === '[::1]' || /^127(\.\d+){3}$/.test(name);
