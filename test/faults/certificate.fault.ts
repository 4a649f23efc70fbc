import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { certs, type Pair } from '../helpers/certs';
import { within } from '../helpers/queue';
import { eventually } from './eventually';
import { fault, type Stage } from './fault';
import { Random } from './random';

const dir = mkdtempSync(join(tmpdir(), 'ix-faults-certificate-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];

/** Two valid certificates that alternate. */
const valid = (i: number) => (i % 2 === 0 ? certs().server : certs().foreign);

function put(which: Pair): void {
  copyFileSync(which.certFile, certFile);
  copyFileSync(which.keyFile, keyFile);
}

/** Invalid contents of the files. */
const mistakes: Record<string, (random: Random) => void> = {
  'random bytes as certificate': (random) => writeFileSync(certFile, random.bytes(2000)),
  'half a key': () => writeFileSync(keyFile, readFileSync(keyFile).subarray(0, 100)),
  "somebody else's key": () => copyFileSync(certs().client.keyFile, keyFile),
};

/** Returns the fingerprint of the certificate on a new connection. */
async function shown({ port }: Stage): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false });
  socket.on('error', () => {});
  await within(once(socket, 'secureConnect'), 'a TLS handshake');
  const { fingerprint256 } = socket.getPeerCertificate();
  // The connection is not reset, because an incomplete handshake is an Error event too.
  socket.resume().end();
  await within(once(socket, 'close'), 'the end of a TLS connection');
  return fingerprint256;
}

interface Mistake {
  readonly name: string;
  /** The number of Error events that it caused. */
  readonly reasons: string[];
  readonly keptTheOld: boolean;
}

async function make(stage: Stage, i: number): Promise<Mistake> {
  const name = Object.keys(mistakes)[i % Object.keys(mistakes).length] as string;
  const { errors } = await stage.subject.tally();
  const old = await shown(stage);
  mistakes[name]?.(new Random(i));
  const reasons = async () => (await stage.subject.tally()).errors.slice(errors.length).map(({ reason }) => reason);
  await eventually(async () => (await reasons()).length > 0, `an Error event about ${name}`, 20_000);
  const mistake = { name, reasons: await reasons(), keptTheOld: (await shown(stage)) === old };
  put(valid(i + 1));
  await eventually(async () => (await shown(stage)) !== old, 'the new certificate', 20_000);
  return mistake;
}

fault(
  'certificates on disk replaced by garbage',
  {
    async prepare() {
      put(valid(0));
    },
    server: { tls: true, certFile, keyFile, caFile: 'NONE' },
    crowd: { scheme: 'wss', client: { ca: certs().ca.cert } },
    count: Object.keys(mistakes).length,
    rehearsal: 2,
    async run(stage, count) {
      const made: Mistake[] = [];
      for (let i = 0; i < count; i++) made.push(await make(stage, i));
      return made;
    },
    figure: ({ result }) => `${result.map(({ name }) => name).join(', ')}: told, and the old ones went on until there were good new ones`,
  },
  (outcome) => {
    it('each is one Error event, which says that the old ones stay in use, and shows no key', () => {
      for (const { name, reasons } of outcome().result) {
        assert.equal(reasons.length, 1, `${name}: ${reasons}`);
        assert.match(reasons[0] as string, /stays? in use/);
        assert.doesNotMatch(reasons[0] as string, /PRIVATE KEY/);
      }
    });

    it('new connections get the old certificate, and a good new one once there is one', () => {
      assert.deepEqual(
        outcome().result.filter(({ keptTheOld }) => !keptTheOld),
        [],
      );
    });

    it('no connection ends', () => {
      assert.deepEqual(outcome().tally.closeCodes, {});
    });
  },
);
