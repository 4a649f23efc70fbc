// `npm run test:browser`: tests the editor in a real browser, on each Node-RED with a different appearance. A version as argument runs one only.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-red.mjs';
import { nodeOf, nodeRedOf } from './runtimes.mjs';

const editors = {
  4.1: () => ({}),
  '5.0': () => ({ NODE_RED_SCRIPT: nodeRedOf('~5.0.0'), NODE_RED_NODE: nodeOf(22) }),
};

const folder = join('test', 'e2e');
const specs = readdirSync(join(root, folder)).filter((name) => name.endsWith('.e2e.ts'));
const [asked] = process.argv.slice(2);
const failed = Object.entries(editors).filter(([version, env]) => {
  if (asked && asked !== version) return false;
  console.log(`\n# Node-RED ${version}`);
  const args = ['mocha', '--no-config', '--require', 'tsx/cjs', ...specs.map((name) => join(folder, name))];
  return spawnSync('npx', args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env() } }).status !== 0;
});
if (failed.length > 0) console.error(`Failed on Node-RED ${failed.map(([version]) => version).join(' and ')}.`);
process.exit(failed.length > 0 ? 1 : 0);
