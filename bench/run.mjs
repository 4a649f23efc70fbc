// `npm run bench`: measures the rows for each peer, alternating, each in its own process.
import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { certificate } from './certificate.mjs';
import { readOptions } from './options.mjs';
import { peers } from './peers.mjs';
import { makePool } from './pool.mjs';
import { readProfile } from './profile.mjs';
import { tables, writeTables } from './report.mjs';
import { jobOf, rows } from './rows.mjs';
import { freePorts } from './targets.mjs';

/** The load generator: a process that is reused until a job fails. */
function makeGenerator() {
  let child;
  const end = () => {
    child?.kill('SIGKILL');
    child = undefined;
  };
  const run = (job) =>
    new Promise((resolve, reject) => {
      child ??= fork(join(import.meta.dirname, 'generator.mjs'), { execArgv: [] });
      const worker = child;
      const limit = setTimeout(end, (job.seconds + job.warmup) * 1000 + job.timeoutMs * 4);
      const answered = ({ result, error }) => {
        settled();
        if (result) return resolve(result);
        end();
        reject(new Error(error));
      };
      const ended = () => {
        settled();
        end();
        reject(new Error('The load generator took too long, or ended.'));
      };
      const settled = () => {
        clearTimeout(limit);
        worker.off('message', answered).off('exit', ended);
      };
      worker.once('message', answered).once('exit', ended);
      worker.send(job);
    });
  return { run, end };
}

/** Several generators that do the same job at the same time, for a peer that one of them cannot load fully. */
function makeGenerators(count) {
  const all = Array.from({ length: count }, makeGenerator);
  return {
    async run(job) {
      const results = await Promise.all(all.map(({ run }) => run(job)));
      const sum = results.reduce((total, result) => total + result.count, 0);
      return { ...results[0], count: sum, generator: Math.max(...results.map(({ generator }) => generator)) };
    },
    end() {
      for (const { end } of all) end();
    },
  };
}

/** Returns the peers of a row. */
const takePart = (name, work, asked) =>
  Object.keys(peers).filter((peer) => {
    const rowsOfPeer = peers[peer].rows ?? [name];
    const isAsked = asked ? asked.includes(peer) : rowsOfPeer.includes(name);
    return isAsked && (rows[name].peers ?? [peer]).includes(peer) && !peers[peer].cannot?.(work);
  });

/** Measures one row: every peer once in each round, in an order that rotates from round to round. */
async function measureRow(name, options, pool) {
  const row = rows[name];
  const job = jobOf(row, options);
  const { tls, ...does } = row.work(job);
  const work = { ...does, ...(tls && { certificate: certificate() }) };
  const names = takePart(name, work, options.peers);
  const measured = Object.fromEntries(names.map((peer) => [peer, { rounds: [] }]));
  const generator = makeGenerators(row.generators ?? 1);
  const targets = new Map();
  const ports = new Map();
  const release = async (peer, how) => {
    const target = targets.get(peer);
    targets.delete(peer);
    if (target) await pool.release(target, how);
  };
  const attempt = async (peer, what) => {
    try {
      await what();
    } catch (error) {
      measured[peer].problem = error.message;
      const log = targets.get(peer)?.log().slice(-2000);
      console.error(`${name}, ${peer}: ${error.message}${log ? `\nIts log:\n${log}` : ''}`);
      await release(peer, { broken: true });
    }
  };
  const ready = (peer) =>
    attempt(peer, async () => {
      // Each client has a port of its own, since those that wait for their turn connect too.
      const [listenOn] = work.does === 'client' ? await freePorts(1) : [];
      if (listenOn) ports.set(peer, listenOn);
      targets.set(peer, await pool.start(peer, { ...work, port: listenOn }));
    });
  const measure = async (peer, round) => {
    const { pid, port, path } = targets.get(peer);
    // The first time also warms the peer up.
    const warmup = round === 0 && !row.fresh && !options.isTiny ? job.warmup + 1 : job.warmup;
    const isProfiled = options.profile !== undefined && round === 0;
    if (round === 0 && row.gentle && !options.isTiny) await generator.run({ ...job, ...row.gentle, target: { pid, port, path, tls } });
    const result = await generator.run({ ...job, warmup, listenOn: ports.get(peer), target: { pid, port, path, tls, isProfiled } });
    measured[peer].rounds[round] = result;
    console.error(progress(name, round, peer, row.measure, result));
    if (isProfiled) console.error(await readProfile(options.profile, pid, `${name}-${peer}`));
  };

  if (!row.fresh) await Promise.all(names.map(ready));
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const peer = names[(turn + round) % names.length];
      if (row.fresh && !measured[peer].problem) await ready(peer);
      if (targets.has(peer)) await attempt(peer, () => measure(peer, round));
      if (row.fresh) await release(peer);
    }
  }
  generator.end();
  for (const peer of names) await release(peer);
  return measured;
}

function progress(name, round, peer, { value, unit }, result) {
  const { seconds, cpu, generator } = result;
  const percent = (share) => `${Math.round(share * 100)} %`;
  const figure = value(result).toLocaleString('en', { maximumFractionDigits: 1 });
  return `${name}, round ${round + 1}, ${peer}: ${figure} ${unit}; CPU ${percent(cpu / seconds)}, generator ${percent(generator)}`;
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.profile) {
    mkdirSync(options.profile, { recursive: true });
    process.env.BENCH_PROFILE = options.profile;
  }
  const measured = {};
  const pool = makePool({ keeps: options.isTiny, runtime: options.runtime });
  for (const name of options.rows) measured[name] = await measureRow(name, options, pool);
  await pool.end();
  const text = tables(measured, options);
  console.log(text);
  const problems = Object.values(measured).flatMap((row) => Object.values(row).filter(({ problem }) => problem));
  if (problems.length > 0) throw new Error(`${problems.length} measurements failed; see above.`);
  if (options.writes) writeTables(text);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
