import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { Headers } from './events';
import type { HttpProxy } from './proxy';
import type { ClientTls } from './tls';

/** What a proxy said to our CONNECT. */
export interface ProxyAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A way through a proxy. */
export interface Tunnel {
  readonly proxy: HttpProxy;
  /** What `ws` is to be told. */
  readonly options: object;
  /** Tells what the proxy answers, before anything is sent to the server. */
  onAnswer(listener: (answer: ProxyAnswer) => void): void;
}

/**
 * Has the proxy open a tunnel (CONNECT: RFC 9110, section 9.3.6), for `ws://` too: one that is asked to forward an upgrade may not
 * know how (RFC 6455, section 4.1).
 *
 * @param cut ends it: the agent itself would wait for a silent proxy, whatever became of the request.
 */
export async function tunnelThrough(proxy: HttpProxy, target: URL, tls: Partial<ClientTls>, cut: AbortSignal): Promise<Tunnel> {
  const { url, authorization } = proxy;
  // Loaded when it is needed, and a module that only `import` can load.
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  const secure = target.protocol === 'wss:';
  // Not in the URL: the agent writes that to its debug log.
  const headers: Headers = authorization ? { 'Proxy-Authorization': authorization } : {};
  const agent = new HttpsProxyAgent(url, { headers, signal: cut } as object);
  // Both spare the agent from looking for `https` in the stack.
  agent.protocol = secure ? 'https:' : 'http:';
  return {
    proxy,
    options: { agent, secureEndpoint: secure, ...(secure && identity(target, tls.servername)) },
    onAnswer(listener) {
      agent.on('proxyConnect', ({ statusCode, statusText, headers }: Connect) => {
        const all = Object.entries(headers).map(([name, value]) => [name, String(value)]);
        listener({ status: statusCode, text: statusText, headers: Object.fromEntries(all) });
      });
    },
  };
}

interface Connect {
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The certificate has to be the server's: left alone, Node would look for the name that the socket was connected to, the proxy's. */
function identity({ hostname }: URL, servername: string | undefined) {
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    servername: servername ?? (isIP(host) ? '' : host),
    checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(servername ?? host, certificate),
  };
}
