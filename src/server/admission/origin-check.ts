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

/** Compares without the ports: a page of Node-RED on 1880 may connect to the server beside it. */
function isSameHost(origin: string, host: string | undefined, isLocal: boolean): boolean {
  const [from, to] = [hostName(origin), host === undefined ? '' : hostName(`http://${host}`)];
  if (from === '') return false;
  // Nobody can have a name below localhost resolve to another machine (RFC 6761, section 6.3).
  if (from === to) return !isLocal || isLoopbackName(from) || from.endsWith('.localhost');
  return isLoopbackName(from) && isLoopbackName(to);
}

function hostName(url: string): string {
  try {
    return new URL(url).hostname.replace(/\.$/, '');
  } catch {
    return '';
  }
}

/** Returns whether a name is `localhost` or one of its addresses. These are one host: people use one for the page and another for the connection. */
const isLoopbackName = (name: string) => name === 'localhost' || name === '[::1]' || /^127(\.\d+){3}$/.test(name);
