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
    const known = proxy.authorization ? 'does not accept the user and password that it was given' : 'asks for a user and a password';
    const why: Record<number, string> = {
      403: `does not allow connections to ${peer}. Many proxies allow only port 443, so wss:// may work; or name the host in NO_PROXY, or the proxy node's list.`,
      405: 'does not open tunnels (CONNECT). Is it an HTTP proxy?',
      407: `${known}. Check those of the HTTP proxy node, or in the proxy's URL in the environment.`,
      502: `could not reach ${peer}. Check the URL, and whether the proxy may go there.`,
      503: `could not reach ${peer} for the moment.`,
      504: `got no answer from ${peer} in time. Check the URL, and whether the proxy may go there.`,
    };
    const more = why[status] ?? `did not open a tunnel to ${peer}. Is it an HTTP proxy?`;
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
      return failure(shown, `the proxy ${nameOf(proxy)} did not answer as an HTTP proxy does. Is it one?`, 'proxy');
    }
    const known = causes.find(([pattern]) => pattern.test(code));
    if (known) return failure(shown, `the proxy ${nameOf(proxy)} ${known[1].replace('__code__', shownCode)}`, 'proxy');
    return failure(shown, `the connection to the proxy ${nameOf(proxy)} failed: ${message}${shownCode}.`, 'proxy');
  },
} as const;

const causes: readonly (readonly [RegExp, string])[] = [
  [networkErrors.refused, 'refused the connection__code__. Is it running, and listening there?'],
  [networkErrors.notFound, "was not found__code__. Check the spelling of its name, and this machine's name server."],
  [networkErrors.unreachable, 'cannot be reached__code__. Check its address, the network and firewalls.'],
  [networkErrors.closed, 'closed the connection before it answered__code__. Is it an HTTP proxy, and may this machine use it?'],
  [
    /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_CA|ERR_TLS_CERT_ALTNAME_INVALID)/,
    'has a certificate that is not trusted__code__. NODE_EXTRA_CA_CERTS can name the CA that vouches for it.',
  ],
  [/^(ERR_SSL_|EPROTO)/, 'did not finish the TLS handshake__code__. Does its URL have to begin with http:// instead of https://?'],
];
