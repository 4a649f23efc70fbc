import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folder } from '../helpers/files';
import { onTeardown, teardown } from '../helpers/teardown';

const readOptions = async (...args: string[]) => (await import('../../bench/options.mjs')).readOptions(args, asked);
const ownNodeRed = async () => (await import('../../scripts/node-red.mjs')).ownNodeRed();

/** A finder for which all is installed. */
const asked = (place: string, _spec: string, file: string) => `${place}/${file}`;

function file(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Makes a program of Node.js that leaves a mark when it runs. */
function markingNode() {
  const dir = folder();
  const mark = join(dir, 'ran');
  const node = file(join(dir, 'node'), `#!/bin/sh\necho "$@" > '${mark}'\nexec '${process.execPath}' "$@"\n`);
  chmodSync(node, 0o755);
  return { node, ran: () => existsSync(mark) };
}

/** Makes a Node-RED that only listens, with its versions. */
function standInNodeRed(): string {
  const modules = join(folder(), 'node_modules');
  for (const [name, version] of Object.entries({ 'node-red': '5.0.99', '@node-red/nodes': '5.0.98', ws: '7.0.97' })) {
    file(join(modules, name, 'package.json'), JSON.stringify({ name, version }));
  }
  const listens = "require('node:net').createServer().listen(process.env.PORT, '127.0.0.1', () => console.log('Started flows'))";
  return file(join(modules, 'node-red', 'red.js'), listens);
}

async function start(peer: 'raw' | 'core', runtime: { node: string; nodeRed: string }) {
  const { peers } = await import('../../bench/peers.mjs');
  const target = await peers[peer].start({ does: 'echo' }, runtime);
  onTeardown(() => target.stop());
  return target;
}

describe('the runtime of npm run bench', () => {
  afterEach(teardown);

  it('is the running Node.js and the Node-RED of this checkout', async () => {
    const { runtime, writes } = await readOptions();
    assert.deepEqual(runtime, { node: process.execPath, nodeRed: await ownNodeRed() });
    assert.equal(writes, true);
  });

  it('has the selected Node.js', async () => {
    for (const major of ['22', '24']) {
      const { runtime } = await readOptions('--node', major);
      assert.match(runtime.node, new RegExp(`^node-${major}/.*/bin/node$`));
      assert.equal(runtime.nodeRed, await ownNodeRed());
    }
  });

  it('has the selected Node-RED, on a Node.js that runs it', async () => {
    const alone = await readOptions('--node-red', '5.0');
    assert.equal(alone.runtime.nodeRed, 'node-red-5.0.0/node-red/red.js');
    assert.match(alone.runtime.node, /^node-22\//);
    const { runtime } = await readOptions('--node-red', '5.0', '--node', '24');
    assert.match(runtime.node, /^node-24\//);
  });

  it('keeps a run with another version away from the tables of the document', async () => {
    for (const args of [
      ['--node', '22'],
      ['--node-red', '5.0'],
    ]) {
      assert.equal((await readOptions(...args)).writes, false, args[0]);
    }
  });

  it('cannot be a version that is not tested', async () => {
    await assert.rejects(readOptions('--node', '21'), /^Error: --node does not know "21"\..*--node n .*: 22 24/s);
    await assert.rejects(readOptions('--node-red', '3.1'), /^Error: --node-red does not know "3\.1"\..*--node-red n .*: 4\.1 5\.0/s);
  });

  it('is not installed by the benchmark: the error names the command', async () => {
    const { runtimeOf } = await import('../../bench/runtime.mjs');
    const { finder } = await import('../../scripts/runtimes.mjs');
    const dir = folder();
    const missing = (name: string) => ({ message: `.matrix/${name} is not installed. \`npm run test:package\` installs it.` });
    assert.throws(() => runtimeOf({ node: '24' }, finder(dir)), missing('node-24'));
    const name = `node-${process.platform}-${process.arch}`;
    const node = file(join(dir, 'node-24', 'node_modules', name, 'bin', 'node'), '');
    assert.equal(runtimeOf({ node: '24' }, finder(dir)).node, node);
    assert.throws(() => runtimeOf({ node: '24', nodeRed: '5.0' }, finder(dir)), missing('node-red-5.0.0'));
  });

  it('runs the plain ws peer', async () => {
    const { node, ran } = markingNode();
    await start('raw', { node, nodeRed: await ownNodeRed() });
    assert.ok(ran());
  });

  it('runs the peers with flows', async () => {
    const { node, ran } = markingNode();
    const target = await start('core', { node, nodeRed: standInNodeRed() });
    assert.ok(ran());
    assert.equal(target.log(), 'Started flows\n');
  });

  it('is named above the tables with the versions that ran', async () => {
    const { tables } = await import('../../bench/report.mjs');
    const node = file(join(folder(), 'node'), '#!/bin/sh\necho v22.99.1\n');
    chmodSync(node, 0o755);
    const heading = (runtime: object) => tables({}, { rounds: 1, seconds: 1, isTiny: false, runtime }) as string;
    const { node: own } = process.versions;
    const nodeRed = standInNodeRed();
    assert.ok(
      heading({ node, nodeRed }).includes(
        `\nNode.js 22.99.1 (the load generator on ${own}), Node-RED 5.0.99 (its core nodes on ws 7.0.97), this package `,
      ),
    );
    assert.ok(heading({ node: process.execPath, nodeRed }).includes(`\nNode.js ${own}, Node-RED 5.0.99 `));
  });
});
