import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { codeOf, messageOf, optionError } from '../core/errors';
import { printable, quoted } from '../core/text';
import type { TlsSource } from '../options/kinds';
import { readSmallFile } from './files';

/** The TLS options of both sides. */
export interface TlsSettings {
  readonly tls: boolean;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly caFile?: string | undefined;
  readonly ciphers?: string | undefined;
  readonly tlsConfig?: TlsSource | undefined;
}

/** The options that a TLS client passes to `tls.connect`. */
export interface ClientTls {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
}

/** The options that a TLS server passes to `https.createServer`. */
export interface ServerTls extends SecureContextOptions {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** Certificates, keys and trusted CAs, read and checked. */
interface Material {
  readonly context: SecureContextOptions;
  /** True if the peer must present a certificate that `context.ca`, or the default CAs, can verify. */
  readonly verify: boolean;
  readonly servername?: string;
}

/**
 * @param stop settles the call, even if a file operation does not end.
 * @throws SocketError `ERR_OPTION`, with the option and the file, if anything is missing, unreadable, malformed or mismatched; the reason
 * of `stop`.
 */
export async function clientTls(settings: TlsSettings, stop?: AbortSignal): Promise<ClientTls> {
  const { context, verify, servername } = await material(settings, true, stop);
  return {
    secureContext: createSecureContext(context),
    rejectUnauthorized: verify,
    ...(servername ? { servername } : {}),
  };
}

/**
 * @returns `undefined` for a server without TLS.
 * @throws SocketError `ERR_OPTION`, as `clientTls`.
 */
export async function serverTls(settings: TlsSettings, stop?: AbortSignal): Promise<ServerTls | undefined> {
  if (!settings.tls && !settings.tlsConfig) return undefined;
  const { context, verify } = await material(settings, false, stop);
  if (!context.cert || !context.key) {
    const missing = settings.tlsConfig ? 'tlsConfig' : context.cert ? 'keyFile' : 'certFile';
    throw optionError(`A server with tls needs a certificate and its key: give ${missing}.`, undefined, missing);
  }
  return { ...context, requestCert: verify, rejectUnauthorized: verify };
}

/** Returns the files that a server with these options reads. */
export function filesOf({ tls, certFile, keyFile, caFile, tlsConfig }: TlsSettings): string[] {
  if (!tls || tlsConfig) return [];
  const isFile = (value: string | undefined): value is string => Boolean(value) && !isPem(value as string);
  return [certFile, keyFile, isWord(caFile, 'NONE') || isWord(caFile, 'SYSTEM') ? undefined : caFile].filter(isFile);
}

/** Returns the server's own certificate, without its chain if that is separate. */
export const leafOf = ({ cert }: ServerTls) => (Array.isArray(cert) ? cert[0] : cert) as string | Buffer;

/** Returns true if these options verify nothing of the peer. A client logs a warning then. */
export const isUnverified = ({ caFile, tlsConfig }: Pick<TlsSettings, 'caFile' | 'tlsConfig'>): boolean =>
  tlsConfig ? tlsConfig.addTLSOptions({}).rejectUnauthorized === false : isWord(caFile, 'NONE');

async function material(settings: TlsSettings, isClient: boolean, stop: AbortSignal | undefined): Promise<Material> {
  const read = settings.tlsConfig ? fromNode(settings.tlsConfig) : await fromOptions(settings, isClient, stop);
  try {
    createSecureContext(read.context);
  } catch (error) {
    throw optionError(`The TLS options cannot be used together: ${messageOf(error)}.`, error);
  }
  return read;
}

function fromNode(tlsConfig: TlsSource): Material {
  if (tlsConfig.valid === false) {
    const sentence = 'The option tlsConfig names a TLS configuration that is not valid: a file is missing, or a key has no certificate.';
    throw optionError(sentence, undefined, 'tlsConfig');
  }
  const { rejectUnauthorized, servername, ...context } = tlsConfig.addTLSOptions({}) as SecureContextOptions & {
    rejectUnauthorized?: boolean;
    servername?: string;
    ALPNProtocols?: unknown;
  };
  // WebSockets run over HTTP/1.1, which needs no protocol negotiated by TLS.
  delete (context as { ALPNProtocols?: unknown }).ALPNProtocols;
  return {
    context: { minVersion: 'TLSv1.2', ...context },
    verify: rejectUnauthorized !== false,
    ...(servername ? { servername } : {}),
  };
}

async function fromOptions(settings: TlsSettings, isClient: boolean, stop: AbortSignal | undefined): Promise<Material> {
  const { certFile, keyFile, passphrase, caFile } = settings;
  const context: SecureContextOptions = { minVersion: 'TLSv1.2' };
  if (certFile || keyFile) {
    if (!certFile) throw optionError('The option keyFile is given without certFile: a key needs its certificate.', undefined, 'certFile');
    if (!keyFile) throw optionError('The option certFile is given without keyFile: a certificate needs its key.', undefined, 'keyFile');
    const cert = await readPem('certFile', certFile, stop);
    const key = await readPem('keyFile', keyFile, stop);
    const [leaf] = certificates('certFile', cert);
    if (!leaf.checkPrivateKey(privateKey(key, passphrase))) {
      const sentence = `The key in keyFile (${key.where}) does not belong to the certificate in certFile (${cert.where}).`;
      throw optionError(sentence, undefined, 'keyFile');
    }
    Object.assign(context, { cert: cert.text, key: key.text, ...(passphrase ? { passphrase } : {}) });
  }
  const verify = caFile ? !isWord(caFile, 'NONE') : isClient;
  if (caFile && verify && !isWord(caFile, 'SYSTEM')) {
    const ca = await readPem('caFile', caFile, stop);
    certificates('caFile', ca);
    context.ca = ca.text;
  }
  const ciphers = cipherList(settings.ciphers);
  if (ciphers) context.ciphers = ciphers;
  return { context, verify };
}

const isWord = (value: string | undefined, word: string) => value?.trim().toUpperCase() === word;

/** @throws SocketError `ERR_OPTION` for a list without any cipher that OpenSSL supports. */
function cipherList(list: string | undefined): string | undefined {
  const ciphers = list
    ?.trim()
    .split(/[\s,:]+/)
    .join(':');
  if (!ciphers || isWord(ciphers, 'DEFAULT')) return undefined;
  try {
    createSecureContext({ ciphers });
    return ciphers;
  } catch (error) {
    throw optionError(
      `The option ciphers must be an OpenSSL cipher list; ${quoted(list ?? '')} names no cipher that is known here.`,
      error,
      'ciphers',
    );
  }
}

const isPem = (value: string) => value.includes('-----BEGIN');

interface Pem {
  readonly text: string;
  /** The source of the text, for error sentences; never the text itself. */
  readonly where: string;
}

const fileFailures: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file. Check the path.',
  EACCES: 'Node-RED may not read it. Check the permissions of the file.',
};

