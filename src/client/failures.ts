import { codeOf, messageOf } from '../core/errors';
import { type Brief, type Failure, failureOf } from '../core/failure';
import { printable, quoted, roundedSeconds } from '../core/text';
import { peerOf } from '../net/address';
import { networkErrors } from '../net/network-errors';
import type { ClientOptions } from '../options/client';

/** The phase that an opening handshake has reached. */
export type Phase = 'files' | 'DNS/TCP' | 'proxy' | 'TLS' | 'HTTP';

const phases: Record<Phase, string> = {
  files: 'files: the TLS files were not read. Check that their file system answers.',
  'DNS/TCP': 'DNS/TCP: the host was not found or did not answer. Check the address and the network.',
  proxy: 'proxy: the proxy was not found, or did not open a tunnel to the server. Check that it is an HTTP proxy.',
  TLS: 'TLS: the server did not complete the TLS handshake. Check that it uses TLS on this port.',
  HTTP: 'HTTP: the server did not answer the upgrade request. Check that it is a WebSocket server.',
};

/** The status text of a failure, and the option to check first. */
export type Kind = readonly [brief: Brief, option?: keyof ClientOptions | undefined];

/** Returns the failure of a connection attempt. @param why the rest of the sentence. */
export const failure = (url: string, why: string, [brief, option]: Kind): Failure =>
  failureOf(`Could not connect to ${url}: ${why}`, { brief, option });

/** The reason why a redirect is not followed. */
export type Barred = 'none' | 'host' | 'list' | 'private';
const unlisted = 'its host is not in the list of hosts. Add it in the ix-4d-bridge node if you trust it.';
const barredWhy: Record<Barred, string> = {
  none: 'followRedirects is none. Use that address as the URL, or set followRedirects to same-host.',
  host: 'it is another host, and followRedirects is same-host. Use that address as the URL, or set followRedirects to any.',
  list: unlisted,
  private: 'a public address may not lead to a private one. Use that address as the URL if you trust it.',
};

/** Failures of a client start. Each sentence names the attempt, the failure and the remedy (contract, section 8). */
export const failures = {
  timedOut: (url: string, seconds: number, phase: Phase) =>
    failure(url, `timed out after ${roundedSeconds(seconds)} s in the phase ${phases[phase]}`, [
      'timedOut',
      phase === 'files' ? 'certFile' : 'URL',
    ]),
  stopped: (url: string, _seconds: number, _phase: Phase) => failure(url, 'the start was aborted by stop or clear.', ['stopped']),
  unforeseen: (url: string, cause: unknown) =>
    failure(url, `the handshake failed with an internal error: ${messageOf(cause)}. Please report it.`, ['failed']),
  invalidRequest: (url: string, error: unknown) => failure(url, `${messageOf(error)}.`, ['failed']),
  redirectWithoutTarget: (url: string, status: number) =>
    failure(url, `the server answered ${status}, a redirect, without a Location. Use the address that it should lead to.`, [
      'redirect',
      'URL',
    ]),
  redirectNotFollowed(url: string, status: number, location: string, barred: Barred): Failure {
    const why = `the server answered ${status}, a redirect to ${quoted(location, 300)}, which was not followed: ${barredWhy[barred]}`;
    return failure(url, why, ['redirect', barred === 'private' || barred === 'list' ? 'URL' : 'followRedirects']);
  },
  notAllowed: (url: string) => failure(url, unlisted, ['failed', 'URL']),
  tooManyRedirects: (url: string, max: number) =>
    failure(url, `it was redirected more than ${max} times. Check whether two servers redirect to each other.`, ['redirect', 'URL']),
  badRedirect: (url: string, location: string) =>
    failure(
      url,
      `it was redirected to ${quoted(location, 300)}, which is not a WebSocket or HTTP URL. Check the configuration of the server.`,
      ['redirect', 'URL'],
    ),
  explain(url: string, target: URL, error: Error, phase: Phase): Failure {
    // The host may come from a redirect.
    const [why, ...kind] = cause(printable(peerOf(target)), printable(target.hostname), error, phase);
    return failure(url, why, kind);
  },
} as const;

type Explained = readonly [why: string, ...Kind];

