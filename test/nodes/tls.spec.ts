import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certs, passphrase } from '../helpers/certs';
import { type Flow, type Item, logged, type Msg, run } from '../helpers/flow';
import { wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until, watchers } from './suite';

/** Starts a client of the flow that connects to a TLS server of the test. */
async function client(
  options: Msg,
  { credentials = {}, more = [] as Item[], pair = certs().server, tls = {} } = {},
): Promise<{ flow: Flow; status: Msg; url: string }> {
  const peer = await wsServer({ tls: { cert: pair.cert, key: pair.key, ...tls } });
  const flow = await run(
    [{ id: 'c', type: 'ix-client', URL: peer.url, ...options }, ...nodesOf('client', 'start', 'c'), ...more, ...watchers()],
    { c: credentials },
  );
  return { flow, status: (await flow.command('start')).payload, url: peer.url };
}
/** Starts a server of the flow. */
async function server(options: Msg, { credentials = {}, more = [] as Item[], others = {} } = {}): Promise<{ flow: Flow; status: Msg }> {
  const flow = await run(
    [{ id: 's', type: 'ix-server', port: 0, ...options }, ...nodesOf('server', 'start', 's'), ...more, ...watchers()],
    { s: credentials, ...others },
  );
  return { flow, status: (await flow.command('start')).payload };
}
const trusting = (more: Msg = {}) => ({ ca: certs().ca.cert, ...more });

