// `npm run chart`: docs/images/performance.svg, the README's chart, from the first table of docs/performance.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-red.mjs';

/** Rows of the table that the chart shows: the beginning of the title, and the label. */
const shown = [
  ['echo 64 B', 'echo, 64 B'],
  ['echo 1 KiB', 'echo, 1 KiB'],
  ['burst', 'burst into a flow'],
  ['broadcast 64 B', 'broadcast, 64 B to 1,000'],
  ['broadcast 4 KiB to 1000 ', 'broadcast, 4 KiB to 1,000'],
  ['connections accepted, plain', 'connections accepted'],
];
const peers = [
  ['core nodes', '#b0b0b0'],
  ['this package', '#2a7ab0'],
];

/** Returns the medians of the table, by row title and column title. */
export function medians(page) {
  const lines = page.split('\n');
  const from = lines.findIndex((line) => line.startsWith('|  | raw `ws` |'));
  const cells = (line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const head = cells(lines[from]);
  const rows = {};
  for (const line of lines.slice(from + 2)) {
    if (!line.startsWith('|')) break;
    const [title, ...values] = cells(line);
    rows[title] = Object.fromEntries(
      values.map((value, i) => [head[i + 1], Number(/\*\*([\d.,]+)\*\*/.exec(value)?.[1]?.replaceAll(',', ''))]),
    );
  }
  return rows;
}

/** Returns the chart: bars per row, as multiples of a bare server on `ws`. */
export function chart(page) {
  const rows = medians(page);
  const bars = shown.flatMap(([begin, label]) => {
    const title = Object.keys(rows).find((name) => `${name} `.startsWith(begin));
    return title ? [[label, rows[title]]] : [];
  });
  const [left, width, height, max] = [190, 420, 40, 4];
  const x = (value) => left + (Math.min(value, max) / max) * width;
  const rowsSvg = bars.map(([label, values], i) => {
    const y = 50 + i * height;
    const own = peers.map(([name, colour], at) => {
      const value = values[name];
      if (!Number.isFinite(value)) return '';
      const top = y + at * 14;
      return `<rect x="${left}" y="${top}" width="${(x(value) - left).toFixed(1)}" height="12" fill="${colour}"/><text x="${(x(value) + 6).toFixed(1)}" y="${top + 10}" font-size="11">${value.toFixed(2)}</text>`;
    });
    return `<text x="${left - 10}" y="${y + 18}" text-anchor="end">${label}</text>${own.join('')}`;
  });
  const bottom = 50 + bars.length * height;
  const legend = peers.map(
    ([name, colour], i) =>
      `<rect x="${left + i * 130}" y="14" width="12" height="12" fill="${colour}"/><text x="${left + 18 + i * 130}" y="24">${name}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 ${bottom + 30}" font-family="sans-serif" font-size="13" fill="#555">`,
    '<title>Work per CPU second, as a multiple of a bare server on ws</title>',
    ...legend,
    ...rowsSvg,
    `<line x1="${x(1)}" y1="40" x2="${x(1)}" y2="${bottom}" stroke="#c33" stroke-dasharray="4 3"/><text x="${x(1)}" y="${bottom + 16}" text-anchor="middle">1 = bare ws</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Writes the chart. Called after the benchmark has written its tables. */
export function writeChart() {
  writeFileSync(join(root, 'docs', 'images', 'performance.svg'), chart(readFileSync(join(root, 'docs', 'performance.md'), 'utf8')));
}

if (process.argv[1] === join(root, 'scripts', 'chart.mjs')) writeChart();
