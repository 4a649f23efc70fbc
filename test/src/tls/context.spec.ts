import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Layer } from '../../../src/options/read';
import { clientTls, isUnverified, serverTls, type TlsSettings } from '../../../src/tls/context';
import { certs, type Pair, passphrase } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { pipe } from '../../helpers/files';
import { type Peer, rawServer, tcpClient, tlsClient, upgradeRequest, wsClient, wsServer } from '../../helpers/peers';
import { Queue, until, within } from '../../helpers/queue';
import { client, server } from '../../helpers/sockets';
import { onTeardown, teardown } from '../../helpers/teardown';

/** Creates a server under test, with TLS. */
const tlsHarness = (given: Layer = {}) =>
  server({ tls: true, certFile: certs().server.certFile, keyFile: certs().server.keyFile, ...given });

/** Returns the socket of a connection to a `ws` server. */
const tlsSocket = ({ request }: Peer) => request?.socket as TLSSocket;

interface Shaken {
  readonly authorized: boolean;
  readonly cipher: string;
  readonly protocol: string | null;
  /** Returns the name in the server's certificate. */
  readonly name: string;
}

/** Connects a TLS client. @returns its findings after a response, otherwise the error code. */
async function shake(port: number, options: ConnectionOptions = {}): Promise<Shaken | string> {
  const socket = await tlsClient(port, { ca: certs().ca.cert, ...options });
  if (typeof socket === 'string') return socket;
  return {
    authorized: socket.authorized,
    cipher: socket.getCipher().name,
    protocol: socket.getProtocol(),
    name: String(socket.getPeerCertificate().subject.CN),
  };
}

async function shaken(port: number, options: ConnectionOptions = {}): Promise<Shaken> {
  const seen = await shake(port, options);
  assert.ok(typeof seen === 'object', String(seen));
  return seen;
}

const succeeds = async (URL: string, given: Layer) => {
  const { success, errorStr } = await client({ URL, ...given }).start();
  assert.equal(success, true, errorStr);
};

const asPem = (file: 'cert' | 'key', name: 'server' | 'client' | 'ca') => certs()[name][file];
const oneLine = (pem: string) => pem.trim().replaceAll('\n', '\\n');

