// Starts a real Node-RED in a separate process, and waits until it is ready.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The command line script of this checkout's Node-RED. */
export const ownNodeRed = () => createRequire(import.meta.url).resolve('node-red/red.js');

const ownSettings = join(root, 'scripts', 'settings.cjs');

/**
 * @param {{ userDir: string, port: number, env?: Record<string, string>, settings?: string, script?: string, node?: string, nodeArgs?: string[], stdio?: any }} options
 */
export function startNodeRed({
  userDir,
  port,
  env = {},
  settings = ownSettings,
  script = ownNodeRed(),
  node = process.execPath,
  nodeArgs = [],
  stdio = 'pipe',
}) {
  const child = spawn(node, [...nodeArgs, script, '--userDir', userDir, '--settings', settings], {
    // The log must be in English, in each language of the machine, because it is parsed.
    env: { ...process.env, ...(stdio === 'pipe' && { LC_ALL: 'en_US.UTF-8' }), ...env, PORT: String(port) },
    stdio,
  });
  const log = [];
  child.stdout?.on('data', (chunk) => log.push(String(chunk)));
  child.stderr?.on('data', (chunk) => log.push(String(chunk)));
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    child,
    url,
    exited,
    log: () => log.join(''),
    /** Resolves once the editor answers and the flows run; rejects if Node-RED ends before. */
    async ready(ms = 60_000) {
      const end = Date.now() + ms;
      let gone;
      void exited.then((how) => {
        gone = how;
      });
      while (Date.now() < end) {
        if (gone) throw new Error(`Node-RED ended before it was ready (exit code ${gone.code}).\n${log.join('')}`);
        const answer = await fetch(`${url}/settings`).catch(() => undefined);
        if (answer?.ok && (stdio !== 'pipe' || log.join('').includes('Started flows'))) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`Node-RED was not ready after ${ms / 1000} s.\n${log.join('')}`);
    },
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** Resolves with whether a program listens on this port. */
export const isListening = (port, host = '127.0.0.1') =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
