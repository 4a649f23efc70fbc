import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const page = readFileSync(join(root, 'docs', 'performance.md'), 'utf8');

describe('the chart of the README', () => {
  it('is that of the table in docs/performance.md', async () => {
    const { chart } = await import('../../scripts/chart.mjs');
    assert.equal(readFileSync(join(root, 'docs', 'images', 'performance.svg'), 'utf8'), chart(page), 'run npm run chart');
  });

  it('shows the median of each row', async () => {
    const { medians } = await import('../../scripts/chart.mjs');
    const rows = medians(
      '| | x |\n\n|  | raw `ws` | core nodes |\n| --- | --- | --- |\n| echo | **1,200** [1–2] m/s | ≥ **0.72** [0.7–0.8] |\n\n| other | **3** |\n',
    );
    assert.deepEqual(rows, { echo: { 'raw `ws`': 1200, 'core nodes': 0.72 } });
  });
});
