import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, as files and as text. */
export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** The passphrase of the key of `encrypted`. */
export const passphrase = 'open, Sesame 1';

/** A time as the command line of OpenSSL wants it: `20240101000000Z`. */
const opensslTime = (ms: number) => `${new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;

/** Returns the certificate with a text replaced by another of the same length. Its signature is then invalid, which its owner does not check. */
function altered(pem: string, text: string, other: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ''), 'base64');
  const at = der.lastIndexOf(text, undefined, 'latin1');
  assert.ok(at > 0 && text.length === other.length, `${text} is in the certificate`);
  der.write(other, at, 'latin1');
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

/** Creates certificates with the command line of OpenSSL, once per run, in a directory that is removed at the end. */
function make() {
  const dir = mkdtempSync(join(tmpdir(), 'ix-certs-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const at = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => {
    try {
      execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Error(
        'These tests make their certificates with the openssl command, which is not on the PATH: install it (Debian: apt-get install openssl).',
      );
    }
  };
  const pair = (name: string): Pair => {
    const [certFile, keyFile] = [at(`${name}.pem`), at(`${name}.key`)];
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  };
  const request = (name: string) => {
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
  };
  const authority = (name: string): Pair => {
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
    openssl('req', '-x509', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-days', '2', '-out', `${name}.pem`);
    writeFileSync(at(`${name}.index`), '');
    return pair(name);
  };
  // `openssl ca` rather than `openssl x509`: only it can make a certificate that has already expired.
  const signed = (name: string, by: string, subjects: string, [from, to] = ['20240101000000Z', '20991231000000Z']): Pair => {
    request(name);
    const config = [
      '[ca]\ndefault_ca=it\n[it]\ndatabase=',
      `${by}.index\nrand_serial=yes\nnew_certs_dir=.\ndefault_md=sha256\n`,
      'policy=any\nunique_subject=no\nx509_extensions=more\n[any]\ncommonName=supplied\n[more]\n',
      subjects && `subjectAltName=${subjects}\n`,
      'basicConstraints=CA:FALSE\n',
    ];
    writeFileSync(at(`${name}.cnf`), config.join(''));
    openssl(
      'ca',
      '-batch',
      '-notext',
      '-config',
      `${name}.cnf`,
      '-cert',
      `${by}.pem`,
      '-keyfile',
      `${by}.key`,
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
      '-startdate',
      from as string,
      '-enddate',
      to as string,
    );
    return pair(name);
  };

  const here = 'DNS:localhost,IP:127.0.0.1,IP:::1';
  const ca = authority('ca');
  const foreignCa = authority('foreign-ca');
  const server = signed('server', 'ca', here);
  openssl('pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-in', 'server.key', '-passout', `pass:${passphrase}`, '-out', 'encrypted.key');
  writeFileSync(at('encrypted.pem'), server.cert);
  writeFileSync(at('undated.key'), server.key);
  writeFileSync(at('undated.pem'), altered(server.cert, '20991231000000Z', '2099123100OO00Z'));
  writeFileSync(at('odd.key'), server.key);
  writeFileSync(at('odd.pem'), altered(server.cert, 'server', '\n\0\x1b[1m'));
  writeFileSync(at('broken.pem'), '-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n');
  writeFileSync(at('broken.key'), '-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n');
  writeFileSync(at('text.pem'), 'no PEM in here\n');
  return {
    dir,
    /** A file that does not exist. */
    missing: at('missing.pem'),
    /** A file without PEM. */
    text: at('text.pem'),
    /** Signs `server`, `expired`, `wrongHost` and `client`. */
    ca,
    /** The CA of `foreign` only. */
    foreignCa,
    /** For localhost, 127.0.0.1 and ::1. */
    server,
    expired: signed('expired', 'ca', here, ['20200101000000Z', '20200201000000Z']),
    notYet: signed('not-yet', 'ca', here, ['20900101000000Z', '20910101000000Z']),
    /** Expires in five days and a half. */
    soon: signed('soon', 'ca', here, ['20240101000000Z', opensslTime(Date.now() + 5.5 * 24 * 60 * 60 * 1000)]),
    wrongHost: signed('wrong-host', 'ca', 'DNS:elsewhere.example'),
    client: signed('client', 'ca', ''),
    foreign: signed('foreign', 'foreign-ca', here),
    /** The certificate of `server`, with its key encrypted by `passphrase`. */
    encrypted: pair('encrypted'),
    /** That of `server`, with an end of validity that is not a date. */
    undated: pair('undated'),
    /** That of `server`, with control characters for a name. */
    odd: pair('odd'),
    /** PEM with invalid content. */
    broken: pair('broken'),
  };
}

let made: ReturnType<typeof make> | undefined;
export const certs = () => (made ??= make());
