import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { optionError } from '../core/errors';
import { quoted } from '../core/text';
import type { TlsSource } from '../options/kinds';
import { certificates, identity, isText, pathOf, readPem } from './material';
import { type Material, nodeMaterial, refusal } from './node-material';

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
  if (!certificateIn(context) || !(context.key || context.pfx)) {
    const missing = settings.tlsConfig ? 'tlsConfig' : context.cert ? 'keyFile' : 'certFile';
    const give = settings.tlsConfig ? 'the TLS configuration node of tlsConfig lacks one of them' : `give ${missing}`;
    throw optionError(`A server with tls needs a certificate and its key: ${give}.`, undefined, missing);
  }
  return { ...context, requestCert: verify, rejectUnauthorized: verify };
}

/** Returns the files that a server with these options reads. */
export function filesOf({ tls, certFile, keyFile, caFile, tlsConfig }: TlsSettings): string[] {
  if (!tls || tlsConfig) return [];
  const isFile = (value: string | undefined): value is string => Boolean(value) && !isText(value as string);
  return [certFile, keyFile, isWord(caFile, 'NONE') || isWord(caFile, 'SYSTEM') ? undefined : caFile].filter(isFile).map(pathOf);
}

/** Returns the server's own certificate as DER. */
export const leafOf = (tls: ServerTls): Buffer => certificateIn(tls) as Buffer;

/** Only OpenSSL knows which certificate of a PKCS#12 file is the server's own. */
function certificateIn(options: SecureContextOptions): Buffer | undefined {
  const { context } = createSecureContext(options) as { context: { getCertificate(): Buffer | null } };
  return context.getCertificate() ?? undefined;
}

/** Returns true if these options verify nothing of the peer. A client logs a warning then. */
export const isUnverified = ({ caFile, tlsConfig }: Pick<TlsSettings, 'caFile' | 'tlsConfig'>): boolean =>
  tlsConfig ? tlsConfig.addTLSOptions({}).rejectUnauthorized === false : isWord(caFile, 'NONE');

async function material(settings: TlsSettings, isClient: boolean, stop: AbortSignal | undefined): Promise<Material> {
  const { tlsConfig } = settings;
  const read = tlsConfig ? nodeMaterial(tlsConfig, isClient) : await fromOptions(settings, isClient, stop);
  try {
    createSecureContext(read.context);
  } catch (error) {
    throw refusal(error, tlsConfig ? 'tlsConfig' : 'certFile');
  }
  return read;
}

async function fromOptions(settings: TlsSettings, isClient: boolean, stop: AbortSignal | undefined): Promise<Material> {
  const { certFile, keyFile, passphrase, caFile } = settings;
  const context: SecureContextOptions = { minVersion: 'TLSv1.2' };
  if (certFile || keyFile) {
    if (!certFile) throw optionError('The option keyFile is given without certFile: a key needs its certificate.', undefined, 'certFile');
    if (!keyFile) throw optionError('The option certFile is given without keyFile: a certificate needs its key.', undefined, 'keyFile');
    const cert = await readPem('certFile', certFile, stop);
    const key = await readPem('keyFile', keyFile, stop);
    Object.assign(context, identity(cert, key, passphrase), passphrase ? { passphrase } : {});
  }
  const verify = caFile ? !isWord(caFile, 'NONE') : isClient;
  if (caFile && verify && !isWord(caFile, 'SYSTEM')) {
    context.ca = certificates(await readPem('caFile', caFile, stop));
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
