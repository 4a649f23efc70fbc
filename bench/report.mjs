// The figures as Markdown tables, and their place in docs/performance.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/node-red.mjs';
import { peers, yardstick } from './peers.mjs';
import { rows } from './rows.mjs';

/** What others did on this machine: the figures of a busy one are noisy. */
const [loadBefore] = loadavg();

/** A generator that uses more of its CPU than this may be what limits a row. */
const busy = 0.9;

export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** @param measured by row and peer: `{ rounds: [result], problem? }` */
export function tables(measured, { rounds, seconds, isTiny }) {
  const names = Object.keys(peers).filter((peer) => Object.values(measured).some((row) => row[peer]));
  const main = table(
    ['', ...names.map((peer) => peers[peer].title), 'goal'],
    Object.entries(measured).map(([name, row]) => [rows[name].title, ...names.map((peer) => cell(name, peer, row)), goal(rows[name])]),
  );
  const details = table(
    ['', 'peer', 'a second of the clock', 'CPU of the peer', 'CPU of the generator', 'also'],
    Object.entries(measured).flatMap(([name, row]) =>
      names
        .filter((peer) => row[peer]?.rounds.length)
        .map((peer) => [rows[name].title, peers[peer].title, ...detail(name, row[peer].rounds)]),
    ),
  );
  const how = isTiny
    ? 'One round with tiny counts: not to be compared.'
    : `Medians [min–max] of ${rounds} interleaved rounds of ${seconds} s.`;
  return [
    `${machine()}\n${versions()}\n\n${how} Per CPU second of the peer's process (all threads), as a multiple of ${peers[yardstick].title} in the same round,`,
    `where no unit is given. ≥: the load generator used more than ${busy * 100} % of its CPU, so the peer might do more.\n\n${main}\n\n`,
    `Behind the figures, medians:\n\n${details}\n`,
  ]
    .join(' ')
    .replaceAll('\n ', '\n');
}

function cell(name, peer, row) {
  const own = row[peer];
  if (!own) return '–';
  if (own.problem) return 'failed';
  const { value, unit, ratio } = rows[name].measure;
  const base = row[yardstick];
  if (!ratio || peer === yardstick || !base?.rounds.length) return `${range(own.rounds.map(value), figure)} ${unit}`;
  const ratios = own.rounds.flatMap((result, round) => (base.rounds[round] ? [value(result) / value(base.rounds[round])] : []));
  const bound = isBound(name, own.rounds) ? '≥ ' : '';
  return ratios.length ? `${bound}${range(ratios, (number) => number.toFixed(2))}` : '–';
}

const isBound = (name, results) =>
  rows[name].measure.better === 'higher' && spread(results.map(({ generator }) => generator)).median > busy;

function range(values, write) {
  const { median, min, max } = spread(values);
  return `**${write(median)}** [${write(min)}–${write(max)}]`;
}

const figure = (number) => number.toLocaleString('en', { maximumFractionDigits: Math.abs(number) < 100 ? 1 : 0 });
const percent = (share) => `${Math.round(share * 100)} %`;

function detail(name, results) {
  const median = (read) => spread(results.map(read)).median;
  const also = {
    latency: () => `p50 ${figure(median(({ p50 }) => p50))} µs, p99 ${figure(median(({ p99 }) => p99))} µs`,
    slowReader: () => `the healthy receiver lost none and kept ${percent(median(({ kept }) => kept))} of the rate`,
  }[rows[name].load];
  const rate = rows[name].load === 'idle' ? '–' : figure(median(({ count, seconds }) => count / seconds));
  return [rate, percent(median(({ cpu, seconds }) => cpu / seconds)), percent(median(({ generator }) => generator)), also?.() ?? ''];
}

function goal({ goal: { must, aim, of }, measure: { better, ratio, unit } }) {
  const sign = better === 'higher' ? '≥' : '≤';
  const numbers = must === aim ? `${sign} ${must}` : `${sign} ${must}, aim ${aim}`;
  return `${numbers}${ratio ? '' : ` ${unit}`}${of ? `, ${of}` : ''}`;
}

const table = (head, lines) => [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function machine() {
  const memory = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return `${cpus().length} × ${cpus()[0].model.trim()}, ${memory} GiB, Linux ${release()}, loopback only; load before the run ${loadBefore.toFixed(1)}; ${date}.`;
}

function versions() {
  const require = createRequire(import.meta.url);
  const versionOf = (name, from = require) => from(`${name}/package.json`).version;
  const nodes = createRequire(createRequire(require.resolve('node-red/package.json')).resolve('@node-red/nodes/package.json'));
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  return [
    `Node.js ${process.versions.node}, Node-RED ${versionOf('node-red')} (its core nodes on ws ${versionOf('ws', nodes)}), this package ${own}`,
    `on ws ${versionOf('ws')}, bufferutil ${versionOf('bufferutil')}.`,
    `Command: \`${['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ')}\`.`,
  ].join(' ');
}

const [begin, end] = ['<!-- npm run bench writes from here -->', '<!-- to here -->'];

/** Puts the tables between the marks in docs/performance.md; what stands around them stays. */
export function writeTables(text) {
  const file = join(root, 'docs', 'performance.md');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : `# Performance\n\n${begin}\n${end}\n`;
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md must hold the lines ${begin} and ${end}: the tables go between them.`);
  writeFileSync(file, `${before.slice(0, from)}${begin}\n${text}${before.slice(to)}`);
  console.error('Written to docs/performance.md.');
}
