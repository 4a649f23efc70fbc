// Tests the packed package, installed as by the palette manager, in each supported Node-RED and Node.js, and the presets and examples on
// Node-RED 5.0, too. Arguments select some: `node scripts/matrix.mjs 4.1`. Runtimes are kept in `.matrix/` for the next run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { load } from './load.mjs';
import { root, startNodeRed } from './node-red.mjs';
import { freePort, nodeOf, nodeRedOf, npm, supported } from './runtimes.mjs';

const cases = supported.map(({ nodeRed, node }) => ({
  name: `${nodeRed} on ${node ? `Node ${node}` : 'this Node'}`,
  range: `~${nodeRed}.0`,
  node,
}));

const { name: packageName } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
process.chdir(root);
const { catalog } = await load('nodes/catalog.ts');
const types = Object.keys(catalog);
const setName = 'ix-websocket';

function expect(condition, sentence) {
  if (!condition) throw new Error(sentence);
}

/** Connects a foreign client to the server of the flow, and waits for its echo. */
const echoed = (url, text) =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url);
    const timer = setTimeout(() => reject(new Error(`no echo from ${url} within 5 s`)), 5000);
    ws.once('error', reject);
    ws.once('open', () => ws.send(text));
    ws.on('message', (data) => {
      if (String(data) !== text) return;
      clearTimeout(timer);
      ws.close();
      resolve();
    });
  });

async function tryFlow(url, wsPort) {
  const flow = JSON.parse(readFileSync(join(root, 'examples', '01 - Echo server and client.json'), 'utf8'));
  for (const node of flow) {
    if (node.type === 'ix-server') node.port = wsPort;
    if (node.type === 'ix-client') node.URL = `ws://127.0.0.1:${wsPort}/`;
  }
  const headers = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2' };
  const answer = await fetch(`${url}/flows`, { method: 'POST', headers, body: JSON.stringify({ flows: flow }) });
  expect(answer.ok, `the flow was not deployed: ${answer.status}`);
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      return await echoed(`ws://127.0.0.1:${wsPort}/`, 'hello');
    } catch (error) {
      if (error.code !== 'ECONNREFUSED' || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function runCase({ name, range, node }, tarball) {
  const userDir = mkdtempSync(join(tmpdir(), 'ix-matrix-'));
  writeFileSync(join(userDir, 'package.json'), '{ "name": "user-dir", "private": true }\n');
  npm(['install', '--omit=dev', '--no-audit', '--no-fund', tarball], userDir);
  const runtime = startNodeRed({ userDir, port: await freePort(), script: nodeRedOf(range), node: nodeOf(node) });
  try {
    await runtime.ready();
    const answer = await fetch(`${runtime.url}/nodes/${packageName}/${setName}`, { headers: { Accept: 'application/json' } });
    const set = await answer.json();
    expect(!set.err, `the set did not load: ${set.err}`);
    expect(set.enabled && set.types.length === types.length, `${types.length} types expected; got ${set.types?.length}: ${set.types}`);
    await tryFlow(runtime.url, await freePort());
    const { version } = await (await fetch(`${runtime.url}/settings`)).json();
    const { code } = await runtime.stop();
    expect(code === 0, `Node-RED ended with exit code ${code}`);
    expect(!/unhandled|uncaught/i.test(runtime.log()), `something escaped:\n${runtime.log()}`);
    console.log(`ok: ${name} (Node-RED ${version}): ${types.length} types, an echo, a clean stop`);
  } catch (error) {
    throw new Error(`${name}: ${error.message}\n${runtime.log()}`);
  } finally {
    await runtime.stop();
    rmSync(userDir, { recursive: true, force: true });
  }
}

/** Runs the tests of the presets and of the examples, which `npm test` runs on Node-RED 4.1. */
function tryOn5() {
  const script = nodeRedOf('~5.0.0');
  const node = nodeOf(22);
  const tests = ['test/presets/*.spec.ts', 'test/examples/run.spec.ts'];
  const args = [
    join('node_modules', 'mocha', 'bin', 'mocha.js'),
    '--no-config',
    '--require',
    'tsx/cjs',
    '--timeout',
    '20000',
    '--reporter',
    'dot',
  ];
  const env = { ...process.env, NODE_RED_SCRIPT: script, NODE_RED_NODE: node };
  const { status } = spawnSync(node, [...args, ...tests], { cwd: root, stdio: 'inherit', env });
  expect(status === 0, 'the presets or the examples failed on Node-RED 5.0');
  console.log('ok: presets and examples on Node-RED 5.0');
}

async function main() {
  const [asked] = process.argv.slice(2);
  const packed = npm(['pack', '--json', '--silent'], root);
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('[')));
  const tarball = join(root, filename);
  try {
    for (const each of cases.filter(({ name }) => !asked || name.includes(asked))) await runCase(each, tarball);
    if (!asked || '5.0'.includes(asked)) tryOn5();
  } finally {
    rmSync(tarball, { force: true });
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
