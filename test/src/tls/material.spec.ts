import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { certificates, identity, isText, pathOf, pemOf, readPem } from '../../../src/tls/material';
import { certs, passphrase } from '../../helpers/certs';

const cert = (text: string) => pemOf('certFile', 'a PEM text', Buffer.from(text));
const key = (text: string) => pemOf('keyFile', 'a PEM text', Buffer.from(text));

describe('readPem', () => {
  it('reads a file, and a text', async () => {
    const { server } = certs();
    const [file, text] = [await readPem('certFile', ` "${server.certFile}" `), await readPem('certFile', server.cert)];
    assert.deepEqual([certificates(file), text.where], [certificates(text), 'a PEM text']);
  });

  it('names the file that does not exist', async () => {
    const { missing } = certs();
    await assert.rejects(readPem('certFile', missing), {
      code: 'ERR_OPTION',
      message: /missing\.pem, .+: the file does not exist\. Check the path\.$/,
    });
  });

  it('says what another file is', async () => {
    await assert.rejects(readPem('certFile', certs().text), { code: 'ERR_OPTION', message: /text\.pem, which cannot be used: / });
  });

  it('ends with the reason of its signal', async () => {
    const stopped = new Error('stopped');
    await assert.rejects(readPem('certFile', certs().server.certFile, AbortSignal.abort(stopped)), stopped);
  });
});

describe('pathOf', () => {
  for (const [value, path] of [
    [' /a b ', '/a b'],
    ['"/a"', '/a'],
    ['~/a', join(homedir(), 'a')],
    ['~a', '~a'],
  ] as const) {
    it(`of ${value} is ${path}`, () => assert.equal(pathOf(value), path));
  }
});

describe('isText', () => {
  it('a key is a text, whatever is left of it', () => {
    const { server } = certs();
    for (const text of [server.key, server.key.split('\n')[1] + 'A'.repeat(100), 'x\ny']) assert.equal(isText(text), true);
    assert.equal(isText('/etc/ssl/key.pem'), false);
  });
});

describe('certificates', () => {
  it('fails for a key', () =>
    assert.throws(() => certificates(cert(certs().server.key)), { message: /it holds a private key, and no certificate\.$/ }));

  it('says which one is damaged', () => {
    const { server } = certs();
    const der = Buffer.from(server.cert.replace(/-----[^-]*-----|\s/g, ''), 'base64');
    der[4] = 0;
    const damaged = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    assert.throws(() => certificates(cert(server.cert + damaged)), { code: 'ERR_OPTION', message: /certificate 2 of 2 is damaged/ });
  });
});

describe('identity', () => {
  it('the certificate of the key comes first', () => {
    const { server, ca } = certs();
    const { cert: chain } = identity(cert(ca.cert + server.cert), key(server.key), undefined);
    assert.deepEqual(certificates(cert(chain)), [...certificates(cert(server.cert)), ...certificates(cert(ca.cert))]);
  });

  it('fails for the key of another certificate', () => {
    const { server, client } = certs();
    assert.throws(() => identity(cert(server.cert), key(client.key), undefined), {
      option: 'keyFile',
      message: /does not belong to the certificate in certFile/,
    });
  });

  it('opens a key with its passphrase only', () => {
    const { encrypted } = certs();
    const open = (phrase: string | undefined) => identity(cert(encrypted.cert), key(encrypted.key), phrase);
    assert.equal(open(passphrase).key.includes('PRIVATE KEY'), true);
    assert.throws(() => open(undefined), { option: 'passphrase', message: /it is encrypted, and no passphrase is given/ });
    assert.throws(() => open('wrong'), { option: 'passphrase', message: /the passphrase does not open it/ });
  });
});
