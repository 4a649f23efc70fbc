import type { SecureContextOptions } from 'node:tls';
import { codeOf, messageOf, optionError } from '../core/errors';
import type { TlsSource } from '../options/kinds';
import { certificates, identity, type Pem, pemOf } from './material';

/** Certificates, keys and trusted CAs, read and checked. */
export interface Material {
  readonly context: SecureContextOptions;
  /** True if the peer must present a certificate that `context.ca`, or the default CAs, can verify. */
  readonly verify: boolean;
  readonly servername?: string;
}

/**
 * Returns what a TLS configuration node offers, PKCS#12 too.
 *
 * @throws SocketError `ERR_OPTION`
 */
export function nodeMaterial(tlsConfig: TlsSource, isClient: boolean): Material {
  if (tlsConfig.valid === false) {
    const sentence =
      'The option tlsConfig names a TLS configuration that is not valid: a file is missing, or a certificate or its key. ' +
      'The log of that node says which.';
    throw optionError(sentence, undefined, 'tlsConfig');
  }
  const { rejectUnauthorized, servername, ...offered } = tlsConfig.addTLSOptions({}) as SecureContextOptions & {
    rejectUnauthorized?: boolean;
    servername?: string;
    ALPNProtocols?: unknown;
  };
  // WebSockets run over HTTP/1.1, which needs no protocol negotiated by TLS.
  delete (offered as { ALPNProtocols?: unknown }).ALPNProtocols;
  const context = { minVersion: 'TLSv1.2' as const, ...withReadPem(offered) };
  const isTicked = rejectUnauthorized !== false;
  return {
    context,
    // The box is named "Verify server certificate", and is ticked by default. On a server it counts only beside a CA of its own.
    verify: isTicked && (isClient || Boolean(context.ca)),
    ...(servername ? { servername } : {}),
  };
}

/** Returns the options with each PEM in its canonical form. A PEM of an environment variable is rarely as OpenSSL writes it. */
function withReadPem({ cert, key, ca, ...others }: SecureContextOptions): SecureContextOptions {
  const [certPem, keyPem, caPem] = [pem(cert, 'certificate'), pem(key, 'private key'), pem(ca, 'CA certificate')];
  const { passphrase } = others;
  return {
    ...others,
    ...(certPem && keyPem
      ? identity(certPem, keyPem, passphrase)
      : { ...(isEmpty(cert) ? {} : { cert }), ...(isEmpty(key) ? {} : { key }) }),
    ...(caPem ? { ca: certificates(caPem) } : isEmpty(ca) ? {} : { ca }),
  };
}

/** A TLS configuration node has an empty Buffer for an environment variable that is not set. */
const isEmpty = (value: unknown) => value === undefined || (value as { length?: number }).length === 0;

const pem = (value: unknown, what: string): Pem | undefined =>
  !isEmpty(value) && (typeof value === 'string' || Buffer.isBuffer(value))
    ? pemOf('tlsConfig', `the ${what} of the TLS configuration node`, Buffer.from(value as string))
    : undefined;

/** Explanations of OpenSSL's errors of certificates and keys, by code, or by message if there is no code. */
const refusals: readonly (readonly [words: RegExp, clause: string])[] = [
  [/KEY_TOO_SMALL/, 'the key of a certificate is too short to be safe. Use RSA keys of at least 2048 bits'],
  [/MD_TOO_WEAK/, 'a certificate is signed by a method that is not safe any more, such as SHA-1. Have it signed with SHA-256'],
  [/KEY_VALUES_MISMATCH|KEY_TYPE_MISMATCH/, 'the key does not belong to the certificate'],
  [/mac verify failure/, 'the passphrase does not open the PKCS#12 file'],
  [/PKCS12 PFX data/, 'the encryption of the PKCS#12 file is too old for this Node.js. Export it again, with AES'],
  [/from PFX data/, 'the PKCS#12 file has no private key, or no certificate. Export both into it'],
  [/not enough data|wrong tag|too long|asn1/i, 'the file is not a PKCS#12 file (.p12, .pfx)'],
];

/** Returns the error for certificates and keys that OpenSSL refuses. */
export function refusal(error: unknown, option: string) {
  const words = `${codeOf(error)} ${messageOf(error)}`;
  const clause = refusals.find(([pattern]) => pattern.test(words))?.[1] ?? 'OpenSSL does not take them together';
  return optionError(`The certificate, key and CAs of ${option} cannot be used: ${clause}.`, error, option);
}
