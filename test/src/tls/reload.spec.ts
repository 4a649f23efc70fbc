import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { Layer } from '../../../src/options/read';
import type { ServerTls } from '../../../src/tls/context';
import { followTls, liveTls } from '../../../src/tls/reload';
import { certs, type Pair, passphrase } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { folder } from '../../helpers/files';
import { tlsClient, wsClient } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { type ServerHarness, server, TestLog } from '../../helpers/sockets';
import { onTeardown, stub, teardown } from '../../helpers/teardown';

type Clock = ReturnType<typeof fakeClock>;

/** Creates a certificate and its key, as files that the test may change. */
interface Files {
  readonly dir: string;
  readonly certFile: string;
  readonly keyFile: string;
}

function files({ cert, key }: Pair): Files {
  const dir = folder();
  const made = { dir, certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') };
  writeFileSync(made.certFile, cert);
  writeFileSync(made.keyFile, key);
  return made;
}

const isReading = () => process.getActiveResourcesInfo().some((kind) => /^(FSReq|CloseReq)/.test(kind));

/** Lets a server poll its files this number of times. */
async function polls(clock: Clock, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    clock.tick(1000);
    await until(() => !isReading(), 'the end of a look');
  }
}

/** Returns what a new client sees: the name in the certificate, or the error code. */
async function shown(port: number, options: ConnectionOptions = {}): Promise<string> {
  const socket = await come(port, options);
  return typeof socket === 'string' ? socket : String(socket.getPeerCertificate().subject.CN);
}

const come = (port: number, options: ConnectionOptions = {}) => tlsClient(port, { rejectUnauthorized: false, ...options });

interface Running extends Files {
  readonly harness: ServerHarness;
  readonly clock: Clock;
}

async function running(given: Layer = {}, made = files(certs().server)): Promise<Running> {
  const { certFile, keyFile } = made;
  const clock = fakeClock();
  const harness = await server({ tls: true, certFile, keyFile, ...given }).open();
  return { harness, clock, ...made };
}

/** Returns the reasons of the Error events so far. */
const troubles = ({ events }: ServerHarness) => events.all.flatMap(({ type, payload }) => (type === 3 ? [payload.reason] : []));