describe('TLS from a flow', () => {
  inNodeRed();

  describe('a client', () => {
    it('verifies: a certificate of a CA in caFile is good', async () => {
      const { status } = await client({ caFile: certs().ca.certFile });
      assert.equal(status.success, true, status.errorStr);
    });
    it('verifies: caFile may be the PEM text', async () => {
      const { status } = await client({ caFile: certs().ca.cert });
      assert.equal(status.success, true, status.errorStr);
    });
    for (const [name, pair, code] of [
      ['that nobody trusts', 'foreign', /not trusted/],
      ['that has expired', 'expired', /expired/],
      ['for another host', 'wrongHost', /another host/],
    ] as const) {
      it(`refuses a certificate ${name}: the world said no`, async () => {
        const { status } = await client({ caFile: certs().ca.certFile }, { pair: certs()[pair] });
        assert.equal(status.success, false);
        assert.equal(status.errorCode, undefined);
        assert.match(status.errorStr, code);
      });
    }
    it('with caFile NONE takes any, and its status and the log say so once', async () => {
      const { flow, status, url } = await client(
        { caFile: 'NONE' },
        { pair: certs().foreign, more: [{ id: 'stop', type: 'ix-client-stop', client: 'c' }] },
      );
      assert.equal(status.success, true, status.errorStr);
      await until(() => flow.status('c').fill === 'yellow' && /unverified/.test(flow.status('c').text ?? ''), 'a status that says so');
      await flow.command('stop');
      await flow.command('start');
      assert.equal(logged().split('does not verify').length - 1, 1);
      assert.ok(logged().includes(url));
    });
    it('shows its certificate to a server that demands one, its key opened by the passphrase', async () => {
      const { certFile, keyFile } = certs().encrypted;
      const { status } = await client(
        { caFile: certs().ca.certFile, certFile, keyFile },
        { credentials: { passphrase }, tls: { ca: certs().ca.cert, requestCert: true, rejectUnauthorized: true } },
      );
      assert.equal(status.success, true, status.errorStr);
    });
    it('tls changes nothing: the scheme decides', async () => {
      const peer = await wsServer();
      const flow = await run([{ id: 'c', type: 'ix-client', URL: peer.url, tls: true }, ...nodesOf('client', 'start', 'c')]);
      assert.equal((await flow.command('start')).payload.success, true);
    });
  });

  describe('a server', () => {
    it('with tls, certFile and keyFile speaks wss', async () => {
      const { certFile, keyFile } = certs().server;
      const { flow, status } = await server({ tls: true, certFile, keyFile }, { more: [{ id: 'e', type: 'ix-server-events' }] });
      assert.match(status.uri, /^wss:\/\/127\.0\.0\.1:\d+$/);
      const peer = await wsClient(status.uri, [], trusting());
      peer.ws.send('x');
      assert.equal((await flow.out('e.0').take()).payload.str, 'x');
    });
    it('takes PEM texts too, also with their line ends written as \\n', async () => {
      const { cert, key } = certs().server;
      const { status } = await server({ tls: true, certFile: cert, keyFile: key.replaceAll('\n', '\\n') });
      await wsClient(status.uri, [], trusting());
    });
    it('opens an encrypted key by the passphrase of its credentials', async () => {
      const { certFile, keyFile } = certs().encrypted;
      const { status } = await server({ tls: true, certFile, keyFile }, { credentials: { passphrase } });
      await wsClient(status.uri, [], trusting());
    });
    it('asks for no client certificate when caFile is absent or NONE, and demands one otherwise', async () => {
      const { certFile, keyFile } = certs().server;
      const flow = await run([
        { id: 's', type: 'ix-server', port: 0, tls: true, certFile, keyFile },
        ...nodesOf('server', 'start stop', 's'),
        { id: 'e', type: 'ix-server-events' },
      ]);
      const start = async (caFile: string | undefined) => {
        await flow.command('stop');
        return (await flow.command('start', { caFile })).payload.uri;
      };
      await wsClient(await start(undefined), [], trusting());
      const uri = await start(certs().ca.certFile);
      await assert.rejects(wsClient(uri, [], trusting()));
      assert.match((await flow.out('e.3').take()).payload.reason, /certificate/);
      await assert.rejects(wsClient(uri, [], trusting(certs().foreign)));
      await wsClient(uri, [], trusting({ cert: certs().client.cert, key: certs().client.key }));
      await wsClient(await start('NONE'), [], trusting());
    });

    type Certs = ReturnType<typeof certs>;
    const wrong: readonly (readonly [
      name: string,
      options: (c: Certs) => Msg,
      sentence: (c: Certs) => RegExp | string,
      credentials?: Msg,
    ])[] = [
      ['no certificate', () => ({}), () => /certFile/],
      ['no key', (c) => ({ certFile: c.server.certFile }), () => /keyFile/],
      [
        'a certificate that is missing',
        (c) => ({ certFile: c.missing, keyFile: c.server.keyFile }),
        (c) => `certFile names the file ${c.missing}`,
      ],
      ['a key that is missing', (c) => ({ certFile: c.server.certFile, keyFile: c.missing }), (c) => `keyFile names the file ${c.missing}`],
      ['a CA that is missing', (c) => ({ ...c.server, caFile: c.missing }), (c) => `caFile names the file ${c.missing}`],
      ['a directory', (c) => ({ ...c.server, certFile: c.dir }), (c) => `certFile names the file ${c.dir}`],
      ['a file without PEM', (c) => ({ ...c.server, certFile: c.text }), (c) => `certFile names the file ${c.text}`],
      [
        'a malformed certificate',
        (c) => ({ certFile: c.broken.certFile, keyFile: c.server.keyFile }),
        (c) => `certFile (the file ${c.broken.certFile})`,
      ],
      [
        'a malformed key',
        (c) => ({ certFile: c.server.certFile, keyFile: c.broken.keyFile }),
        (c) => `keyFile (the file ${c.broken.keyFile})`,
      ],
      ['a key of another certificate', (c) => ({ certFile: c.server.certFile, keyFile: c.expired.keyFile }), (c) => c.expired.keyFile],
      ['an encrypted key without its passphrase', (c) => c.encrypted, () => /keyFile.*passphrase/s],
      ['an encrypted key with another passphrase', (c) => c.encrypted, () => /passphrase/, { passphrase: 'wrong' }],
      ['ciphers that do not exist', (c) => ({ ...c.server, ciphers: 'NO-SUCH-CIPHER' }), () => /ciphers.*NO-SUCH-CIPHER/],
    ];
    for (const [name, options, sentence, credentials = {}] of wrong) {
      it(`${name}: ERR_OPTION, which names the option and the file; nothing listens, and the next start is free`, async () => {
        const { certFile, keyFile, caFile, ciphers } = options(certs());
        const { flow, status } = await server({ tls: true, certFile, keyFile, caFile, ciphers }, { credentials });
        assert.deepEqual([status.success, status.errorCode], [false, 'ERR_OPTION']);
        const expected = sentence(certs());
        assert.ok(typeof expected === 'string' ? status.errorStr.includes(expected) : expected.test(status.errorStr), status.errorStr);
        assert.ok(!status.errorStr.includes('-----BEGIN') && !status.errorStr.includes('wrong'), status.errorStr);
        assert.equal((await flow.out('caught').take()).error.message, status.errorStr);
        const again = (
          await flow.command('start', {
            tls: true,
            certFile: certs().server.certFile,
            keyFile: certs().server.keyFile,
            caFile: 'NONE',
            ciphers: 'DEFAULT',
          })
        ).payload;
        assert.equal(again.success, true, again.errorStr);
      });
    }
  });

  describe('a running server', () => {
    const paths = () => ({ certFile: join(certs().dir, 'flow.pem'), keyFile: join(certs().dir, 'flow.key') });
    const put = ({ cert, key }: { cert: string; key: string }) => {
      writeFileSync(paths().certFile, cert);
      writeFileSync(paths().keyFile, key);
    };
    const events: Item[] = [{ id: 'e', type: 'ix-server-events', server: 's' }];

    it('takes up changed files, and reports those that cannot be used', async function () {
      this.timeout(20_000);
      put(certs().foreign);
      const { flow, status } = await server({ tls: true, ...paths() }, { more: events });
      await assert.rejects(wsClient(status.uri, [], trusting()));
      put(certs().server);
      const comesIn = () => wsClient(status.uri, [], trusting()).then(Boolean, () => false);
      await until(comesIn, 'the new certificate');
      writeFileSync(paths().certFile, 'garbage');
      const told = async (): Promise<Msg> => {
        const { payload } = await flow.out('e.3').take('an Error about the files', 8000);
        // Refused clients are reported too.
        return /TLS handshake/.test(payload.reason) ? told() : payload;
      };
      assert.match((await told()).reason, /^The changed TLS files cannot be used, .*flow\.pem/);
      assert.equal(await comesIn(), true);
    });

    it('reports that its certificate expires', async () => {
      put(certs().soon);
      const { flow } = await server({ tls: true, ...paths() }, { more: events });
      assert.match((await flow.out('e.3').take('Error')).payload.reason, /^The certificate of soon, .* in (5|6) days/);
    });
  });

  describe('a core tls-config node replaces the five options', () => {
    const node = (more: Msg = {}): Item => ({ id: 't', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: false, ...more });
    const paths = ({ certFile, keyFile }: { certFile: string; keyFile: string }) => ({ cert: certFile, key: keyFile });

    it('on a server it implies tls, and demands no client certificate', async () => {
      const { status } = await server({ tlsConfig: 't' }, { more: [node({ ...paths(certs().server), ca: certs().ca.certFile })] });
      assert.match(status.uri, /^wss:/, status.errorStr);
      await wsClient(status.uri, [], trusting());
    });

    it('on a server without a CA it demands no client certificate, although its verify box is ticked', async () => {
      const { status } = await server({ tlsConfig: 't' }, { more: [node({ ...paths(certs().server), verifyservercert: true })] });
      await wsClient(status.uri, [], trusting());
    });

    it('on a server it demands a client certificate when it has a CA and its verify box is ticked', async () => {
      const { status } = await server(
        { tlsConfig: 't' },
        { more: [node({ ...paths(certs().server), ca: certs().ca.certFile, verifyservercert: true })] },
      );
      await assert.rejects(wsClient(status.uri, [], trusting()));
      await wsClient(status.uri, [], trusting({ cert: certs().client.cert, key: certs().client.key }));
    });

    it('may hold certificate, key and passphrase in its credentials', async () => {
      const { cert, key } = certs().encrypted;
      const { status } = await server({ tlsConfig: 't' }, { more: [node()], others: { t: { certdata: cert, keydata: key, passphrase } } });
      assert.equal(status.success, true, status.errorStr);
      await wsClient(status.uri, [], trusting());
    });

    it('on a client its CA and its certificate count', async () => {
      const { status } = await client(
        { tlsConfig: 't', caFile: '/ignored.pem' },
        {
          more: [node({ ...paths(certs().client), ca: certs().ca.certFile, verifyservercert: true })],
          tls: { ca: certs().ca.cert, requestCert: true, rejectUnauthorized: true },
        },
      );
      assert.equal(status.success, true, status.errorStr);
    });

    it('on a client that verifies, an untrusted server is refused', async () => {
      const strict = await client(
        { tlsConfig: 't' },
        { more: [node({ ca: certs().ca.certFile, verifyservercert: true })], pair: certs().foreign },
      );
      assert.match(strict.status.errorStr, /not trusted/);
    });

    it('on a client that does not verify, any server is taken, and the log says so', async () => {
      const { status } = await client({ tlsConfig: 't' }, { more: [node({ ca: certs().ca.certFile })], pair: certs().foreign });
      assert.equal(status.success, true, status.errorStr);
      assert.ok(logged().includes('does not verify'));
    });

    for (const [name, more, tlsConfig] of [
      ['that is not valid', { cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' }, 't'],
      ['that has a certificate and no key', { cert: '/nowhere/cert.pem' }, 't'],
      ['that does not exist', {}, 'nowhere'],
      ['that is a node of another type', {}, 'start'],
    ] as const) {
      it(`one ${name} is ERR_OPTION, which names tlsConfig`, async () => {
        const { status } = await server({ tlsConfig }, { more: [node(more)] });
        assert.deepEqual([status.success, status.errorCode], [false, 'ERR_OPTION']);
        assert.match(status.errorStr, /tlsConfig/);
      });
    }

    it('cannot be named by a message', async () => {
      const more = [node(paths(certs().server)), { id: 'create', type: 'ix-server-create' }, { id: 'bare', type: 'ix-server-start' }];
      const { flow } = await server({}, { more });
      const { id } = (await flow.command('create', { port: 0, tlsConfig: 't' })).payload;
      assert.match((await flow.command('bare', { id, tlsConfig: 't' })).payload.uri, /^ws:/);
    });

    it('that changes restarts the server that names it', async () => {
      const items = (pair: 'server' | 'foreign'): Item[] => [
        node(paths(certs()[pair])),
        { id: 's', type: 'ix-server', port: 0, tlsConfig: 't', autoStart: true },
        { id: 'e', type: 'ix-server-events', server: 's' },
      ];
      const flow = await run(items('foreign'));
      await until(() => flow.status('e').fill === 'green', 'a server that listens');
      const before = flow.node('s');
      await flow.deploy(items('server'));
      assert.notEqual(flow.node('s'), before);
    });
  });
});