describe('TLS', () => {
  afterEach(teardown);

  describe('certFile and keyFile of a server', () => {
    const rows: [string, () => Layer][] = [
      ['as paths', () => ({})],
      ['as PEM texts', () => ({ certFile: asPem('cert', 'server'), keyFile: asPem('key', 'server') })],
      [
        'as PEM texts whose line ends are written \\n, as in an environment variable',
        () => ({ certFile: oneLine(asPem('cert', 'server')), keyFile: oneLine(asPem('key', 'server')) }),
      ],
      ['as one of each', () => ({ keyFile: asPem('key', 'server') })],
      ['with the key encrypted, and its passphrase', () => ({ keyFile: certs().encrypted.keyFile, passphrase })],
      ['with a chain behind the certificate', () => ({ certFile: asPem('cert', 'server') + asPem('cert', 'ca') })],
    ];
    for (const [title, given] of rows) {
      it(`${title} serve wss://`, async () => {
        const harness = tlsHarness(given());
        const { success, uri, errorStr, port } = await harness.start();
        assert.equal(success, true, errorStr);
        assert.equal(uri, `wss://127.0.0.1:${port}`);
        assert.equal((await shaken(port)).authorized, true);
      });
    }
  });

  describe('certFile and keyFile of a client', () => {
    const rows: [string, () => Layer][] = [
      ['as paths', () => ({ certFile: certs().client.certFile, keyFile: certs().client.keyFile })],
      ['as PEM texts', () => ({ certFile: asPem('cert', 'client'), keyFile: asPem('key', 'client') })],
      ['as PEM texts in one line', () => ({ certFile: oneLine(asPem('cert', 'client')), keyFile: oneLine(asPem('key', 'client')) })],
    ];
    for (const [title, given] of rows) {
      it(`${title} prove who it is`, async () => {
        const { server: own, ca } = certs();
        const { url, peers } = await rawServer({
          tls: { cert: own.cert, key: own.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
        });
        await succeeds(url, { caFile: ca.certFile, ...given() });
        assert.equal((await peers.take()).certified, 'client');
      });
    }
  });

  describe('caFile of a client', () => {
    const rows: [string, () => string | undefined, boolean][] = [
      ['a path', () => certs().ca.certFile, true],
      ['a PEM text', () => certs().ca.cert, true],
      ['a PEM text in one line', () => oneLine(certs().ca.cert), true],
      ['a bundle of several', () => certs().foreignCa.cert + certs().ca.cert, true],
      ['a foreign CA', () => certs().foreignCa.certFile, false],
      ['SYSTEM', () => 'SYSTEM', false],
      ['absent', () => undefined, false],
      ['empty', () => '', false],
      ['NONE', () => 'NONE', true],
      ['none, in small letters', () => ' none ', true],
    ];
    for (const [title, caFile, trusted] of rows) {
      it(`${title} ${trusted ? 'accepts' : 'does not accept'} a certificate of our CA`, async () => {
        const { cert, key } = certs().server;
        const { url } = await wsServer({ tls: { cert, key } });
        const { success, errorStr = '' } = await client({ URL: url, caFile: caFile() }).start();
        assert.equal(success, trusted, errorStr);
        if (!trusted) assert.match(errorStr, /not trusted/);
      });
    }

    it('NONE accepts anything: another host, an expired certificate', async () => {
      for (const { cert, key } of [certs().wrongHost, certs().expired, certs().foreign]) {
        const { url } = await wsServer({ tls: { cert, key } });
        await succeeds(url, { caFile: 'NONE' });
      }
    });

    it('the host name is checked: the right one of two', async () => {
      const { cert, key } = certs().server;
      const { port } = await wsServer({ tls: { cert, key } });
      await succeeds(`wss://localhost:${port}/`, { caFile: certs().ca.certFile });
      const other = await wsServer({ tls: { cert: certs().wrongHost.cert, key: certs().wrongHost.key } });
      assert.match(
        (await client({ URL: `wss://localhost:${other.port}/`, caFile: certs().ca.certFile }).start()).errorStr ?? '',
        /for another host, not for localhost/,
      );
    });

    it('sends the host name (SNI)', async () => {
      const { cert, key } = certs().server;
      const names = new Queue<string>();
      const tls: TlsOptions = {
        cert,
        key,
        SNICallback(name, done) {
          names.push(name);
          done(null);
        },
      };
      const { port } = await wsServer({ tls });
      await succeeds(`wss://localhost:${port}/`, { caFile: certs().ca.certFile });
      assert.equal(await names.take(), 'localhost');
    });
  });

  describe('caFile of a server', () => {
    const rows: [string, () => string | undefined, boolean][] = [
      ['absent', () => undefined, false],
      ['empty', () => '', false],
      ['NONE', () => 'NONE', false],
      ['a path', () => certs().ca.certFile, true],
      ['a PEM text', () => certs().ca.cert, true],
      ['SYSTEM', () => 'SYSTEM', true],
    ];
    for (const [title, caFile, demands] of rows) {
      it(`${title} ${demands ? 'demands a client certificate' : 'demands no client certificate'}`, async () => {
        const harness = await tlsHarness({ caFile: caFile() }).open();
        const without = await shake(harness.port);
        assert.equal(typeof without === 'object', !demands, String(without));
        if (demands)
          assert.match(
            (await harness.next('Error')).reason,
            /the client sent no certificate, and caFile or the TLS configuration node requires one/,
          );
      });
    }

    it('accepts its own certificates, and no others', async () => {
      const harness = await tlsHarness({ caFile: certs().ca.certFile }).open();
      const [own, foreign] = [certs().client, certs().foreign];
      await shaken(harness.port, { cert: own.cert, key: own.key });
      await harness.next('Open');
      assert.equal(typeof (await shake(harness.port, { cert: foreign.cert, key: foreign.key })), 'string');
      const { reason, remoteIp } = await harness.next('Error');
      assert.match(reason, /^The TLS handshake failed: .*certificate is not accepted/);
      assert.equal(remoteIp, '127.0.0.1');
    });

    it('SYSTEM refuses a certificate of our CA', async () => {
      const harness = await tlsHarness({ caFile: 'SYSTEM' }).open();
      assert.equal(typeof (await shake(harness.port, { cert: certs().client.cert, key: certs().client.key })), 'string');
    });

    it('mutual TLS works between our own client and server', async () => {
      const { ca, client: own } = certs();
      const harness = await tlsHarness({ caFile: ca.certFile }).open();
      const other = client({ URL: `wss://127.0.0.1:${harness.port}/`, caFile: ca.certFile, certFile: own.certFile, keyFile: own.keyFile });
      await other.open();
      await harness.next('Open');
      await other.send('hi');
      assert.equal((await harness.next('Message')).str, 'hi');
    });
  });

  describe('a material that cannot be used is refused with the option and the file', () => {
    const directory = () => {
      const path = join(certs().dir, 'directory.pem');
      mkdirSync(path, { recursive: true });
      return path;
    };
    const unreadable = () => {
      const path = join(certs().dir, 'unreadable.pem');
      writeFileSync(path, certs().server.cert);
      chmodSync(path, 0);
      return path;
    };
    const huge = () => {
      const path = join(certs().dir, 'huge.pem');
      writeFileSync(path, Buffer.alloc(2_000_000, '-----BEGIN '));
      return path;
    };
    const empty = () => {
      const path = join(certs().dir, 'empty.pem');
      writeFileSync(path, '');
      return path;
    };
    const rows: [string, () => Partial<TlsSettings>, RegExp][] = [
      ['a certificate without a key', () => ({ certFile: certs().server.certFile }), /certFile is given without keyFile/],
      ['a key without a certificate', () => ({ keyFile: certs().server.keyFile }), /keyFile is given without certFile/],
      [
        'a certificate file that is missing',
        () => ({ certFile: certs().missing, keyFile: certs().server.keyFile }),
        /option certFile names the file .*missing\.pem.*the file does not exist/,
      ],
      [
        'a key file that is missing',
        () => ({ certFile: certs().server.certFile, keyFile: certs().missing }),
        /option keyFile names the file .*missing\.pem.*the file does not exist/,
      ],
      [
        'a CA file that is missing',
        () => ({ caFile: certs().missing }),
        /option caFile names the file .*missing\.pem.*the file does not exist/,
      ],
      [
        'a directory',
        () => ({ certFile: directory(), keyFile: certs().server.keyFile }),
        /option certFile .*directory\.pem.*it is not a file/,
      ],
      ['a device that never ends', () => ({ caFile: '/dev/zero' }), /option caFile .*\/dev\/zero.*it is not a file/],
      ['a pipe that nobody writes into', () => ({ caFile: pipe() }), /option caFile .*pipe\.pem.*it is not a file, but a pipe/],
      ['a file that is empty', () => ({ caFile: empty() }), /option caFile .*empty\.pem.*it is empty.*Give the path of a PEM file\./],
      ['a file that is far too large', () => ({ caFile: huge() }), /option caFile .*huge\.pem.*2000000 bytes/],
      [
        'a file without PEM',
        () => ({ certFile: certs().text, keyFile: certs().server.keyFile }),
        /option certFile .*text\.pem.*holds no PEM text/,
      ],
      ['a CA file without PEM', () => ({ caFile: certs().text }), /option caFile .*text\.pem.*holds no PEM text/],
      [
        'a certificate that is malformed',
        () => ({ certFile: certs().broken.certFile, keyFile: certs().server.keyFile }),
        /option certFile .*broken\.pem.* not a usable PEM certificate/,
      ],
      [
        'a key that is malformed',
        () => ({ certFile: certs().server.certFile, keyFile: certs().broken.keyFile }),
        /option keyFile .*broken\.key.* not a usable PEM key/,
      ],
      ['a CA that is malformed', () => ({ caFile: certs().broken.certFile }), /option caFile .*broken\.pem.* not a usable PEM certificate/],
      [
        'a key where a certificate should be',
        () => ({ certFile: certs().server.keyFile, keyFile: certs().server.keyFile }),
        /option certFile .*server\.key.* no certificate/,
      ],
      [
        'a certificate where a key should be',
        () => ({ certFile: certs().server.certFile, keyFile: certs().server.certFile }),
        /option keyFile .*server\.pem.* not a usable PEM key/,
      ],
      [
        'the key of another certificate',
        () => ({ certFile: certs().server.certFile, keyFile: certs().client.keyFile }),
        /key in keyFile .*client\.key.* does not belong to the certificate in certFile .*server\.pem/,
      ],
      [
        'an encrypted key without a passphrase',
        () => ({ certFile: certs().encrypted.certFile, keyFile: certs().encrypted.keyFile }),
        /option keyFile .*encrypted\.key.*encrypted, and no passphrase/,
      ],
      [
        'an encrypted key with a wrong passphrase',
        () => ({ certFile: certs().encrypted.certFile, keyFile: certs().encrypted.keyFile, passphrase: 'WRONG' }),
        /option keyFile .*encrypted\.key.*passphrase does not open it/,
      ],
      ['ciphers that do not exist', () => ({ ciphers: 'NO-SUCH-CIPHER' }), /option ciphers .*NO-SUCH-CIPHER/],
    ];
    for (const [title, settings, sentence] of rows) {
      it(`${title}, on a client`, async () => {
        await assert.rejects(clientTls({ tls: false, ...settings() }), (error: Error & { code?: string }) => {
          assert.equal(error.code, 'ERR_OPTION');
          assert.match(error.message, sentence);
          assert.doesNotMatch(error.message, /BEGIN|WRONG/);
          return true;
        });
      });

      it(`${title}, on a server, which then never starts`, async () => {
        const { certFile, keyFile } = certs().server;
        const given = settings();
        const harness = server({ tls: true, ...('certFile' in given || 'keyFile' in given ? {} : { certFile, keyFile }), ...given });
        await assert.rejects(harness.start(), (error: Error & { code?: string }) => {
          assert.equal(error.code, 'ERR_OPTION');
          assert.match(error.message, sentence);
          return true;
        });
        assert.equal(harness.socket.state, 'idle');
      });
    }

    it('a file that may not be read', async () => {
      const path = unreadable();
      const nobody = process.getuid?.() === 0; // root can read every file.
      if (nobody) process.seteuid?.(65534);
      try {
        await assert.rejects(clientTls({ tls: false, caFile: path }), {
          code: 'ERR_OPTION',
          message: /caFile .*unreadable\.pem.*may not read it/,
        });
      } finally {
        if (nobody) process.seteuid?.(0);
      }
    });

    it('PEM texts are not shown in the sentence', async () => {
      const settings = { tls: true, certFile: asPem('cert', 'server'), keyFile: asPem('key', 'client') };
      await assert.rejects(serverTls(settings), (error: Error) => {
        assert.match(error.message, /keyFile \(a PEM text\)/);
        assert.doesNotMatch(error.message, /BEGIN|MI[A-Z]/);
        return true;
      });
    });

    it('a server with tls needs certFile and keyFile', async () => {
      await assert.rejects(server({ tls: true }).start(), {
        code: 'ERR_OPTION',
        message: /needs a certificate and its key: give certFile/,
      });
    });

    it('a server without tls looks at none of them', async () => {
      assert.equal((await server({ certFile: certs().missing, caFile: certs().missing }).start()).success, true);
    });

    it('a client without wss looks at none of them', async () => {
      const { url } = await wsServer();
      await succeeds(url, { certFile: certs().missing, caFile: certs().missing, ciphers: 'NO-SUCH-CIPHER' });
    });
  });

  describe('ciphers', () => {
    const negotiated = async (ciphers: string) => {
      const harness = await tlsHarness({ ciphers }).open();
      return (await shaken(harness.port, { maxVersion: 'TLSv1.2' })).cipher;
    };

    it('a list decides on a server', async () =>
      assert.equal(await negotiated('ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305'), 'ECDHE-ECDSA-AES256-SHA384'));
    it('blanks and commas separate too', async () =>
      assert.equal(await negotiated('ECDHE-ECDSA-CHACHA20-POLY1305, ECDHE-ECDSA-AES128-GCM-SHA256'), 'ECDHE-ECDSA-CHACHA20-POLY1305'));
    for (const ciphers of ['', 'DEFAULT', ' default ']) {
      it(`${JSON.stringify(ciphers)} is Node's own list`, async () => {
        const usual = await server({ tls: true, certFile: certs().server.certFile, keyFile: certs().server.keyFile }).open();
        assert.equal(await negotiated(ciphers), (await shaken(usual.port, { maxVersion: 'TLSv1.2' })).cipher);
      });
    }

    it('a list decides on a client', async () => {
      const { cert, key } = certs().server;
      const { url, peers } = await wsServer({ tls: { cert, key, maxVersion: 'TLSv1.2' } });
      await succeeds(url, { caFile: certs().ca.certFile, ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' });
      assert.equal(tlsSocket(await peers.take()).getCipher().name, 'ECDHE-ECDSA-CHACHA20-POLY1305');
    });

    it('none in common fails with a sentence', async () => {
      const { cert, key } = certs().server;
      const { url } = await wsServer({ tls: { cert, key, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' } });
      const { errorStr = '' } = await client({ URL: url, caFile: certs().ca.certFile, ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }).start();
      assert.match(errorStr, /no cipher in common/);
    });
  });

  describe('TLS 1.2 is the least', () => {
    // Node's own OpenSSL supports TLS 1.1 only at security level 0.
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    const own = () => ({ cert: certs().server.cert, key: certs().server.key });

    it('TLS 1.1 is possible here at all', async () => {
      const { port } = await wsServer({ tls: { ...own(), ...old } });
      assert.equal((await shaken(port, old)).protocol, 'TLSv1.1');
    });

    for (const ciphers of ['', 'ALL:@SECLEVEL=0']) {
      it(`a server refuses a client with TLS 1.1${ciphers && `, with ciphers ${ciphers} too`}`, async () => {
        const harness = await tlsHarness({ ciphers }).open();
        assert.equal(typeof (await shake(harness.port, old)), 'string');
        assert.match((await harness.next('Error')).reason, /^The TLS handshake failed: .*(VERSION|PROTOCOL)/);
        assert.equal((await shaken(harness.port, { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
      });

      it(`a client refuses a server with TLS 1.1${ciphers && `, with ciphers ${ciphers} too`}`, async () => {
        const { url } = await wsServer({ tls: { ...own(), ...old } });
        const { success, errorStr = '' } = await client({ URL: url, caFile: 'NONE', ciphers }).start();
        assert.equal(success, false);
        assert.match(errorStr, /no TLS version in common|TLS 1\.2 is the least/);
      });
    }

    it('a client speaks TLS 1.2 and TLS 1.3', async () => {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const { url, peers } = await wsServer({ tls: { ...own(), minVersion: version, maxVersion: version } });
        await succeeds(url, { caFile: certs().ca.certFile });
        assert.equal(tlsSocket(await peers.take()).getProtocol(), version);
      }
    });
  });

  describe('tlsConfig', () => {
    const node = (more: object, valid?: boolean) => ({
      ...(valid !== undefined && { valid }),
      addTLSOptions: (options: object) => ({ ...options, ...more }),
    });

    const pkcs12 = ({ certFile, keyFile }: Pair) =>
      execFileSync('openssl', ['pkcs12', '-export', '-in', certFile, '-inkey', keyFile, '-passout', `pass:${passphrase}`]);

    it('replaces the options of a client', async () => {
      const { server: own, ca, client: me } = certs();
      const { url, peers } = await rawServer({
        tls: { cert: own.cert, key: own.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
      });
      const harness = client({ URL: url }, () => ({
        caFile: certs().missing,
        tlsConfig: node({ ca: ca.cert, cert: me.cert, key: me.key, rejectUnauthorized: true }),
      }));
      assert.equal((await harness.start()).success, true);
      assert.equal((await peers.take()).certified, 'client');
    });

    it('verifies, unless its box is not ticked', async () => {
      const { cert, key } = certs().server;
      const { url } = await wsServer({ tls: { cert, key } });
      const start = (more: object) => client({ URL: url }, () => ({ tlsConfig: node(more) })).start();
      assert.match((await start({})).errorStr ?? '', /not trusted/);
      assert.match((await start({ rejectUnauthorized: true })).errorStr ?? '', /not trusted/);
      assert.equal((await start({ rejectUnauthorized: false })).success, true);
    });

    it('has its server name checked instead of the host', async () => {
      const { cert, key } = certs().wrongHost;
      const { url } = await wsServer({ tls: { cert, key } });
      const harness = client({ URL: url }, () => ({ tlsConfig: node({ ca: certs().ca.cert, servername: 'elsewhere.example' }) }));
      const { success, errorStr } = await harness.start();
      assert.equal(success, true, errorStr);
    });

    it('with an ALPN protocol does not hinder WebSockets', async () => {
      const { cert, key } = certs().server;
      const { url } = await wsServer({ tls: { cert, key, ALPNProtocols: ['http/1.1'] } });
      const harness = client({ URL: url }, () => ({ tlsConfig: node({ ca: certs().ca.cert, ALPNProtocols: ['mqtt'] }) }));
      const { success, errorStr } = await harness.start();
      assert.equal(success, true, errorStr);
    });

    it('has TLS 1.2 as the least too, on both sides', async () => {
      const { cert, key } = certs().server;
      const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
      const tlsConfig = node({ cert, key, rejectUnauthorized: false, ciphers: old.ciphers });
      const harness = await server({}, () => ({ tlsConfig })).open();
      assert.equal(typeof (await shake(harness.port, old)), 'string');
      assert.equal((await shaken(harness.port, { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
      for (const [versions, success] of [
        [old, false],
        [{ maxVersion: 'TLSv1.2' }, true],
      ] as const) {
        const { url } = await wsServer({ tls: { cert, key, ...versions } });
        assert.equal((await client({ URL: url }, () => ({ tlsConfig })).start()).success, success);
      }
    });

    it('turns TLS on for a server', async () => {
      const { cert, key } = certs().server;
      const harness = server({}, () => ({ port: 0, tlsConfig: node({ cert, key, rejectUnauthorized: false }) }));
      const { success, uri, port } = await harness.start();
      assert.deepEqual([success, uri], [true, `wss://127.0.0.1:${port}`]);
      assert.equal(typeof (await shake(port)), 'object');
    });

    for (const verify of [true, false]) {
      it(`on a server ${verify ? 'demands' : 'does not demand'} client certificates where its verify box is ${verify ? '' : 'not '}ticked`, async () => {
        const { server: own, ca } = certs();
        const harness = server({}, () => ({ tlsConfig: node({ cert: own.cert, key: own.key, ca: ca.cert, rejectUnauthorized: verify }) }));
        await harness.open();
        assert.equal(typeof (await shake(harness.port)) === 'object', !verify);
        assert.equal(typeof (await shake(harness.port, { cert: certs().client.cert, key: certs().client.key })), 'object');
      });
    }

    it('on a server without a CA demands no client certificates, although its verify box is ticked, as it is by default', async () => {
      const { cert, key } = certs().server;
      for (const ca of [undefined, '', Buffer.alloc(0)]) {
        const harness = server({}, () => ({ tlsConfig: node({ cert, key, ca, rejectUnauthorized: true }) }));
        await harness.open();
        assert.equal((await shaken(harness.port)).name, 'server');
        await harness.stop();
      }
    });

    it('with a PKCS#12 file serves its certificate, and follows its end of validity', async () => {
      const tlsConfig = node({ pfx: pkcs12(certs().soon), passphrase, rejectUnauthorized: true });
      const harness = await server({}, () => ({ tlsConfig })).open();
      assert.equal((await shaken(harness.port)).name, 'soon');
      assert.match((await harness.next('Error')).reason, /^The certificate of soon, .* in (5|6) days/);
    });

    it('with a PKCS#12 file proves who a client is', async () => {
      const { server: own, ca, client: me } = certs();
      const { url, peers } = await rawServer({
        tls: { cert: own.cert, key: own.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
      });
      const tlsConfig = node({ pfx: pkcs12(me), passphrase, rejectUnauthorized: false });
      assert.equal((await client({ URL: url }, () => ({ tlsConfig })).start()).success, true);
      assert.equal((await peers.take()).certified, 'client');
    });

    it('with the PEM of environment variables, in one line, serves too', async () => {
      const oneLiner = (text: string) => Buffer.from(oneLine(text));
      const [cert, key, ca] = [asPem('cert', 'server'), asPem('key', 'server'), asPem('cert', 'ca')].map(oneLiner);
      const harness = await server({}, () => ({ tlsConfig: node({ cert, key, ca, rejectUnauthorized: false }) })).open();
      assert.equal((await shaken(harness.port)).authorized, true);
    });

    const bad: [string, () => object, boolean | undefined, RegExp][] = [
      ['that is not valid', () => ({}), false, /option tlsConfig names a TLS configuration that is not valid/],
      ['without a certificate', () => ({}), true, /needs a certificate and its key: the TLS configuration node of tlsConfig lacks one/],
      ['without a key', () => ({ cert: asPem('cert', 'server') }), true, /needs a certificate and its key/],
      ['with rubbish', () => ({ cert: 'x', key: 'y' }), true, /tlsConfig names the certificate of the TLS .* it holds no PEM text/],
      [
        'with a foreign key',
        () => ({ cert: asPem('cert', 'server'), key: asPem('key', 'ca') }),
        true,
        /does not belong to the certificate/,
      ],
      ['with rubbish for a PKCS#12 file', () => ({ pfx: Buffer.from('hello') }), true, /is not a PKCS#12 file/],
      ['with PEM for a PKCS#12 file', () => ({ pfx: Buffer.from(asPem('key', 'server')) }), true, /is not a PKCS#12 file/],
      [
        'with a wrong passphrase of a PKCS#12 file',
        () => ({ pfx: pkcs12(certs().server), passphrase: 'WRONG' }),
        true,
        /the passphrase does not open the PKCS#12 file\.$/,
      ],
    ];
    for (const [title, more, valid, sentence] of bad) {
      it(`${title} is refused by a server`, async () => {
        await assert.rejects(server({}, () => ({ tlsConfig: node(more(), valid) })).start(), { code: 'ERR_OPTION', message: sentence });
      });
    }

    it('cannot be given by a message', async () => {
      const harness = server({ tlsConfig: node({}) });
      assert.match((await harness.start()).uri, /^ws:/);
    });
  });

  describe('isUnverified', () => {
    const rows: [string, Parameters<typeof isUnverified>[0], boolean][] = [
      ['absent', {}, false],
      ['SYSTEM', { caFile: 'SYSTEM' }, false],
      ['NONE', { caFile: 'NONE' }, true],
      ['a tlsConfig that verifies', { tlsConfig: { addTLSOptions: (o) => o }, caFile: 'NONE' }, false],
      ['a tlsConfig that does not', { tlsConfig: { addTLSOptions: (o) => ({ ...o, rejectUnauthorized: false }) } }, true],
    ];
    for (const [title, settings, unverified] of rows) it(`${title}: ${unverified}`, () => assert.equal(isUnverified(settings), unverified));
  });

  describe('a TLS server', () => {
    it('is not held up by a silent client, which is dropped at tlsTimeoutSecs', async () => {
      const harness = await tlsHarness({ tlsTimeoutSecs: 0.3 }).open();
      const silent = await tcpClient(harness.port);
      const { localPort } = silent;
      const ended = new Promise((resolve) => silent.resume().once('close', resolve));
      await wsClient(`wss://127.0.0.1:${harness.port}/`, [], { ca: certs().ca.cert });
      await harness.next('Open');
      await within(ended, 'the end of the silent client', 2000);
      const { reason, remoteIp, remotePort, http_status } = await harness.next('Error');
      assert.match(reason, /its TLS handshake was not there after 0\.3 s \(tlsTimeoutSecs\)/);
      assert.deepEqual([remoteIp, remotePort, http_status], ['127.0.0.1', localPort, 0]);
    });

    it('gives the request of a slow client its whole time, counted from the end of the TLS handshake', async () => {
      const clock = fakeClock();
      const harness = await tlsHarness({ tlsTimeoutSecs: 10, handshakeTimeoutSecs: 3 }).open();
      const timers = clock.countTimers();
      const tcp = await tcpClient(harness.port);
      await until(() => clock.countTimers() > timers, 'the deadline of the TLS handshake');
      clock.tick(9000);
      // With TLS 1.2 the server ends the handshake before the client does.
      const socket = connectTls({ socket: tcp, host: '127.0.0.1', ca: certs().ca.cert, maxVersion: 'TLSv1.2' });
      onTeardown(() => socket.destroy());
      socket.on('error', () => {});
      await within(new Promise((resolve) => socket.once('secureConnect', resolve)), 'the TLS handshake');
      clock.tick(2900);
      socket.write(upgradeRequest('/slow'));
      assert.equal((await harness.next('Open')).uri, '/slow');
      clock.tick(20_000);
      await new Promise(setImmediate);
      assert.deepEqual([harness.names, tcp.destroyed], [['Open'], false]);
    });

    it('gives a client that was slow in its TLS handshake twice that time for its request', async () => {
      const clock = fakeClock({ withPerformance: true });
      const harness = await tlsHarness({ tlsTimeoutSecs: 10, handshakeTimeoutSecs: 3 }).open();
      const timers = clock.countTimers();
      const tcp = await tcpClient(harness.port);
      await until(() => clock.countTimers() > timers, 'the deadline of the TLS handshake');
      clock.tick(4000);
      const socket = connectTls({ socket: tcp, host: '127.0.0.1', ca: certs().ca.cert, maxVersion: 'TLSv1.2' });
      onTeardown(() => socket.destroy());
      socket.on('error', () => {});
      await within(new Promise((resolve) => socket.once('secureConnect', resolve)), 'the TLS handshake');
      clock.tick(7900);
      socket.write(upgradeRequest('/slow'));
      assert.equal((await harness.next('Open')).uri, '/slow');
    });

    it('drops a client that is silent after the TLS handshake, at handshakeTimeoutSecs', async () => {
      const harness = await tlsHarness({ handshakeTimeoutSecs: 0.3 }).open();
      const socket = connectTls({ port: harness.port, host: '127.0.0.1', ca: certs().ca.cert });
      onTeardown(() => socket.destroy());
      socket.on('error', () => {});
      await within(new Promise((resolve) => socket.resume().once('close', resolve)), 'the end of the silent client', 2000);
      assert.match((await harness.next('Error')).reason, /its upgrade request was not there after 0\.3 s \(handshakeTimeoutSecs\)/);
    });

    it('reports a client that does not speak TLS', async () => {
      const harness = await tlsHarness().open();
      const socket = await tcpClient(harness.port);
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      const { reason, remoteIp, remotePort } = await harness.next('Error');
      assert.match(reason, /^The TLS handshake failed: the client does not speak TLS; it must use wss:\/\//);
      assert.deepEqual([remoteIp, remotePort], ['127.0.0.1', socket.localPort]);
    });

    it('reports a client that goes away during the handshake', async () => {
      const harness = await tlsHarness().open();
      const socket = await tcpClient(harness.port);
      const { localPort } = socket;
      socket.end(Buffer.from([0x16, 0x03, 0x01]));
      const { reason, remotePort } = await harness.next('Error');
      assert.match(reason, /^The TLS handshake failed: /);
      assert.equal(remotePort, localPort);
    });

    it('reports a client that does not trust it', async () => {
      const harness = await tlsHarness().open();
      await client({ URL: `wss://127.0.0.1:${harness.port}/` }).start();
      assert.match((await harness.next('Error')).reason, /^The TLS handshake failed: /);
    });

    it('stops within a second though a client has not ended its handshake', async () => {
      const harness = await tlsHarness().open();
      const silent = await tcpClient(harness.port);
      const ended = new Promise((resolve) => silent.resume().once('close', resolve));
      await harness.stop();
      await within(ended, 'the end of the silent client');
      assert.deepEqual(harness.names, []);
    });

    it('reads its files again at each start', async () => {
      const [certFile, keyFile] = [join(certs().dir, 'renewed.pem'), join(certs().dir, 'renewed.key')];
      const put = ({ cert, key }: { cert: string; key: string }) => {
        writeFileSync(certFile, cert);
        writeFileSync(keyFile, key);
      };
      const shown = async () => (await shaken((await harness.open()).port, { rejectUnauthorized: false })).name;
      put(certs().server);
      const harness = server({ tls: true, certFile, keyFile });
      assert.equal(await shown(), 'server');
      await harness.stop();
      put(certs().foreign);
      assert.equal(await shown(), 'foreign');
    });
  });
});
