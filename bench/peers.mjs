// The measured peers. A further peer is an entry here: a title, and a function that starts it for a work.
import { coreFlow, ourFlow } from './flows.mjs';
import { startFlow, startScript } from './targets.mjs';

/**
 * A work is `{ does: 'echo' | 'broadcast' | 'burst', messages?, deflate?, certificate?: { certFile, keyFile } }`: what to
 * do with each message, how many a burst has, whether to grant permessage-deflate, and TLS.
 *
 * A peer has
 * - `title`
 * - `start(work)`: resolves to `{ pid, port, path, log(), stop() }` once it listens on 127.0.0.1
 * - `cannot(work)`, if it does not support every work
 * - `rows`, if it is measured in some rows only, unless it is selected by name
 */
export const peers = {
  raw: {
    title: 'raw `ws`',
    start: (work) => startScript('raw-server.mjs', work),
  },
  'raw-bufferutil': {
    title: 'raw `ws`, bufferutil',
    rows: ['echo64k'],
    start: (work) => startScript('raw-server.mjs', work, { bufferutil: true }),
  },
  core: {
    title: 'core nodes',
    cannot: ({ deflate }) => deflate === true,
    start: (work) => startFlow(work, { flow: () => coreFlow(work), path: '/bench' }),
  },
  ours: {
    title: 'this package',
    start: (work) => startFlow(work, { flow: (port) => ourFlow(work, port), ownPort: true }),
  },
  'ours-bufferutil': {
    title: 'this package, bufferutil',
    rows: ['echo64k'],
    start: (work) => startFlow(work, { flow: (port) => ourFlow(work, port), ownPort: true, bufferutil: true }),
  },
  'ours-batch': {
    title: 'this package, batches',
    rows: ['echo64', 'burst'],
    start: (work) => startFlow(work, { flow: (port) => ourFlow(work, port, { batchSize: 500, batchMs: 5 }), ownPort: true }),
  },
};

/** The peer that the others are compared with. */
export const yardstick = 'raw';
