import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { certs } from '../helpers/certs';
import { within } from '../helpers/queue';
import { Bare, many, tolerance, upgrade } from './attack';
import { fault } from './fault';
import { Random } from './random';

const tlsTimeoutSecs = 1;

/** The first bytes of a real TLS client. */
const clientHello = () =>
  new Promise<Buffer>((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        resolve(chunk);
        done();
      },
    });
    connectTls({ socket: wire, servername: 'localhost' }).on('error', () => {});
  });

/** The bytes that each sends before it is silent. Connections without TLS are dropped at once, the others at the deadline. */
const stories: Record<string, (hello: Buffer, random: Random) => Buffer> = {
  nothing: () => Buffer.alloc(0),
  'the first bytes of a ClientHello': (hello, random) => hello.subarray(0, random.int(1, 10)),
  'a part of a ClientHello': (hello, random) => hello.subarray(0, random.int(11, hello.length - 1)),
  'a whole ClientHello': (hello) => hello,
  'plain HTTP': () => upgrade(),
  'random bytes': (_hello, random) => random.bytes(random.int(6, 400)),
};

fault(
  'half-open TLS handshakes',
  {
    server: { tls: true, certFile: certs().server.certFile, keyFile: certs().server.keyFile, caFile: 'NONE', tlsTimeoutSecs },
    crowd: { scheme: 'wss', client: { ca: certs().ca.cert } },
    count: 2000,
    rehearsal: 200,
    async run({ port }, count) {
      const hello = await clientHello();
      const seconds = await many(count, 500, async (i) => {
        const random = new Random(i);
        const start = performance.now();
        const bare = await Bare.open(port);
        bare.socket.write(stories[random.pick(Object.keys(stories))]?.(hello, random) as Buffer);
        await within(bare.over, 'the end of a half-open TLS handshake', 8000);
        bare.socket.destroy();
        return (performance.now() - start) / 1000;
      });
      return Math.max(...seconds);
    },
    figure: ({ result }) =>
      `2,000 connections, 500 at a time, ${Object.keys(stories).length} ways; all dropped, the last after ${result.toFixed(1)} s (deadline ${tlsTimeoutSecs} s)`,
  },
  (outcome) => {
    it('each is dropped at the deadline at the latest', () => {
      const { result } = outcome();
      assert.ok(result <= tlsTimeoutSecs + tolerance, `${result} s`);
    });

    it('each is reported as an Error event, and none as an Open', () => {
      const { statuses, opened } = outcome().tally;
      assert.deepEqual({ statuses, opened }, { statuses: { 0: 2000 }, opened: {} });
    });

    it('the event says whether it was late, silent beside many others, or no TLS', () => {
      const { errors } = outcome().tally;
      const countOf = (pattern: RegExp) => errors.reduce((sum, { reason, count }) => sum + (pattern.test(reason) ? count : 0), 0);
      const late = countOf(/tlsTimeoutSecs/);
      const noTls = countOf(/^The TLS handshake failed/);
      assert.ok(late > 0 && noTls > 0, JSON.stringify({ late, noTls }));
      const silent = countOf(/other connections needed its place/);
      assert.equal(late + noTls + silent, 2000);
    });
  },
);