function cause(peer: string, host: string, error: Error, phase: Phase): Explained {
  const message = messageOf(error);
  const code = sslCode(message) ?? codeOf(error);
  const known = causes.find(([pattern]) => pattern.test(code));
  if (known) {
    const [, sentence, ...kind] = known;
    return [sentence(peer, host, code), ...kind];
  }
  if (phase === 'TLS' || code.startsWith('ERR_SSL')) return [`the TLS handshake with ${peer} failed (${code || message}).`, 'tls'];
  return [`${message}${code && !message.includes(code) ? ` (${code})` : ''}.`, 'failed'];
}

/** Returns OpenSSL's reason as a code. For these errors, Node's code is EPROTO and only the message has the reason. */
function sslCode(message: string): string | undefined {
  if (!message.includes('EPROTO')) return undefined;
  const parts = message.split(':');
  const reason = parts[parts.indexOf('SSL routines') + 2];
  return parts.includes('SSL routines') && reason ? `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}` : undefined;
}

type Sentence = (peer: string, host: string, code: string) => string;
const causes: readonly (readonly [RegExp, Sentence, ...Kind])[] = [
  [
    networkErrors.notFound,
    (_, host, code) => `the name ${host} was not found (${code}). Check its spelling and the DNS settings of this machine.`,
    'notFound',
    'URL',
  ],
  [
    networkErrors.refused,
    (peer, _, code) => `${peer} refused the connection (${code}). Check that the server is running and listens on this address.`,
    'refused',
    'URL',
  ],
  [
    networkErrors.unreachable,
    (peer, _, code) => `${peer} cannot be reached (${code}). Check the address, the network and firewalls.`,
    'unreachable',
    'URL',
  ],
  [
    /^ERROR_IN_CERT_/,
    (peer, _, code) => `the certificate of ${peer} has an unreadable date (${code}). Renew the certificate on the server.`,
    'certificate',
  ],
  [
    /^CERT_HAS_EXPIRED$/,
    (peer, _, code) => `the certificate of ${peer} has expired (${code}). Renew the certificate on the server.`,
    'certificate',
  ],
  [
    /^CERT_NOT_YET_VALID$/,
    (peer, _, code) => `the certificate of ${peer} is not valid yet (${code}). Check the clock of this machine.`,
    'certificate',
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    (peer, host, code) =>
      `the certificate of ${peer} is for another host, not for ${host} (${code}). Use a host name that the certificate contains.`,
    'certificate',
    'URL',
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|INVALID_CA|PATH_LENGTH_EXCEEDED)/,
    (peer, _, code) => `the certificate of ${peer} is not trusted (${code}). Add the CA that issued it under Trusted CAs (caFile).`,
    'certificate',
    'caFile',
  ],
  [
    /^ERR_SSL_.*ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)/,
    (peer, _, code) =>
      `${peer} ended the TLS handshake (${code}): it requires a client certificate that it trusts, or has no cipher in common. ` +
      'Set certFile and keyFile, or check ciphers.',
    'tls',
    'certFile',
  ],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)/,
    (peer, _, code) => `${peer} does not speak TLS (${code}). Use ws:// instead of wss://.`,
    'tls',
    'URL',
  ],
  [
    /^ERR_SSL_.*(PROTOCOL|VERSION)/,
    (peer, _, code) => `${peer} and this client have no TLS version in common (${code}). Enable TLS 1.2 or later on the server.`,
    'tls',
  ],
  [
    networkErrors.closed,
    (peer, _, code) =>
      `${peer} closed the connection before it answered (${code}). Check that it is a WebSocket server, whether it expects wss:// or a client certificate, and whether it is full.`,
    'closed',
    'URL',
  ],
  [
    /^HPE_HEADER_OVERFLOW$/,
    (peer, _, code) =>
      `the answer of ${peer} has more than 16 KiB of headers (${code}). Reduce them on the server, for instance its cookies and policies.`,
    'failed',
    'URL',
  ],
  [/^HPE_/, (peer, _, code) => `${peer} did not answer with HTTP (${code}). Check that it is a WebSocket server.`, 'notWebSocket', 'URL'],
];
