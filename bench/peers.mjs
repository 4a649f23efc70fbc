// The measured peers. A further peer is an entry here: a title, and a function that starts it for a work.
import { coreFlow, ourFlow } from './flows.mjs';
import { startFlow, startScript } from './targets.mjs';

/**
 * A work is `{ does: 'echo' | 'broadcast' | 'burst' | 'client', messages?, deflate?, options?, port?, certificate?: { certFile, keyFile } }`:
 * what to do with each message, how many a burst has, whether to grant permessage-deflate, options of the server, the port that a
 * client connects to, and TLS.
 *
 * A peer has
 * - `title`
 * - `start(work, { node, nodeRed })`, with the runtime to use: resolves to `{ pid, port, path, log(), stop() }` once it listens on 127.0.0.1
 * - `cannot(work)`, if it does not support every work
 * - `rows`, if it is measured in some rows only, unless it is selected by name. A row can have a list of `peers` instead.
 */
export const peers = {
  raw: {
    title: 'raw `ws`',
    start: (work, runtime) => startScript(script(work), work, { runtime }),
  },
  'raw-bufferutil': {
    title: 'raw `ws`, bufferutil',
    rows: ['echo64', 'echo1k', 'echo64k'],
    start: (work, runtime) => startScript(script(work), work, { runtime, bufferutil: true }),
  },
  core: {
    title: 'core nodes',
    cannot: ({ deflate }) => deflate === true,
    start: (work, runtime) => startFlow(work, { runtime, flow: () => coreFlow(work), path: '/bench' }),
  },
  ours: { title: 'this package', start: startOurs({ bufferutil: true }) },
  'ours-plain': { title: 'this package, without bufferutil', rows: ['echo64', 'echo1k', 'echo64k'], start: startOurs() },
  'ours-batch': {
    title: 'this package, batches',
    rows: ['echo64', 'burst'],
    start: startOurs({ bufferutil: true, settings: { batchSize: 500, batchMs: 5 } }),
  },
  'ours-json': {
    title: 'this package, format json',
    rows: ['echo64json'],
    start: startOurs({ bufferutil: true, settings: { protocol: 'json' } }),
  },
  'ours-requests': {
    title: 'this package, json with requests',
    rows: ['echo64json'],
    start: startOurs({ bufferutil: true, settings: { protocol: 'requests' } }),
  },
};

function script({ does }) {
  return does === 'client' ? 'raw-client.mjs' : 'raw-server.mjs';
}

function startOurs({ bufferutil = false, settings } = {}) {
  return (work, runtime) =>
    startFlow(work, {
      runtime,
      flow: (port) => ourFlow(work, port, settings),
      usesOurs: true,
      ownPort: work.does !== 'client',
      bufferutil,
    });
}

/** The peer that the others are compared with. */
export const yardstick = 'raw';
