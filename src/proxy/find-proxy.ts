import { optionError, show } from '../core/errors';
import { urlCredentials } from '../net/credentials';
import type { ProxySource } from '../options/kinds';

/** An HTTP proxy that connections go through. */
export interface HttpProxy {
  /** Without credentials: sentences show it. */
  readonly url: URL;
  /** The header Proxy-Authorization, where the proxy is to be told who we are. */
  readonly authorization?: string;
}

/**
 * The proxy on the way to a URL: the one that the option names, else the one that the environment has for its scheme. An option
 * whose URL is empty goes directly, whatever the environment says.
 *
 * Exceptions are read as Node-RED's core nodes and the `proxy-from-env` of many others read NO_PROXY. That package knows the environment
 * alone; the list of an `http proxy` node has to mean the same.
 *
 * @throws SocketError `ERR_OPTION` for a proxy that is no URL of one.
 */
export function findProxy(target: URL, source: ProxySource | undefined, environment = process.env): HttpProxy | undefined {
  const variable = target.protocol === 'wss:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const of = (name: string) => environment[name.toLowerCase()] || environment[name] || '';
  const text = (source ? (source.url ?? '') : of(variable)).trim();
  const exceptions = source ? (source.noproxy ?? []) : of('NO_PROXY').split(/[,\s]/);
  if (text === '' || exceptions.some((exception) => isExcepted(target, exception.trim().toLowerCase()))) return undefined;
  const { username, password, ...url } = parts(text, source ? 'the HTTP proxy node' : `the environment variable ${variable}`);
  const { username: user, password: secret } = source?.credentials ?? {};
  const credentials = user || secret ? `${user ?? ''}:${secret ?? ''}` : username || password ? `${username}:${password}` : '';
  return { ...url, ...(credentials && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }) };
}

/** What sentences call a proxy. */
export const nameOf = ({ url }: HttpProxy) => `${url.protocol}//${url.host}`;

function parts(text: string, where: string): { url: URL; username: string; password: string } {
  try {
    const url = new URL(text.includes('://') ? text : `http://${text}`);
    if (!/^https?:$/.test(url.protocol) || url.hostname === '') throw new Error(`it is a URL of ${url.protocol}`);
    const { user: username, password } = urlCredentials(url);
    url.username = url.password = '';
    return { url, username, password };
  } catch {
    // Not the cause: an error of `URL` holds the whole text, with the password.
    const constraint = 'the URL of an HTTP proxy, for instance http://proxy.example:3128';
    throw optionError(`The proxy that ${where} names must be ${constraint}; got ${show(text)}.`, undefined, 'proxy');
  }
}

/** `example.com` is that host, `.example.com` and `*.example.com` are those below it, `*` is every host; each with a port or without. */
function isExcepted({ hostname, port, protocol }: URL, exception: string): boolean {
  const [, host = '', onPort] = /^(.*?)(?::(\d+))?$/.exec(exception) ?? [];
  if (host === '' || (onPort && onPort !== (port || (protocol === 'wss:' ? '443' : '80')))) return false;
  const name = hostname.toLowerCase();
  return /^[.*]/.test(host) ? name.endsWith(host.replace(/^\*/, '')) : name === host;
}