describe('the TLS files of a running server', () => {
  afterEach(teardown);

  describe('are taken up by new connections when they are', () => {
    const other = () => certs().foreign;
    /** Installs the files in one of several ways. @returns a function that changes them in the same way. */
    const ways: Record<string, () => Files & { change(): void }> = {
      'written over': () => {
        const made = files(certs().server);
        return {
          ...made,
          change() {
            writeFileSync(made.certFile, other().cert);
            writeFileSync(made.keyFile, other().key);
          },
        };
      },
      'replaced by others that were given their names': () => {
        const made = files(certs().server);
        return {
          ...made,
          change() {
            for (const [name, text] of [
              [made.certFile, other().cert],
              [made.keyFile, other().key],
            ] as const) {
              writeFileSync(`${name}.new`, text);
              renameSync(`${name}.new`, name);
            }
          },
        };
      },
      'links to others, as with certbot': () => {
        const { dir } = files(certs().server);
        copyFileSync(other().certFile, join(dir, 'cert2.pem'));
        copyFileSync(other().keyFile, join(dir, 'key2.pem'));
        const [certFile, keyFile] = [join(dir, 'live-cert.pem'), join(dir, 'live-key.pem')];
        const link = (version: string) => {
          for (const [name, target] of [
            [certFile, `cert${version}.pem`],
            [keyFile, `key${version}.pem`],
          ] as const) {
            symlinkSync(target, `${name}.new`);
            renameSync(`${name}.new`, name);
          }
        };
        link('');
        return { dir, certFile, keyFile, change: () => link('2') };
      },
      'in a folder that is a link to another, as in Kubernetes': () => {
        const dir = folder();
        const version = (name: string, { certFile, keyFile }: Pair) => {
          mkdirSync(join(dir, name));
          copyFileSync(certFile, join(dir, name, 'tls.crt'));
          copyFileSync(keyFile, join(dir, name, 'tls.key'));
          symlinkSync(name, join(dir, '..data_tmp'));
          renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
        };
        version('..2024', certs().server);
        const [certFile, keyFile] = [join(dir, 'tls.crt'), join(dir, 'tls.key')];
        symlinkSync('..data/tls.crt', certFile);
        symlinkSync('..data/tls.key', keyFile);
        return {
          dir,
          certFile,
          keyFile,
          change() {
            version('..2025', other());
            rmSync(join(dir, '..2024'), { recursive: true });
          },
        };
      },
      'removed, and made again': () => {
        const made = files(certs().server);
        return {
          ...made,
          change() {
            unlinkSync(made.certFile);
            unlinkSync(made.keyFile);
            copyFileSync(other().certFile, made.certFile);
            copyFileSync(other().keyFile, made.keyFile);
          },
        };
      },
    };
    for (const [title, way] of Object.entries(ways)) {
      it(`${title}; connections from before continue`, async () => {
        const { change, ...made } = way();
        const { harness, clock } = await running({}, made);
        const before = await wsClient(`wss://127.0.0.1:${harness.port}/before`, [], { rejectUnauthorized: false });
        await harness.next('Open');
        await polls(clock, 3);
        assert.equal(await shown(harness.port), 'server');
        change();
        await polls(clock, 2);
        assert.equal(await shown(harness.port), 'foreign');
        before.ws.send('still here');
        await until(() => harness.names.includes('Message'), 'a message of the connection from before');
        assert.deepEqual(troubles(harness), []);
      });
    }
  });

  it('are taken up as often as they change', async () => {
    const { harness, clock, certFile, keyFile } = await running();
    for (const name of ['foreign', 'wrongHost', 'server', 'expired'] as const) {
      writeFileSync(certFile, certs()[name].cert);
      writeFileSync(keyFile, certs()[name].key);
      await polls(clock, 2);
      assert.equal(await shown(harness.port), { foreign: 'foreign', wrongHost: 'wrong-host', server: 'server', expired: 'expired' }[name]);
    }
  });

  describe('caFile', () => {
    const asClient = () => ({ cert: certs().client.cert, key: certs().client.key });
    const asForeigner = () => ({ cert: certs().foreign.cert, key: certs().foreign.key });

    it('applies the new options to later connections', async () => {
      const caFile = join(folder(), 'ca.pem');
      writeFileSync(caFile, certs().ca.cert);
      const { harness, clock } = await running({ caFile });
      assert.equal(await shown(harness.port, asClient()), 'server');
      assert.notEqual(await shown(harness.port, asForeigner()), 'server');
      writeFileSync(caFile, certs().foreignCa.cert);
      await polls(clock, 2);
      assert.notEqual(await shown(harness.port, asClient()), 'server');
      assert.equal(await shown(harness.port, asForeigner()), 'server');
    });

    it('an earlier TLS session does not admit a client that is no longer trusted', async () => {
      const caFile = join(folder(), 'ca.pem');
      writeFileSync(caFile, certs().ca.cert);
      const { harness, clock } = await running({ caFile });
      const first = await come(harness.port, { ...asClient(), maxVersion: 'TLSv1.2' });
      assert.ok(typeof first === 'object', String(first));
      const session = first.getSession();
      const again = await come(harness.port, { ...asClient(), maxVersion: 'TLSv1.2', session });
      assert.equal(typeof again === 'object' && again.isSessionReused(), true, 'it does help one that is trusted');
      writeFileSync(caFile, certs().foreignCa.cert);
      await polls(clock, 2);
      assert.equal(typeof (await come(harness.port, { ...asClient(), maxVersion: 'TLSv1.2', session })), 'string');
    });
  });

  describe('that cannot be used', () => {
    const rows: [string, (made: Files) => void, RegExp][] = [
      ['a certificate that is garbage', ({ certFile }) => writeFileSync(certFile, 'garbage'), /option certFile names the file .*cert\.pem/],
      ['a certificate that is broken', ({ certFile }) => writeFileSync(certFile, certs().broken.cert), /option certFile .*cert\.pem/],
      ['an empty certificate', ({ certFile }) => writeFileSync(certFile, ''), /option certFile names the file .*it is empty/],
      ['no certificate', ({ certFile }) => unlinkSync(certFile), /option certFile names the file .*the file does not exist/],
      ['a key of another certificate', ({ keyFile }) => writeFileSync(keyFile, certs().client.key), /does not belong to the certificate/],
      ['half a key', ({ keyFile }) => writeFileSync(keyFile, certs().server.key.slice(0, 80)), /option keyFile .*key\.pem/],
      ['an encrypted key', ({ keyFile }) => writeFileSync(keyFile, certs().encrypted.key), /no passphrase is given/],
    ];
    for (const [title, spoil, sentence] of rows) {
      it(`(${title}) are reported as one Error event, and those from before continue, until others can be used`, async () => {
        const { harness, clock, certFile, keyFile } = await running();
        spoil({ dir: '', certFile, keyFile });
        await polls(clock, 3);
        assert.deepEqual(troubles(harness), [], 'whoever writes them may not be at the end');
        await polls(clock, 1);
        const [trouble = ''] = troubles(harness);
        assert.match(trouble, /^The changed TLS files cannot be used, and what was read from them before stays in use\. \S/);
        assert.match(trouble, sentence);
        assert.doesNotMatch(trouble, /BEGIN/);
        await polls(clock, 20);
        assert.equal(troubles(harness).length, 1);
        assert.equal(await shown(harness.port), 'server');
        writeFileSync(certFile, certs().foreign.cert);
        writeFileSync(keyFile, certs().foreign.key);
        await polls(clock, 2);
        assert.equal(await shown(harness.port), 'foreign');
        assert.equal(troubles(harness).length, 1);
      });
    }

    it('an Error event is about no connection', async () => {
      const { harness, clock, certFile } = await running();
      writeFileSync(certFile, 'garbage');
      await polls(clock, 4);
      const { reason, ...rest } = await harness.next('Error');
      assert.match(reason, /TLS files/);
      assert.deepEqual(rest, { retries: 0, wait_time: 0, http_status: 0, decompressionError: false });
    });

    it('are reported again when they change to others that cannot be used', async () => {
      const { harness, clock, certFile } = await running();
      for (const garbage of ['garbage', 'other garbage']) {
        writeFileSync(certFile, garbage);
        await polls(clock, 4);
      }
      assert.equal(troubles(harness).length, 2);
    });
  });

  it('a key that comes after its certificate is waited for', async () => {
    const { harness, clock, certFile, keyFile } = await running();
    writeFileSync(certFile, certs().foreign.cert);
    await polls(clock, 3);
    assert.equal(await shown(harness.port), 'server');
    writeFileSync(keyFile, certs().foreign.key);
    await polls(clock, 2);
    assert.equal(await shown(harness.port), 'foreign');
    assert.deepEqual(troubles(harness), []);
  });

  it('a file that is written for long is read when it is whole', async () => {
    const caFile = join(folder(), 'ca.pem');
    writeFileSync(caFile, certs().ca.cert);
    const { harness, clock } = await running({ caFile });
    const client = { cert: certs().client.cert, key: certs().client.key };
    // The intermediate content is a CA that would refuse this client.
    writeFileSync(caFile, certs().foreignCa.cert);
    await polls(clock, 1);
    assert.equal(await shown(harness.port, client), 'server');
    writeFileSync(caFile, certs().foreignCa.cert + certs().ca.cert);
    await polls(clock, 1);
    assert.equal(await shown(harness.port, client), 'server');
    await polls(clock, 1);
    assert.equal(await shown(harness.port, client), 'server');
    assert.equal(await shown(harness.port, { cert: certs().foreign.cert, key: certs().foreign.key }), 'server');
  });

  it('an encrypted key is opened with the passphrase that the server has', async () => {
    const { harness, clock, certFile, keyFile } = await running({ passphrase }, files({ ...certs().foreign }));
    writeFileSync(certFile, certs().encrypted.cert);
    writeFileSync(keyFile, certs().encrypted.key);
    await polls(clock, 2);
    assert.equal(await shown(harness.port), 'server');
    assert.deepEqual(troubles(harness), []);
  });

  it('what changed while they were read is seen at the first looks', async () => {
    const { certFile, keyFile } = files(certs().server);
    const clock = fakeClock();
    const live = await liveTls({ tls: true, certFile, keyFile });
    assert.ok(live, 'there is TLS');
    writeFileSync(certFile, certs().foreign.cert);
    writeFileSync(keyFile, certs().foreign.key);
    const renewed: ServerTls[] = [];
    const log = new TestLog();
    onTeardown(followTls(live, { renewed: (tls) => renewed.push(tls), warned: assert.fail as () => never }, log));
    await polls(clock, 2);
    assert.deepEqual(
      renewed.map(({ cert }) => cert),
      [certs().foreign.cert],
    );
    assert.deepEqual(log.errors, []);
  });

  describe('are left alone', () => {
    it('where there are none: PEM texts and a TLS configuration node', async () => {
      const { cert, key } = certs().server;
      const node = { addTLSOptions: (options: object) => ({ ...options, cert, key, rejectUnauthorized: false }) };
      const clock = fakeClock();
      for (const harness of [
        server({ tls: true, certFile: cert, keyFile: key, caFile: 'NONE' }),
        server({}, () => ({ tlsConfig: node })),
      ]) {
        await harness.open();
        await until(() => !isReading(), 'the end of the start');
        clock.tick(1000);
        assert.equal(isReading(), false);
        await harness.stop();
      }
    });

    it('while a look has not ended: there is never more than one', async () => {
      const { clock } = await running();
      clock.tick(60_000);
      assert.equal(process.getActiveResourcesInfo().filter((kind) => kind.startsWith('FS')).length, 1);
      await until(() => !isReading(), 'the end of a look');
    });

    it('once the server is stopped, though a look is in progress, and no timer is left', async () => {
      const clock = fakeClock();
      const timers = clock.countTimers();
      const { certFile, keyFile } = files(certs().server);
      const harness = await server({ tls: true, certFile, keyFile }).open();
      writeFileSync(certFile, 'garbage');
      await polls(clock, 3);
      clock.tick(1000);
      assert.equal(isReading(), true);
      await harness.stop();
      assert.equal(clock.countTimers(), timers);
      await until(() => !isReading(), 'the end of the look');
      assert.deepEqual(harness.names, []);
    });

    it('and keep no process from ending', async () => {
      const made: NodeJS.Timeout[] = [];
      const { setInterval } = globalThis;
      const remembering = (callback: () => void, ms?: number) => {
        const timer = setInterval(callback, ms);
        made.push(timer);
        return timer;
      };
      stub(globalThis, 'setInterval', remembering as typeof setInterval);
      const { certFile, keyFile } = files(certs().server);
      await server({ tls: true, certFile, keyFile }).open();
      assert.deepEqual(
        made.map((timer) => timer.hasRef()),
        [false],
      );
    });
  });

  describe('a certificate that expires', () => {
    it('soon is an Error event at the start, and at each start', async () => {
      const { harness } = await running({}, files(certs().soon));
      for (let i = 0; i < 2; i++) {
        const { reason, ...rest } = await harness.next('Error');
        assert.match(
          reason,
          /^The certificate of soon, which this server presents, expires on 20.*Z, in (5|6) days\. Replace it with a new one\.$/,
        );
        assert.deepEqual(rest, { retries: 0, wait_time: 0, http_status: 0, decompressionError: false });
        await harness.stop();
        await harness.open();
      }
    });

    it('reports an expired certificate', async () => {
      const { harness } = await running({}, files(certs().expired));
      assert.match((await harness.next('Error')).reason, /^The certificate of expired, .* expired on 2020-02-01T00:00:00\.000Z/);
    });

    it('while the server runs is reported 30, 7 and 1 days before, until there is a new one', async () => {
      let now = Date.UTC(2099, 9, 1);
      stub(Date, 'now', () => now);
      const { harness, clock, certFile, keyFile } = await running();
      for (let day = 0; day < 100; day++) {
        now += 24 * 60 * 60 * 1000;
        clock.tick(1000);
      }
      assert.equal(troubles(harness).length, 3, troubles(harness).join('\n'));
      now = Date.UTC(2090, 5, 1);
      writeFileSync(certFile, certs().notYet.cert);
      writeFileSync(keyFile, certs().notYet.key);
      await polls(clock, 3);
      assert.equal(troubles(harness).length, 3);
      now = Date.UTC(2090, 11, 20);
      clock.tick(1000);
      assert.match(troubles(harness)[3] ?? '', /^The certificate of not-yet, .* in 12 days/);
    });

    it('is reported where it was taken up too', async () => {
      const { harness, clock, certFile, keyFile } = await running();
      writeFileSync(certFile, certs().soon.cert);
      writeFileSync(keyFile, certs().soon.key);
      await polls(clock, 2);
      assert.match((await harness.next('Error')).reason, /^The certificate of soon, /);
    });

    it('of a TLS configuration node is reported too', async () => {
      const { cert, key } = certs().soon;
      const harness = await server({}, () => ({
        tlsConfig: { addTLSOptions: (o: object) => ({ ...o, cert: Buffer.from(cert), key }) },
      })).open();
      assert.match((await harness.next('Error')).reason, /^The certificate of soon, /);
    });
  });
});