async function readPem(option: string, value: string, stop: AbortSignal | undefined): Promise<Pem> {
  // A PEM in an environment variable often has its line ends written as \n.
  if (isPem(value)) return { text: value.replaceAll('\\n', '\n'), where: 'a PEM text' };
  const where = `the file ${printable(value)}`;
  try {
    const text = await readSmallFile(value, stop);
    if (!isPem(text)) throw new Error('it holds no PEM text');
    return { text, where };
  } catch (error) {
    stop?.throwIfAborted();
    const reason = fileFailures[codeOf(error)] ?? `${messageOf(error)}. Give the path of a PEM file.`;
    throw optionError(`The option ${option} names ${where}, which cannot be used: ${reason}`, error, option);
  }
}

function certificates(option: string, { text, where }: Pem): [X509Certificate, ...X509Certificate[]] {
  const blocks = text.match(/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (TRUSTED |X509 )?CERTIFICATE-----/g) ?? [];
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block));
    if (!first) throw new Error('it holds no certificate');
    return [first, ...others];
  } catch (error) {
    throw optionError(`The option ${option} (${where}) is no usable PEM certificate: ${messageOf(error)}.`, error, option);
  }
}

function privateKey({ text, where }: Pem, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase ? { passphrase } : {}) });
  } catch (error) {
    const encrypted = text.includes('ENCRYPTED');
    const reason = !encrypted
      ? messageOf(error)
      : passphrase
        ? 'the passphrase does not open it'
        : 'it is encrypted, and no passphrase is given';
    throw optionError(`The option keyFile (${where}) is no usable PEM key: ${reason}.`, error, encrypted ? 'passphrase' : 'keyFile');
  }
}
