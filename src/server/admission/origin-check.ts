import { canonicalOrigin } from '../../options/addresses';

/**
 * Returns whether a web page of this origin may connect. A browser lets any page open a WebSocket to any host, and sends the origin of
 * the page. The server must check it (RFC 6455, section 10.2).
 *
 * @param origin the header Origin of the request. A client that sends none is not a web page.
 * @param host the host and port that the client connects to, from the request.
 * @param allowed the option `allowedOrigins`.
 * @param isLocal the connection arrived at a loopback address, and not from a trusted proxy. An attacker can make any name resolve to a
 * loopback address (DNS rebinding). Such a request has that name as its host, so `same host` accepts loopback names only.
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

/** Compares the hosts without the ports, so a page of Node-RED on port 1880 can connect to a server on another port. */
function isSameHost(origin: string, host: string | undefined, isLocal: boolean): boolean {
  const [from, to] = [hostName(origin), host === undefined ? '' : hostName(`http://${host}`)];
  if (from === '') return false;
  // An attacker cannot make a name below localhost resolve to another machine (RFC 6761, section 6.3).
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

/** Returns whether a name is `localhost` or one of its addresses. They count as one host: a page can use one and its connection another. */
const isLoopbackName = (name: string) => name === 'localhost' || name === '[::1]' || /^127(\.\d+){3}$/.test(name);
