// Installs programs for tests that are not part of this checkout: other versions of Node-RED and Node.js, and tools. Each is installed once, from
// the npm registry, into its own folder below `.matrix/`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { root } from './node-red.mjs';

const cache = join(root, '.matrix');

/** The pairs of Node-RED and Node.js that are tested. Without a `node` it is the running one. */
export const supported = [{ nodeRed: '4.1' }, { nodeRed: '5.0', node: 22 }, { nodeRed: '5.0', node: 24 }];

export function npm(args, cwd) {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${stderr}`);
  return stdout;
}

/**
 * @param {string} folder below `.matrix/`
 * @param {string} spec the package spec for npm
 * @param {string} file the required file, below its `node_modules/`
 * @returns the path of the file
 */
export function installed(folder, spec, file) {
  const path = join(cache, folder);
  if (!existsSync(join(path, 'node_modules', file))) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'package.json'), '{ "private": true }\n');
    npm(['install', '--no-audit', '--no-fund', spec], path);
  }
  return join(path, 'node_modules', file);
}

/** Returns a function like `installed` that installs nothing: it throws an Error that names the command for a missing file. */
export const finder =
  (cacheFolder = cache) =>
  (folder, _spec, file) => {
    const path = join(cacheFolder, folder, 'node_modules', file);
    if (!existsSync(path)) throw new Error(`.matrix/${folder} is not installed. \`npm run test:package\` installs it.`);
    return path;
  };

/** Returns the command line script of a Node-RED, by its range: `~5.0.0`. @param get `installed`, or what a finder is */
export const nodeRedOf = (range, get = installed) =>
  get(`node-red-${range.replace(/[^\d.]/g, '')}`, `node-red@${range}`, 'node-red/red.js');

/** Returns the program of a Node.js, by its major version; without one, the running program. @param get as for `nodeRedOf` */
export function nodeOf(major, get = installed) {
  if (!major) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  return get(`node-${major}`, `${name}@${major}`, `${name}/bin/node`);
}

/** Returns a free port. */
export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
