import { createPrivateKey, X509Certificate } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { codeOf, messageOf, optionError } from '../core/errors';
import { printable } from '../core/text';
import { readSmallFile } from './files';
import { heldInstead, kindOfFile } from './foreign-formats';
import { decode, isPem, type PemBlock, pemBlocks } from './pem';

/** The blocks of one option, with their source for error sentences. */
export interface Pem {
  readonly option: string;
  readonly where: string;
  readonly blocks: readonly PemBlock[];
}

/** A certificate with its chain, and its key, as PEM for `createSecureContext`. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

const fileFailures: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist. Check the path.',
  EACCES: 'Node-RED may not read it. Check the permissions of the file.',
  EPERM: 'Node-RED may not read it. Check the permissions of the file.',
  ENOTDIR: 'a part of its path is not a directory. Check the path.',
  ENAMETOOLONG: 'its name is too long. Give the path of a PEM file, or a PEM text.',
  ELOOP: 'its symbolic links lead in a circle. Check the path.',
};

/**
 * Reads an option that is a path or a PEM text.
 *
 * @param stop settles the call, even if the file system does not respond.
 * @throws SocketError `ERR_OPTION`; the reason of `stop`.
 */
export async function readPem(option: string, value: string, stop?: AbortSignal): Promise<Pem> {
  if (isText(value)) return pemOf(option, isPem(value) ? 'a PEM text' : 'a text', Buffer.from(value));
  const path = pathOf(value);
  const where = `the file ${printable(path)}`;
  let bytes: Buffer;
  try {
    bytes = await readSmallFile(path, stop);
  } catch (error) {
    stop?.throwIfAborted();
    const reason = fileFailures[codeOf(error)] ?? `${messageOf(error)}. Give the path of a PEM file.`;
    throw optionError(`The option ${option} names ${where}, which cannot be used: ${reason}`, error, option);
  }
  return pemOf(option, where, bytes);
}

/**
 * Returns the PEM of a file, or of a TLS configuration node.
 *
 * @throws SocketError `ERR_OPTION`, with what is wrong with it.
 */
export function pemOf(option: string, where: string, bytes: Buffer): Pem {
  const text = decode(bytes);
  if (!isPem(text)) {
    throw optionError(`The option ${option} names ${where}, which cannot be used: ${kindOfFile(bytes, text)}.`, undefined, option);
  }
  return { option, where, blocks: pemBlocks(text) };
}

/** Returns the path that an option means: without blanks and quotation marks around it, and with `~` replaced. */
export function pathOf(value: string): string {
  const path = value
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim();
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
}

/** Returns true if a value cannot be a path. It may be a key, so no sentence shows it. */
export const isText = (value: string): boolean =>
  isPem(value) || /[\r\n]|BEGIN [A-Z]/.test(value.trim()) || value.length > 4096 || /^[A-Za-z0-9+/=]{100,}$/.test(value.trim());

/**
 * Returns the certificates of a PEM, each as PEM.
 *
 * @throws SocketError `ERR_OPTION` if there is none, or one cannot be read.
 */
export function certificates(pem: Pem): string[] {
  const blocks = wantedBlocks(pem, 'certificate', /^(TRUSTED |X509 )?CERTIFICATE$/);
  for (const [index, { text }] of blocks.entries()) {
    try {
      new X509Certificate(text);
    } catch (error) {
      const which = blocks.length > 1 ? `certificate ${index + 1} of ${blocks.length}` : 'its certificate';
      throw unusable(pem, 'certificate', `${which} is damaged`, error);
    }
  }
  return blocks.map(({ text }) => text);
}

/**
 * Returns a certificate with its chain, and its key. The certificate of the key comes first, wherever it is in the file.
 *
 * @throws SocketError `ERR_OPTION` if they cannot be read, or do not belong together.
 */
export function identity(cert: Pem, key: Pem, passphrase: string | undefined): Identity {
  const texts = certificates(cert);
  const [block] = wantedBlocks(key, 'key', /^((RSA|EC|DSA|ENCRYPTED) )?PRIVATE KEY$/);
  const opened = privateKey(key, block, passphrase);
  const own = texts.find((text) => new X509Certificate(text).checkPrivateKey(opened));
  if (own === undefined) {
    throw optionError(
      `The key in ${key.option} (${key.where}) does not belong to the certificate in ${cert.option} (${cert.where}).`,
      undefined,
      key.option,
    );
  }
  return { cert: [own, ...texts.filter((text) => text !== own)].join(''), key: block.text };
}

/** Returns the blocks of a kind: at least one, and each of them whole. */
function wantedBlocks(pem: Pem, wanted: 'certificate' | 'key', labels: RegExp): [PemBlock, ...PemBlock[]] {
  const [first, ...others] = pem.blocks.filter(({ label }) => labels.test(label));
  const problem = first ? [first, ...others].find((block) => block.problem)?.problem : heldInstead(pem.blocks, wanted);
  if (!first || problem) throw unusable(pem, wanted, problem as string);
  return [first, ...others];
}

function privateKey(pem: Pem, { text, isEncrypted }: PemBlock, passphrase: string | undefined) {
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase ? { passphrase } : {}) });
  } catch (error) {
    if (!isEncrypted) throw unusable(pem, 'key', 'it is damaged, or of a kind that this Node.js does not read', error);
    const old = codeOf(error) === 'ERR_OSSL_UNSUPPORTED' ? ', or its encryption is too old for this Node.js' : '';
    const clause = passphrase ? `the passphrase does not open it${old}` : 'it is encrypted, and no passphrase is given';
    throw unusable(pem, 'key', clause, error, 'passphrase');
  }
}

/** @param fault the option to mend, if it is another. A TLS configuration node has its own passphrase. */
function unusable({ option, where }: Pem, wanted: 'certificate' | 'key', clause: string, cause?: unknown, fault = option) {
  const sentence = `The option ${option} (${where}) is not a usable PEM ${wanted}: ${clause}.`;
  return optionError(sentence, cause, option === 'tlsConfig' ? option : fault);
}
