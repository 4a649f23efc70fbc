// Starts the measured peers, each in its own process.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isListening, root, startNodeRed } from '../scripts/node-red.mjs';

const here = (file) => join(import.meta.dirname, file);
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Returns the environment of a peer: with or without the optional part of `ws`, and with the profiler. */
function environment(bufferutil) {
  const { WS_NO_BUFFER_UTIL: _, NODE_OPTIONS, ...env } = process.env;
  const preloaded = [...(bufferutil ? [] : ['without-bufferutil.cjs']), ...(env.BENCH_PROFILE ? ['profile.cjs'] : [])];
  const options = [NODE_OPTIONS, ...preloaded.map((file) => `--require ${JSON.stringify(here(file))}`)].filter(Boolean);
  return { ...env, NODE_OPTIONS: options.join(' '), ...(bufferutil ? {} : { WS_NO_BUFFER_UTIL: '1' }) };
}

/** Starts a script that takes a work as its argument, and reports its port when it listens. */
export async function startScript(file, work, { runtime, bufferutil = false }) {
  const options = { execPath: runtime.node, env: environment(bufferutil), execArgv: [], silent: true };
  const child = watched(fork(here(file), [JSON.stringify(work)], options));
  const log = [];
  child.stderr.on('data', (chunk) => log.push(chunk));
  child.stdout.resume();
  const { port } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}.\n${Buffer.concat(log)}`)));
  });
  return { pid: child.pid, port, path: '/', log: () => String(Buffer.concat(log)), stop: () => stop(child) };
}

/**
 * Starts a Node-RED with one flow.
 *
 * @param runtime its program of Node.js and script of Node-RED
 * @param flow returns the flow for a port
 * @param path of the WebSocket
 * @param ownPort the flow listens on a port that is not Node-RED's
 * @param usesOurs the flow has nodes of this package
 */
export async function startFlow(work, { runtime, flow, path = '/', ownPort = false, usesOurs = false, bufferutil = false }) {
  const userDir = mkdtempSync(join(tmpdir(), 'ix-bench-'));
  const [port, flowPort] = await freePorts(2);
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow(flowPort)));
  const certificate = !ownPort && work.certificate;
  const nodeRed = startNodeRed({
    userDir,
    port,
    node: runtime.node,
    script: runtime.nodeRed,
    settings: here('settings.cjs'),
    env: {
      ...environment(bufferutil),
      NODE_RED_NODES_DIR: usesOurs ? root : '',
      ...(certificate && { BENCH_CERTIFICATE: JSON.stringify(certificate) }),
    },
  });
  const child = watched(nodeRed.child);
  const end = async () => {
    await stop(child);
    rmSync(userDir, { recursive: true, force: true });
  };
  const target = { pid: child.pid, port: ownPort ? flowPort : port, path, log: nodeRed.log, stop: end };
  try {
    const listens = async () => nodeRed.log().includes('Started flows') && (await isListening(target.port));
    for (const until = Date.now() + 60_000; !(await listens()); await sleep(50)) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`Node-RED or its flow did not start.\n${nodeRed.log()}`);
    }
    if (/\[error\]/.test(nodeRed.log())) throw new Error(`The flow has errors.\n${nodeRed.log()}`);
    return target;
  } catch (error) {
    await end();
    throw error;
  }
}

function watched(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

const stop = (child) =>
  new Promise((resolve) => {
    if (!running.has(child)) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) =>
          createServer().listen(0, '127.0.0.1', function () {
            resolve(this);
          }),
        ),
    ),
  );
  return Promise.all(
    servers.map((server) => {
      const { port } = server.address();
      return new Promise((resolve) => server.close(() => resolve(port)));
    }),
  );
}
