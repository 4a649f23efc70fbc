import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { clientTls, filesOf, serverTls } from '../../../src/tls/context';
import { isText, pathOf } from '../../../src/tls/material';
import { certs, passphrase } from '../../helpers/certs';
import { folder } from '../../helpers/files';
import { client, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
const file = (data: string | Buffer, name = 'x.pem') => {
  const path = join(folder(), name);
  writeFileSync(path, data);
  return path;
};
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const indented = (text: string) => text.replaceAll(/^/gm, '    ');

describe('PEM is read as people have it:', () => {
  afterEach(teardown);

  const forms: [string, (pem: string) => string][] = [
    ['a file with CRLF', (pem) => file(pem.replaceAll('\n', '\r\n'))],
    ['a file with CR alone', (pem) => file(pem.replaceAll('\n', '\r'))],
    ['a file with a BOM', (pem) => file(`\ufeff${pem}`)],
    ['a file in UTF-16 with a BOM', (pem) => file(utf16(`\ufeff${pem}`))],
    ['a file in UTF-16 without a BOM', (pem) => file(utf16(pem))],
    ['a file in big-endian UTF-16', (pem) => file(utf16(`\ufeff${pem}`).swap16())],
    ['a file with text before, between and after', (pem) => file(`Bag Attributes\n  friendlyName: x\n${pem}\nend of it\n`)],
    ['an indented file', (pem) => file(indented(pem))],
    ['a file with one line and written line ends', (pem) => file(pem.replaceAll('\n', '\\n'))],
    ['a text with written \\r\\n', (pem) => pem.replaceAll('\n', '\\r\\n')],
    ['a text with line ends escaped twice', (pem) => pem.replaceAll('\n', '\\\\n')],
    ['a text with blanks for line ends', (pem) => pem.trim().replaceAll('\n', ' ')],
    ['a text without line ends', (pem) => pem.trim().replaceAll('\n', '')],
    ['an indented text', indented],
    ['a text in quotation marks', (pem) => JSON.stringify(pem)],
    ['a text in single quotation marks', (pem) => `'${pem.trim()}'`],
    ['each line in quotation marks', (pem) => pem.trim().replaceAll(/^.*$/gm, '"$&\\n"')],
    ['the base64 of a text, as in a Kubernetes secret', (pem) => Buffer.from(pem).toString('base64')],
    ['a percent-encoded text', encodeURIComponent],
    ['a path with blanks around it', (pem) => `  ${file(pem)}\t`],
    ['a path in quotation marks', (pem) => ` "${file(pem, 'with blank.pem')}" `],
    ['a path in single quotation marks', (pem) => `'${file(pem)}'`],
  ];
  for (const [title, form] of forms) {
    it(`${title}, as certFile, keyFile and caFile`, async () => {
      const { server: own, client: me, ca } = certs();
      const harness = await server({ tls: true, certFile: form(own.cert), keyFile: form(own.key), caFile: form(ca.cert) }).open();
      const options = { certFile: form(me.cert), keyFile: form(me.key), caFile: form(ca.cert) };
      const { success, errorStr } = await client({ URL: `wss://127.0.0.1:${harness.port}/`, ...options }).start();
      assert.equal(success, true, errorStr);
    });
  }

  it('an encrypted key of the old form, with blanks or nothing for line ends', async () => {
    const { encrypted, server: own } = certs();
    for (const cipher of ['-aes256', '-des3']) {
      const old = openssl('ec', '-in', own.keyFile, cipher, '-passout', `pass:${passphrase}`).toString().trim();
      assert.match(old, /^Proc-Type/m);
      for (const keyFile of [old, old.replaceAll('\n', ' '), old.replaceAll('\n', '')]) {
        await serverTls({ tls: true, certFile: encrypted.certFile, keyFile, passphrase });
      }
    }
  });

  it('certificate and key in one file, in any order, and a key behind its parameters', async () => {
    const { cert, key } = certs().server;
    const parameters = openssl('ecparam', '-name', 'prime256v1').toString();
    for (const text of [cert + key, key + cert, parameters + key + cert]) {
      await serverTls({ tls: true, certFile: file(text), keyFile: file(text) });
    }
  });

  it('a chain in any order: the certificate of the key comes first', async () => {
    const { server: own, ca } = certs();
    const tls = await serverTls({ tls: true, certFile: file(ca.cert + own.cert), keyFile: own.keyFile });
    assert.equal(String(tls?.cert).replaceAll('\n', ''), (own.cert + ca.cert).replaceAll('\n', ''));
  });

  it('~ is the home directory, and a followed file is the one that is read', () => {
    const home = join(homedir(), 'a', 'cert.pem');
    assert.equal(pathOf(' ~/a/cert.pem '), home);
    assert.equal(pathOf('"~/a/cert.pem"'), home);
    assert.equal(pathOf('/a/~/b'), '/a/~/b');
    assert.deepEqual(filesOf({ tls: true, certFile: '~/a/cert.pem', keyFile: " '/k.pem' ", caFile: ' system ' }), [home, '/k.pem']);
  });
});

describe('PEM that cannot be read is reported in a sentence:', () => {
  const der = (pem: string) => Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ''), 'base64');
  const cut = (pem: string) => pem.replace(/\n[^\n]*\n(?=-----END)/, '\n');
  const made = (...args: string[]) => openssl(...args).toString();
  const { server: own, ca, encrypted } = certs();
  const csr = own.certFile.replace('.pem', '.csr');
  const p12 = () => openssl('pkcs12', '-export', '-in', own.certFile, '-inkey', own.keyFile, '-passout', 'pass:x');
  type Option = 'certFile' | 'keyFile' | 'caFile';
  const rows: [string, Option[], () => string | Buffer, RegExp][] = [
    ['a private key', ['certFile', 'caFile'], () => own.key, /it holds a private key, and no certificate\.$/],
    ['a certificate', ['keyFile'], () => own.cert, /it holds a certificate, and no private key\.$/],
    [
      'a public key',
      ['certFile', 'keyFile', 'caFile'],
      () => made('pkey', '-in', own.keyFile, '-pubout'),
      /it holds a public key, and no /,
    ],
    [
      'a signing request',
      ['certFile', 'keyFile', 'caFile'],
      () => made('req', '-in', csr),
      /it holds a certificate signing request \(CSR\)/,
    ],
    [
      'a PKCS#7 bundle',
      ['certFile', 'keyFile', 'caFile'],
      () => made('crl2pkcs7', '-nocrl', '-certfile', ca.certFile),
      /it holds a PKCS#7 bundle/,
    ],
    [
      'a binary PKCS#7 bundle',
      ['certFile', 'caFile'],
      () => openssl('crl2pkcs7', '-nocrl', '-certfile', ca.certFile, '-outform', 'DER'),
      /it is a PKCS#7 bundle in binary form/,
    ],
    [
      'a binary certificate',
      ['certFile', 'caFile'],
      () => der(own.cert),
      /it is a certificate in binary form \(DER\), which "openssl x509/,
    ],
    ['a binary key', ['keyFile'], () => der(own.key), /it is a private key in binary form \(DER\), which "openssl pkey/],
    ['a PKCS#12 file', ['certFile', 'keyFile', 'caFile'], p12, /it is a PKCS#12 file/],
    ['a Java key store', ['certFile'], () => Buffer.from('feedfeed00000002', 'hex'), /it is a Java key store/],
    ['a public key of SSH', ['keyFile'], () => 'ssh-ed25519 AAAA me@host\n', /it is a public key of SSH/],
    [
      'a key of OpenSSH',
      ['keyFile'],
      () => '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      /it holds a key of OpenSSH/,
    ],
    ['a web page', ['caFile'], () => '<!DOCTYPE html>', /it is an HTML or XML page/],
    [
      'only the inside of a PEM',
      ['certFile', 'keyFile'],
      () => der(own.key).toString('base64'),
      /it is the inside of a PEM text, without its first/,
    ],
    [
      'lines with other dashes',
      ['certFile', 'keyFile'],
      () => own.key.replaceAll('-----', '—-'),
      /its first and last line do not have five hyphens/,
    ],
    [
      'no line END',
      ['certFile', 'keyFile'],
      () => [own.key, own.cert].map((pem) => pem.split('-----END')[0]).join(''),
      /it is cut off: its last line is missing/,
    ],
    ['a body that is cut off', ['certFile', 'caFile'], () => cut(own.cert), /it is cut off: \d+ of its \d+ bytes are there/],
    [
      'a body with other characters',
      ['certFile', 'caFile'],
      () => own.cert.replace('\nMI', '\n<snip>MI'),
      /it holds characters that are not base64/,
    ],
    [
      'nothing between the lines',
      ['certFile'],
      () => own.cert.replace(/(?<=-----\n)[^-]+/, ''),
      /there is nothing between its first and its last line/,
    ],
    [
      'a damaged second certificate',
      ['caFile'],
      () => `${ca.cert}-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----`,
      /certificate 2 of 2 is damaged/,
    ],
    ['an encrypted key without a passphrase', ['keyFile'], () => encrypted.key, /it is encrypted, and no passphrase is given/],
  ];
  for (const [title, options, content, sentence] of rows) {
    it(title, async () => {
      for (const option of options) {
        for (const value of [file(content()), ...[content()].filter((text) => typeof text === 'string').filter(isText)]) {
          const settings = { tls: true, certFile: own.certFile, keyFile: own.keyFile, [option]: value };
          for (const attempt of [() => serverTls(settings), () => clientTls(settings)]) {
            await assert.rejects(attempt, (error: Error & { code?: string }) => {
              assert.equal(error.code, 'ERR_OPTION');
              assert.match(error.message, new RegExp(`^The option ${option} `));
              assert.match(error.message, sentence);
              assert.doesNotMatch(error.message, /error:|routines|MI[A-Za-z0-9]{4}|BEGIN|PRIVATE KEY/);
              return true;
            });
          }
        }
      }
    });
  }
});
