import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type Item } from './editor-page';

/** A Node-RED with this checkout's package, in a user directory of its own. */
export interface Launched {
  readonly url: string;
  /** Resolves once the editor answers and the flows run. */
  ready(): Promise<void>;
  /** Ends Node-RED, and starts it again at the same address, with the same flows. */
  restart(): Promise<void>;
  /** Ends Node-RED, and removes its user directory. */
  stop(): Promise<void>;
}

/**
 * Starts Node-RED in a process of its own. `NODE_RED_SCRIPT=…/node-red/red.js NODE_RED_NODE=…/bin/node` starts another version with its
 * Node.js.
 *
 * @param flow the content of its flow file. Default: no file, so that Node-RED makes one.
 * @param settings properties to add to `scripts/settings.cjs`, in JavaScript.
 */
export async function launch(flow?: readonly Item[], settings = ''): Promise<Launched> {
  const { root, startNodeRed } = await import('../../scripts/node-red.mjs');
  const userDir = mkdtempSync(join(tmpdir(), 'ix-websocket-editor-'));
  if (flow) writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow));
  const file = join(userDir, 'settings.cjs');
  writeFileSync(file, `module.exports = { ...require(${JSON.stringify(join(root, 'scripts', 'settings.cjs'))}), ${settings} };`);
  const { NODE_RED_SCRIPT: script, NODE_RED_NODE: node } = process.env;
  const other = { ...(script && { script }), ...(node && { node }) };
  const options = { userDir, settings: file, port: await freePort(), env: { NODE_RED_NODES_DIR: root }, ...other };
  let nodeRed = startNodeRed(options);
  return {
    url: nodeRed.url,
    ready: () => nodeRed.ready(),
    async restart() {
      await nodeRed.stop();
      nodeRed = startNodeRed(options);
      await nodeRed.ready();
    },
    async stop() {
      await nodeRed.stop();
      rmSync(userDir, { recursive: true, force: true });
    },
  };
}
