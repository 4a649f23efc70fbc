import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../e2e/foreign/runtime';
import { within } from '../helpers/queue';
import { eventually } from './eventually';
import { fault, type Stage } from './fault';
import { type Feed, failuresOf, fedClient, feedOf, resetFeed, startFeed, stopFeed } from './feed';
import { Random } from './random';

/** Resolves when the child has sent a message. */
const says = async (child: ChildProcess, text: string) => {
  for (;;) {
    const [message] = await within(once(child, 'message'), `"${text}" of a server`, 20_000);
    if (message === text) return;
  }
};

/** Starts a process that listens at a message, so that the time to load it is not an outage. */
function spare(port: number, file: string): { child: ChildProcess; ready: Promise<void> } {
  const child = fork(join(__dirname, 'mortal-server.mjs'), [String(port), file], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return { child, ready: says(child, 'ready') };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

interface Deaths {
  readonly feed: Feed;
  /** The numbers of the messages that failed. */
  readonly failures: readonly number[];
  /** The numbers of the messages that the servers have read, in order. */
  readonly read: readonly number[];
}

let port: number;

/** Kills the server repeatedly, while the flow sends. The last one lives until everything is answered. */
async function killServers({ subject }: Stage, count: number): Promise<Deaths> {
  const folder = mkdtempSync(join(tmpdir(), 'ix-faults-outbox-'));
  const file = join(folder, 'read');
  await resetFeed(subject);
  await startFeed(subject, 500);
  let next = spare(port, file);
  for (let i = 0; ; i++) {
    const random = new Random(i);
    const { child, ready } = next;
    await ready;
    const connected = says(child, 'connected');
    child.send('listen');
    if (i === count) return { ...(await lastServer(subject, child, connected, file)), read: readNumbers(file, folder) };
    next = spare(port, file);
    await connected;
    await sleep(random.int(5, 120));
    // A stopped process reads nothing: what the client hands over then is lost in buffers.
    if (random.chance(0.3)) {
      child.kill('SIGSTOP');
      await sleep(random.int(10, 60));
    }
    await kill(child);
    // Sometimes longer than a message waits, so that some fail however fast the machine is.
    if (i % 20 === 0) await sleep(2 * queueTtlMs);
    else if (random.chance(0.3)) await sleep(random.int(10, 200));
  }
}

async function lastServer(
  subject: Stage['subject'],
  child: ChildProcess,
  connected: Promise<void>,
  file: string,
): Promise<Omit<Deaths, 'read'>> {
  await connected;
  await stopFeed(subject);
  let feed = await feedOf(subject);
  const isAnswered = async () => {
    feed = await feedOf(subject);
    return feed.succeeded + feed.failed >= feed.asked;
  };
  await eventually(isAnswered, 'the answer of each message', 10_000);
  let size = -1;
  const isRead = async () => {
    const before = size;
    await sleep(200);
    size = existsSync(file) ? statSync(file).size : 0;
    return size === before;
  };
  await eventually(isRead, 'the last message', 10_000);
  await kill(child);
  return { feed, failures: await failuresOf(subject) };
}

function readNumbers(file: string, folder: string): number[] {
  const lines = readFileSync(file, 'latin1').split('\n').slice(0, -1);
  rmSync(folder, { recursive: true });
  return lines.map((line) => Number.parseInt(line, 10));
}

/** The time that a message waits for the server. */
const queueTtlMs = 300;

const whole = (number: number) => number.toLocaleString('en');

fault(
  'a server that is killed, under a client with an outbox',
  {
    more: () =>
      fedClient({
        URL: `ws://127.0.0.1:${port}/`,
        minWaitBetweenReconnectionRetries: 10,
        maxWaitBetweenReconnectionRetries: 100,
        queueSize: 150,
        queueTtlSecs: queueTtlMs / 1000,
      }),
    async prepare() {
      port = await freePort();
    },
    crowd: { peers: 2 },
    count: 100,
    rehearsal: 5,
    run: killServers,
    figure: ({ result: { feed, read } }) =>
      `100 times killed, 500 messages a second: of ${whole(feed.asked)}, ${whole(feed.succeeded)} were told as sent and ${whole(feed.failed)} as failed; ` +
      `the servers read ${whole(read.length)}, none twice`,
  },
  (outcome) => {
    it('each message is answered, once', () => {
      const { asked, succeeded, failed, answeredAgain } = outcome().result.feed;
      assert.ok(asked > 2000, `${asked} messages`);
      assert.deepEqual({ answered: succeeded + failed, answeredAgain }, { answered: asked, answeredAgain: 0 });
    });

    it('no message is read twice, and none before an earlier one', () => {
      const { read } = outcome().result;
      assert.ok(read.length > 1000, `${read.length} messages were read`);
      assert.deepEqual(
        read.filter((number, i) => i > 0 && number <= (read[i - 1] as number)),
        [],
      );
    });

    it('what was told as failed was not read', () => {
      const { feed, failures, read } = outcome().result;
      const failed = new Set(failures);
      assert.ok(failed.size > 0, 'nothing failed');
      assert.deepEqual(
        read.filter((number) => failed.has(number)),
        [],
        JSON.stringify(feed.said),
      );
    });

    it('what failed had expired, or found the queue full, or was in flight at the end of a connection', () => {
      const { said } = outcome().result.feed;
      const known = /expired|is full|ended|is closing/;
      assert.deepEqual(
        Object.keys(said).filter((sentence) => !known.test(sentence)),
        [],
        JSON.stringify(said),
      );
    });
  },
);

const queueBytes = 16_777_216;
/** The most memory of a full outbox beside its messages, bytes. */
const overhead = 16e6;

for (const [kind, { size, count }] of Object.entries({
  'messages of 1 KiB': { size: 1024, count: 30_000 },
  'messages of 8 bytes': { size: 8, count: 30_000 },
})) {
  fault(
    `an outbox that is full of ${kind}`,
    {
      more: () =>
        fedClient({ URL: `ws://127.0.0.1:${port}/`, queueSize: 1_000_000, queueBytes, queueFull: 'drop-oldest', queueTtlSecs: 8 }),
      async prepare() {
        port = await freePort();
      },
      crowd: { peers: 2 },
      count,
      rehearsal: 1000,
      async run({ subject }, messages) {
        await resetFeed(subject);
        const { used } = await subject.memory();
        await startFeed(subject, 10_000, { size, count: messages });
        let feed = await feedOf(subject);
        const isAsked = async () => {
          feed = await feedOf(subject);
          return feed.asked === messages;
        };
        await eventually(isAsked, 'the last message', 30_000);
        const waiting = feed.asked - feed.failed;
        const held = (await subject.memory()).used - used;
        const isAnswered = async () => {
          feed = await feedOf(subject);
          return feed.failed >= feed.asked;
        };
        await eventually(isAnswered, 'the answer of each message', 60_000);
        await resetFeed(subject);
        return { feed, held, waiting };
      },
      figure: ({ result: { feed, held, waiting } }) =>
        `${whole(feed.asked)} messages while no server listens, queueBytes 16 MiB, drop-oldest: ${whole(waiting)} waited, in ${(held / 1e6).toFixed(1)} MB; each was told as dropped or expired`,
    },
    (outcome) => {
      it('each message is told as dropped or expired, once', () => {
        const { asked, succeeded, failed, answeredAgain } = outcome().result.feed;
        assert.deepEqual({ succeeded, failed: failed, answeredAgain }, { succeeded: 0, failed: asked, answeredAgain: 0 });
      });

      it('what waits holds at most queueBytes and 16 MB', () => {
        const { held } = outcome().result;
        assert.ok(held <= queueBytes + overhead, `${held} bytes are held`);
      });
    },
  );
}
