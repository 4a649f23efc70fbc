// Formats the figures as Markdown tables, and writes them into docs/performance.md.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { writeChart } from '../scripts/chart.mjs';
import { command, machine, ownVersion, table, versionOf, writeBetween } from '../scripts/figures.mjs';
import { peers, yardstick } from './peers.mjs';
import { rows } from './rows.mjs';

/** Above this CPU share the generator may be the bottleneck of a row. */
const busy = 0.8;

export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** @param measured by row and peer: `{ rounds: [result], problem? }` */
export function tables(measured, { rounds, seconds, isTiny, runtime }) {
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
    `${machine()}\n${versions(runtime)}\n\n${how} Per CPU second of the peer's process (all threads), as a multiple of ${peers[yardstick].title} in the same round,`,
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

/** Describes what really ran: each program is asked, and each version is of the package that the Node-RED resolves. */
function versions({ node, nodeRed }) {
  const [nodeVersion] = String(spawnSync(node, ['--version']).stdout).match(/[\d.]+/);
  const generator = nodeVersion === process.versions.node ? '' : ` (the load generator on ${process.versions.node})`;
  const ofNodeRed = createRequire(nodeRed);
  const ofNodes = createRequire(ofNodeRed.resolve('@node-red/nodes/package.json'));
  return [
    `Node.js ${nodeVersion}${generator}, Node-RED ${versionOf('node-red', ofNodeRed)} (its core nodes on ws ${versionOf('ws', ofNodes)}),`,
    `this package ${ownVersion()} on ws ${versionOf('ws')}, bufferutil ${versionOf('bufferutil')}.`,
    command('bench'),
  ].join(' ');
}

const marks = ['<!-- npm run bench writes from here -->', '<!-- to here -->'];

/** Puts the tables between the marks in docs/performance.md. */
export function writeTables(text) {
  writeBetween('performance.md', 'Performance', marks, text);
  writeChart();
}
