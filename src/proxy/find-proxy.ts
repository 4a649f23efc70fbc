import { optionError, show } from '../core/errors';
import { urlCredentials } from '../net/credentials';
import type { ProxySource } from '../options/kinds';

/** An HTTP proxy for connections. */
export interface HttpProxy {
  /** The URL without credentials, because sentences show it. */
  readonly url: URL;
  /** The value of the header Proxy-Authorization, if the proxy has credentials. */
  readonly authorization?: string;
}

/**
 * Returns the proxy for a URL: that of the option, or else that of the environment for the scheme. An option with an empty URL connects
 * directly, whatever the environment contains.
 *
 * Exceptions have the syntax of NO_PROXY in Node-RED's core nodes and in `proxy-from-env`. That package reads only the environment. The
 * list of an `http proxy` node has to mean the same.
 *
 * @throws SocketError `ERR_OPTION` for a proxy whose URL is not valid.
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

/** Returns the name of a proxy in error sentences. */
export const nameOf = ({ url }: HttpProxy) => `${url.protocol}//${url.host}`;

function parts(text: string, where: string): { url: URL; username: string; password: string } {
  try {
    const url = new URL(text.includes('://') ? text : `http://${text}`);
    if (!/^https?:$/.test(url.protocol) || url.hostname === '') throw new Error(`it is a URL of ${url.protocol}`);
    const { user: username, password } = urlCredentials(url);
    url.username = url.password = '';
    return { url, username, password };
  } catch {
    // Without the cause, because an error of `URL` holds the whole text, including the password.
    const constraint = 'the URL of an HTTP proxy, for instance http://proxy.example:3128';
    throw optionError(`The proxy that ${where} names must be ${constraint}; got ${show(text)}.`, undefined, 'proxy');
  }
}

/**
 * Returns true if a host is excepted. `example.com` is that host; `.example.com` and `*.example.com` are its subdomains; `*` is every host.
 * Each may have a port.
 */
function isExcepted({ hostname, port, protocol }: URL, exception: string): boolean {
  const [, host = '', onPort] = /^(.*?)(?::(\d+))?$/.exec(exception) ?? [];
  if (host === '' || (onPort && onPort !== (port || (protocol === 'wss:' ? '443' : '80')))) return false;
  const name = hostname.toLowerCase();
  return /^[.*]/.test(host) ? name.endsWith(host.replace(/^\*/, '')) : name === host;
}
