import { canonicalOrigin } from '../../options/addresses';

/**
 * May a web page of this origin connect? A browser lets any page open a WebSocket to any host, and says where the page is from; to
 * look at it is up to the server (RFC 6455, section 10.2).
 *
 * @param origin the request's header Origin. Whoever sends none is no web page.
 * @param host the host, and port, that the client says it connects to.
 * @param allowed the option `allowedOrigins`.
 * @param isLocal the connection arrived at a loopback address, and not from a trusted proxy. Every name that an attacker has resolve to
 * a loopback address (DNS rebinding) arrives there with that name as its host, so `same host` means loopback names only.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
  isLocal = false,
): boolean {
  if (origin === undefined || allowed.includes('*')) return true;
  const named = canonicalOrigin(origin);
  if (named === undefined) return false;
  return allowed.includes(named) || (allowed.includes('same host') && isSameHost(named, host, isLocal));
}

/** The port is left aside: a page of Node-RED on 1880 is to reach the server beside it. */
function isSameHost(origin: string, host: string | undefined, isLocal: boolean): boolean {
  const [from, to] = [hostName(origin), host === undefined ? '' : hostName(`http://${host}`)];
  return from !== '' && ((from === to && !isLocal) || (isLoopbackName(from) && isLoopbackName(to)));
}

function hostName(url: string): string {
  try {
    return new URL(url).hostname.replace(/\.$/, '');
  } catch {
    return '';
  }
}

/** `localhost`, the names below it (RFC 6761, section 6.3) and its addresses: people use one for the page, and another for the connection. */
const isLoopbackName = (name: string) =>
  name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(\.\d+){3}$/.test(name);
