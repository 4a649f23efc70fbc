/** One fault: a Node-RED process, a crowd that keeps sending, and the facts that must hold for each fault. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Crowd, type CrowdOptions } from './crowd';
import { eventually } from './eventually';
import { seed } from './random';
import { flow, type Item, type Memory, Subject, type Tally } from './subject';

export interface Stage {
  readonly subject: Subject;
  readonly crowd: Crowd;
  readonly port: number;
  /** The running nodes, as deployed first. */
  readonly nodes: readonly Item[];
}

export interface Plan<R> {
  /** Options of the server, in addition to its port. */
  readonly server?: object;
  /** Preparations before the nodes are created. */
  prepare?(): Promise<void>;
  /** Nodes in addition to the server's. */
  readonly more?: (port: number) => readonly Item[];
  readonly crowd?: CrowdOptions & { readonly scheme?: 'ws' | 'wss' };
  readonly remembers?: boolean;
  /** The number of repetitions, and of those before memory is measured. The latter load and compile code that is needed once. */
  readonly count: number;
  readonly rehearsal: number;
  run(stage: Stage, count: number): Promise<R>;
  /** Maximum growth of the resident size, bytes. */
  readonly peak?: number;
  /** The description for the table. */
  figure(outcome: Outcome<R>): string;
}

export interface Outcome<R> {
  readonly result: R;
  readonly tally: Tally;
  readonly before: Memory;
  readonly after: Memory;
  /** The growth of the largest resident size. */
  readonly peak: number;
  readonly seconds: number;
}

/** Allowed growth of the live memory. */
const spare = 1.1;
/** Handles of Node-RED itself: the connection that requests the figures, and its timers. */
const spareHandles = 4;

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

export function fault<R>(title: string, plan: Plan<R>, facts: (outcome: () => Outcome<R>, stage: () => Stage) => void): void {
  describe(`${title} (seed ${seed})`, function () {
    this.timeout(200_000);
    let stage: Stage | undefined;
    let outcome: Outcome<R> | undefined;
    const staged = () => stage ?? assert.fail('there is no stage');
    const done = () => outcome ?? assert.fail('the fault was not done');

    before(async () => {
      stage = await open(plan);
      outcome = await perform(stage, plan);
    });

    after(() => {
      stage?.crowd.leave();
      return stage?.subject.stop();
    });

    facts(done, staged);

    it('Node-RED is alive', async () => {
      assert.equal(await staged().subject.isAlive(), true, staged().subject.log);
    });

    it('nothing escaped, and the log holds no warning of Node.js', () => {
      assert.equal(staged().subject.escaped, undefined);
    });

    it('every message of the well-behaved peers came once, whole and in order', () => {
      assert.deepEqual(staged().crowd.problems, []);
      assert.ok(staged().crowd.broadcasts > 0, 'nothing was sent');
    });

    it('memory is back within 10 % of its start, and no socket and no timer is left', () => {
      const { before, after } = done();
      const figures = JSON.stringify({ before, after });
      assert.ok(after.used <= before.used * spare, `${megabytes(after.used)} MB are alive, ${megabytes(before.used)} were: ${figures}`);
      assert.ok(after.sockets <= before.sockets + spareHandles, `sockets were left: ${figures}`);
      assert.ok(after.timers <= before.timers + spareHandles, `timers were left: ${figures}`);
    });

    if (plan.peak !== undefined) {
      it(`meanwhile the resident size grew by at most ${megabytes(plan.peak)} MB`, () => {
        assert.ok(done().peak <= (plan.peak as number), `it grew by ${megabytes(done().peak)} MB`);
      });
    }

    it('Node-RED stops with exit code 0', async () => {
      staged().crowd.leave();
      assert.equal(await staged().subject.stop(), 0, staged().subject.log);
      assert.equal(staged().subject.escaped, undefined);
      tell(title, plan, done(), staged());
    });
  });
}

async function open<R>(plan: Plan<R>): Promise<Stage> {
  const { server, more, crowd: { scheme = 'ws', ...crowd } = {}, remembers = false } = plan;
  await plan.prepare?.();
  let nodes: Item[] = [];
  const subject = await Subject.start((port) => {
    nodes = [...flow({ port, maxConnections: 10_000, backlog: 511, ...server }, { remembers }), ...(more?.(port) ?? [])];
    return nodes;
  });
  const { port } = subject;
  const stage = { subject, port, nodes, crowd: new Crowd(`${scheme}://127.0.0.1:${port}`, crowd) };
  await stage.crowd.join().catch(async (error) => {
    await subject.stop();
    throw error;
  });
  return stage;
}

async function perform<R>(stage: Stage, { run, count, rehearsal }: Plan<R>): Promise<Outcome<R>> {
  const { subject, crowd } = stage;
  const underTraffic = async (times: number) => {
    crowd.begin();
    const result = await run(stage, times).finally(() => crowd.end());
    return result;
  };
  await underTraffic(rehearsal);
  const before = await memoryAtRest(subject);
  // Refusals are gathered for a second.
  await sleep(1200);
  await subject.reset();
  subject.forgetPeak();
  const { rss } = await subject.memory();
  const start = performance.now();
  const result = await underTraffic(count);
  const seconds = (performance.now() - start) / 1000;
  const peak = Math.max(subject.peak - rss, 0);
  // Before the memory is measured, because the counts of the harness are not the package's.
  const tally = await wholeTally(subject);
  await subject.reset();
  const after = await memoryAtRest(subject, before);
  return { result, tally, before, after, peak, seconds };
}

/** Returns the tally once it no longer changes: a closing handshake takes up to 300 ms, and refusals are gathered for a second. */
async function wholeTally(subject: Subject): Promise<Tally> {
  let tally = await subject.tally();
  const isSame = async () => {
    await sleep(1200);
    const before = tally;
    tally = await subject.tally();
    return isDeepStrictEqual(before, tally);
  };
  await eventually(isSame, 'the last event', 20_000);
  return tally;
}

/** Returns the figures once nothing is active: when they equal the earlier ones, or no longer change. */
async function memoryAtRest(subject: Subject, start?: Memory): Promise<Memory> {
  let memory = await subject.memory();
  const isBack = (now: Memory) =>
    start && now.used <= start.used * spare && now.sockets <= start.sockets + spareHandles && now.timers <= start.timers + spareHandles;
  let steady = 0;
  await eventually(
    async () => {
      const before = memory;
      await sleep(250);
      memory = await subject.memory();
      const same = Math.abs(memory.used - before.used) < before.used / 100 && memory.sockets === before.sockets;
      steady = same ? steady + 1 : 0;
      return isBack(memory) || steady > (start ? 20 : 1);
    },
    'a memory that changes no more',
    20_000,
  ).catch(() => {});
  return memory;
}

/** One line of the table that `npm run test:faults` ends with. */
function tell<R>(title: string, { figure }: Plan<R>, outcome: Outcome<R>, { crowd }: Stage): void {
  const { before, after, peak, seconds } = outcome;
  const line = { title, figure: figure(outcome), seconds, broadcasts: crowd.broadcasts, deliveries: crowd.deliveries, before, after, peak };
  if (process.env.FAULTS_FIGURES) appendFileSync(process.env.FAULTS_FIGURES, `${JSON.stringify(line)}\n`);
  else console.log(line);
}
