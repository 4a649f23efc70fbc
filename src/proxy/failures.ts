import { codeOf, messageOf } from '../core/errors';
import { type Brief, type Failure, failureOf } from '../core/failure';
import { longestStatus, printable } from '../core/text';
import { networkErrors } from '../net/network-errors';
import { type HttpProxy, nameOf } from './find-proxy';
import { maxProxyAnswer, type ProxyAnswer } from './tunnel';

const failure = (shown: string, why: string, brief: Brief): Failure =>
  failureOf(`Could not connect to ${shown}: ${why}`, { brief, option: 'proxy' });

/** Failures of a connection through a proxy: sentences like those of `client/failures.ts`. */
export const proxyFailures = {
  rejected(shown: string, proxy: HttpProxy, server: string, { status, text }: ProxyAnswer): Failure {
    const peer = printable(server);
    const known = proxy.authorization ? 'does not accept the user name and password' : 'requires a user name and password';
    const why: Record<number, string> = {
      403: `does not allow connections to ${peer}. Many proxies allow only port 443, so try wss://, or add the host to NO_PROXY or to the proxy node's list.`,
      405: 'does not open tunnels (CONNECT). Check that it is an HTTP proxy.',
      407: `${known}. Check the HTTP proxy node, or the proxy URL in the environment.`,
      502: `could not reach ${peer}. Check the URL, and whether the proxy may connect to it.`,
      503: `temporarily cannot reach ${peer}. Try again later.`,
      504: `received no answer from ${peer} in time. Check the URL, and whether the proxy may connect to it.`,
    };
    const more = why[status] ?? `did not open a tunnel to ${peer}. Check that it is an HTTP proxy.`;
    return failure(shown, `the proxy answered ${`${status} ${printable(text, longestStatus)}`.trim()}: it ${more}`, 'proxyStatus');
  },
  unreachable(shown: string, proxy: HttpProxy, error: Error): Failure {
    const [code, message] = [codeOf(error), messageOf(error)];
    const shownCode = code && ` (${code})`;
    if (code === 'HPE_HEADER_OVERFLOW') {
      const why = `answered with more than ${maxProxyAnswer} bytes of headers${shownCode}. Check that it is an HTTP proxy.`;
      return failure(shown, `the proxy ${nameOf(proxy)} ${why}`, 'proxy');
    }
    // Node's message for a connection that was closed normally before a response.
    if (message === 'socket hang up' || code.startsWith('HPE_')) {
      return failure(shown, `the proxy ${nameOf(proxy)} did not reply like an HTTP proxy. Check the address.`, 'proxy');
    }
    const known = causes.find(([pattern]) => pattern.test(code));
    if (known) return failure(shown, `the proxy ${nameOf(proxy)} ${known[1].replace('__code__', shownCode)}`, 'proxy');
    return failure(shown, `the connection to the proxy ${nameOf(proxy)} failed: ${message}${shownCode}.`, 'proxy');
  },
} as const;

const causes: readonly (readonly [RegExp, string])[] = [
  [networkErrors.refused, 'refused the connection__code__. Check that it is running and listens on this address.'],
  [networkErrors.notFound, 'could not be resolved__code__. Check the spelling of its name and the DNS settings of this machine.'],
  [networkErrors.unreachable, 'cannot be reached__code__. Check its address, the network and firewalls.'],
  [
    networkErrors.closed,
    'closed the connection before it answered__code__. Check that it is an HTTP proxy, and that this machine may use it.',
  ],
  [
    /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_CA|ERR_TLS_CERT_ALTNAME_INVALID)/,
    'has a certificate that is not trusted__code__. Set NODE_EXTRA_CA_CERTS to the CA that issued it.',
  ],
  [/^(ERR_SSL_|EPROTO)/, 'did not complete the TLS handshake__code__. Check whether its URL must start with http:// instead of https://.'],
];
