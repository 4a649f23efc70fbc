import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { heldInstead, kindOfFile } from '../../../src/tls/foreign-formats';
import { pemBlocks } from '../../../src/tls/pem';
import { certs } from '../../helpers/certs';

const block = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

describe('heldInstead', () => {
  for (const [title, text, wanted, clause] of [
    ['a certificate', block('CERTIFICATE'), 'key', /^it holds a certificate, and no private key$/],
    ['a key', block('EC PRIVATE KEY'), 'certificate', /^it holds a private key, and no certificate$/],
    ['a key behind its parameters', block('EC PARAMETERS') + block('EC PRIVATE KEY'), 'certificate', /a private key/],
    ['a request', block('CERTIFICATE REQUEST'), 'certificate', /signing request \(CSR\)/],
    ['a key of OpenSSH', block('OPENSSH PRIVATE KEY'), 'key', /ssh-keygen -p -m PEM/],
    ['an unknown block', block('THING'), 'key', /a block named THING/],
  ] as const) {
    it(`names ${title}`, () => assert.match(heldInstead(pemBlocks(text), wanted), clause));
  }
});

describe('kindOfFile', () => {
  const kind = (bytes: Buffer | string) => kindOfFile(Buffer.from(bytes as string), bytes.toString());
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it('names a certificate in binary form', () => {
    assert.match(kind(new X509Certificate(certs().server.cert).raw), /^it is a certificate in binary form \(DER\)/);
  });

  it('names a key in binary form', () => {
    assert.match(kind(privateKey.export({ type: 'pkcs8', format: 'der' })), /^it is a private key in binary form \(DER\)/);
  });

  it('names the inside of a PEM text', () => {
    const inside = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    assert.match(kind(inside), /^it is the inside of a PEM text/);
  });

  for (const [text, clause] of [
    ['ssh-rsa AAAA', /public key of SSH/],
    ['PuTTY-User-Key-File-3: x', /key of PuTTY/],
    ['<html>', /HTML or XML/],
    ['{"a":1}', /it is JSON/],
    ['----BEGIN CERTIFICATE----', /five hyphens/],
    ['hello', /^it holds no PEM text$/],
  ] as const) {
    it(`names ${text}`, () => assert.match(kind(text), clause));
  }

  it('names a Java key store', () => assert.match(kind(Buffer.from('feedfeed00000002', 'hex')), /Java key store/));
});
