// `npm run test:faults`: runs network faults and attacks against a real Node-RED with the built package, and checks that it survives.
// Prints a table of the figures at the end.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { command, machine, ownVersion, table, versionOf, writeBetween } from './figures.mjs';
import { root } from './node-red.mjs';

const folder = join('test', 'faults');
const ending = '.fault.ts';
const names = readdirSync(join(root, folder))
  .filter((name) => name.endsWith(ending))
  .map((name) => name.slice(0, -ending.length));

const usage = `npm run test:faults -- [options] [${names.join('] [')}]
  --write    also writes the table to docs/reliability.md, if all was well
FAULTS_SEED sets what the random choices follow from, FAULTS_CASES how many malformed requests and frames there are (100000).
FUZZ_SECONDS sets how long each fuzzer runs (300; 20 where CI is set), FUZZ_SEED its seed, which is always the same otherwise.`;

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { write: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const unknown = positionals.filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new Error(`There is no fault ${unknown.join(' ')}.`);
    if (values.write && positionals.length > 0) throw new Error('Only a table of all faults can be written.');
    return { writes: values.write === true, asked: positionals.length > 0 ? positionals : names };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(1);
  }
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
const percent = (ratio) => `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(1)} %`;
const whole = (number) => number.toLocaleString('en');

const row = ({ title, figure, seconds, deliveries, before, after, peak }) => [
  title,
  figure,
  `${seconds.toFixed(1)} s`,
  whole(deliveries),
  `${megabytes(before.used)} → ${megabytes(after.used)} (${percent(after.used / before.used)})`,
  `${megabytes(before.rss)} → ${megabytes(after.rss)} (at most +${megabytes(peak)})`,
];

/** Returns the settings of the environment that change the run, for the command line. */
const settings = () => ['FAULTS_CASES', 'FUZZ_SECONDS'].filter((name) => process.env[name]).map((name) => `${name}=${process.env[name]} `);

function report(rows, seed, seconds) {
  const about = [
    machine(),
    `Node.js ${process.versions.node}, Node-RED ${versionOf('node-red')}, this package ${ownVersion()} on ws ${versionOf('ws')}.`,
    `Seed ${seed}; ${Math.round(seconds)} s in all. ${command('test:faults', settings())}`,
  ].join('\n');
  const head = ['fault', 'what was done', 'time', 'delivered', 'alive, MB', 'resident, MB'];
  return `${about}\n\n${table(head, rows.map(row))}\n`;
}

const { writes, asked } = readOptions();
const seed = process.env.FAULTS_SEED || String(randomInt(2 ** 32));
console.log(`Seed ${seed}: to do the same again, FAULTS_SEED=${seed} npm run test:faults`);
const scratch = mkdtempSync(join(tmpdir(), 'ix-faults-figures-'));
const figures = join(scratch, 'figures.jsonl');
const start = performance.now();
const args = ['mocha', '--no-config', '--require', 'tsx/cjs', ...asked.map((name) => join(folder, name + ending))];
const env = { ...process.env, FAULTS_SEED: seed, FAULTS_FIGURES: figures };
const { status } = spawnSync('npx', args, { cwd: root, stdio: 'inherit', env });
const lines = existsSync(figures) ? readFileSync(figures, 'utf8').trim().split('\n') : [];
rmSync(scratch, { recursive: true, force: true });
const text = report(
  lines.map((line) => JSON.parse(line)),
  seed,
  (performance.now() - start) / 1000,
);
console.log(text);
if (status === 0 && writes) {
  const marks = ['<!-- npm run test:faults -- --write writes from here -->', '<!-- to here -->'];
  writeBetween('reliability.md', 'Reliability', marks, text);
}
process.exit(status ?? 1);
