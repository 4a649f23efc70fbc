// `npm run bench`: measures the rows against the peers, in turns, each in a process of its own.
import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { certificate } from './certificate.mjs';
import { readOptions } from './options.mjs';
import { peers } from './peers.mjs';
import { readProfile } from './profile.mjs';
import { tables, writeTables } from './report.mjs';
import { jobOf, rows } from './rows.mjs';

/** The load generator: a process that is used again, until a job in it fails. */
function makeGenerator() {
  let child;
  const end = () => {
    child?.kill('SIGKILL');
    child = undefined;
  };
  const run = (job) =>
    new Promise((resolve, reject) => {
      child ??= fork(join(import.meta.dirname, 'generator.mjs'), { execArgv: [] });
      const limit = setTimeout(end, (job.seconds + job.warmup) * 1000 + job.patience * 4);
      const ended = () => reject(new Error('The load generator took too long, or ended.'));
      child.once('exit', ended);
      child.once('message', ({ result, error }) => {
        clearTimeout(limit);
        child.off('exit', ended);
        if (result) return resolve(result);
        end();
        reject(new Error(error));
      });
      child.send(job);
    });
  return { run, end };
}

/** Who takes part in a row. */
const takePart = (name, work, asked) =>
  Object.keys(peers).filter(
    (peer) => (asked ? asked.includes(peer) : (peers[peer].rows ?? [name]).includes(name)) && !peers[peer].cannot?.(work),
  );

/** Measures one row: every peer once in each round, in an order that moves on from round to round. */
async function measureRow(name, options) {
  const row = rows[name];
  const job = jobOf(row, options);
  const { tls, ...does } = row.work(job);
  const work = { ...does, ...(tls && { certificate: certificate() }) };
  const names = takePart(name, work, options.peers);
  const measured = Object.fromEntries(names.map((peer) => [peer, { rounds: [] }]));
  const targets = new Map();
  const generator = makeGenerator();
  const attempt = async (peer, what) => {
    try {
      return await what();
    } catch (error) {
      measured[peer].problem ??= error.message;
      const log = targets.get(peer)?.log().slice(-2000);
      console.error(`${name}, ${peer}: ${error.message}${log ? `\nIts log:\n${log}` : ''}`);
    }
  };
  const ready = (peer) => attempt(peer, async () => targets.set(peer, await peers[peer].start(work)));
  try {
    if (!row.fresh) await Promise.all(names.map(ready));
    for (let round = 0; round < options.rounds; round++) {
      for (let turn = 0; turn < names.length; turn++) {
        const peer = names[(turn + round) % names.length];
        if (measured[peer].problem) continue;
        if (row.fresh) await ready(peer);
        const target = targets.get(peer);
        if (!target) continue;
        await attempt(peer, async () => {
          const { pid, port, path } = target;
          // The first time also warms the peer up.
          const warmup = round === 0 && !row.fresh && !options.isTiny ? job.warmup + 1 : job.warmup;
          const isProfiled = options.profile !== undefined && round === 0;
          const result = await generator.run({ ...job, warmup, target: { pid, port, path, tls, isProfiled } });
          measured[peer].rounds[round] = result;
          console.error(progress(name, round, peer, row.measure, result));
          if (isProfiled) console.error(await readProfile(options.profile, pid, `${name}-${peer}`));
        });
        if (row.fresh) await target.stop();
      }
    }
  } finally {
    generator.end();
    await Promise.all([...targets.values()].map((target) => target.stop()));
  }
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
  for (const name of options.rows) measured[name] = await measureRow(name, options);
  const text = tables(measured, options);
  console.log(text);
  const problems = Object.values(measured).flatMap((row) => Object.values(row).filter(({ problem }) => problem));
  if (problems.length > 0) throw new Error(`${problems.length} measurements failed; see above.`);
  if (options.writes) writeTables(text);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
