// `npm run dev`: the demo of `npm start`, rebuilt and restarted whenever a source changes, with source maps and an inspector.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { demoReady, prepareDemo } from './demo.mjs';
import { root, startNodeRed } from './node-red.mjs';

const watched = ['src', 'nodes', 'icons'];
/** An editor saves several files at once. */
const settleMs = 60;

const { options, wsUrl, wsPort } = await prepareDemo().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
// INSPECT_PORT sets the port of the inspector, for a second checkout on this machine.
const nodeArgs = [`--inspect=127.0.0.1:${process.env.INSPECT_PORT || 9229}`, '--enable-source-maps'];

let nodeRed;
let timer;
let isBusy = false;
let isDue = false;

/** Builds and restarts; a change in the meantime repeats both. */
async function restart(why) {
  if (isBusy) {
    isDue = true;
    return;
  }
  isBusy = true;
  const began = performance.now();
  const [built] = await Promise.all([build(), nodeRed?.stop()]);
  if (built) {
    nodeRed = startNodeRed({ ...options, nodeArgs });
    await demoReady(nodeRed, wsPort).catch((error) => console.error(error.message));
    console.log(
      `\n  ${why}: ready after ${((performance.now() - began) / 1000).toFixed(1)} s. Editor ${nodeRed.url}/, demo server ${wsUrl}\n`,
    );
  } else nodeRed = undefined;
  isBusy = false;
  if (isDue) {
    isDue = false;
    await restart('changed again');
  }
}

async function build() {
  const [code] = await once(spawn(process.execPath, ['scripts/build.mjs', '--dev'], { cwd: root, stdio: 'inherit' }), 'exit');
  if (code !== 0) console.error('\n  The build failed; waiting for the next change.\n');
  return code === 0;
}

for (const folder of watched) {
  watch(`${root}/${folder}`, { recursive: true }, (_, file) => {
    clearTimeout(timer);
    timer = setTimeout(() => void restart(`${folder}/${file}`), settleMs);
  });
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    void Promise.resolve(nodeRed?.stop()).then(() => process.exit(0));
  });
}
await restart('started');
