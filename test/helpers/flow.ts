import type { RequestListener, Server } from 'node:http';
import { createRequire } from 'node:module';

import helper = require('node-red-node-test-helper');
import load = require('../../nodes/ix-websocket');

import { tellAll } from '../../nodes/runtime/hook/handover';
import { Queue, within } from './queue';

export { Queue, within };

const runtime = process.env.NODE_RED_RUNTIME ?? require.resolve('node-red');
helper.init(runtime);
const core = createRequire(createRequire(runtime).resolve('@node-red/nodes/package.json'));

// biome-ignore lint/suspicious/noExplicitAny: a message is what the flow makes of it.
export type Msg = Record<string, any>;
export interface Item {
  id: string;
  type: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** One call of `done`. */
export interface Done {
  readonly id: string;
  readonly error?: Error | string;
}

// biome-ignore lint/suspicious/noExplicitAny: what the helper and the runtime have and do not declare.
const internals = helper as any;
/** The runtime's own events. */
export const nodeRedEvents: NodeJS.EventEmitter = internals._events;
const { hooks } = require(runtime);
const doneHook = 'onComplete.ix-websocket-tests';

/** One status of a node. */
export interface Shown {
  readonly id: string;
  readonly status: { fill?: string; shape?: string; text?: string };
}

/** A flow that runs in a real Node-RED runtime. */
export class Flow {
  private readonly queues = new Map<string, Queue<Msg>>();
  /** Every call of `done`, by any node. */
  readonly calls: Done[] = [];
  /** Every status, as an open editor gets it. */
  readonly statuses: Shown[] = [];

  /** The output of a `helper` node, in order. */
  out(id: string): Queue<Msg> {
    const queue = this.queues.get(id);
    if (!queue) throw new Error(`no helper node ${id}`);
    return queue;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the nodes' own properties are what tests look at.
  node(id: string): any {
    return helper.getNode(id);
  }

  /** Sends a message to a command node. @returns its result, from the helper node `<id>.out`. */
  async command(id: string, payload?: unknown, more: Msg = {}): Promise<Msg> {
    this.node(id).receive({ ...more, payload });
    return this.out(`${id}.out`).take(`the answer of ${id}`, 6000);
  }

  /** Deploys again, and restarts only what changed. */
  async deploy(items: Item[], type: 'nodes' | 'flows' | 'full' = 'nodes'): Promise<void> {
    // The helper's own `setFlows` gives a deploy 300 ms; a stop that a peer does not answer takes as long.
    const started = within(whenStarted(this, items), 'the deployed flows');
    await internals._redNodes.setFlows(asDeployed(items), {}, type);
    await started;
  }

  /** Stops the helper from recording the calls of nodes with their stacks, for tests of many messages. */
  unspied(): void {
    internals._sandbox.restore();
    // Each node took its `send`, with the recorder, from the prototype; this restores it.
    internals._redNodes.eachNode(({ id }: { id: string }) => {
      const node = this.node(id);
      node?.updateWires?.(node.wires);
    });
  }

  /** Returns the current status of a node. */
  status(id: string): Shown['status'] {
    return this.statuses.findLast((shown) => shown.id === id)?.status ?? {};
  }

  /** Returns the calls of `done` by a node, in order, each with its error, if any. */
  dones(id: string): Done[] {
    return this.calls.filter((call) => call.id === id);
  }

  listen(items: Item[]): void {
    for (const { id, type } of asDeployed(items)) {
      if (type !== 'helper') continue;
      const queue = this.queues.get(id) ?? new Queue<Msg>();
      this.queues.set(id, queue);
      const node = this.node(id);
      node.removeAllListeners('input');
      node.on('input', (msg: Msg) => queue.push(msg));
    }
  }
}

const configTypes = [
  'ix-client',
  'ix-server',
  'ix-protocol',
  'tls-config',
  'http proxy',
  'websocket-listener',
  'websocket-client',
  'tab',
  'subflow',
];

/**
 * Returns the items as an editor deploys them: flow nodes are on a tab, and command and events nodes without wires get a
 * helper node that receives their output: `<id>.out`, or one for each port, `<id>.0` and so on.
 */
function asDeployed(items: Item[]): Item[] {
  const nodes = items.flatMap((item) => {
    if (configTypes.includes(item.type)) return [item];
    const node = { z: 'tab', x: 1, y: 1, wires: [], ...item };
    if (item.wires || !item.type.startsWith('ix-')) return [node];
    const ports = item.type.endsWith('-events') ? [0, 1, 2, 3] : item.type === 'ix-4d-hook' ? [0, 1] : ['out'];
    const ids = ports.map((port) => `${item.id}.${port}`);
    const helpers = ids.map((id) => ({ id, type: 'helper', z: node.z, x: 1, y: 1, wires: [] }));
    return [{ ...node, wires: ids.map((id) => [id]) }, ...helpers];
  });
  return items.some(({ type }) => type === 'tab') ? nodes : [{ id: 'tab', type: 'tab', label: 'tab' }, ...nodes];
}

/** Listens as soon as the nodes exist, because the first messages may arrive before a deploy returns. */
const whenStarted = (flow: Flow, items: Item[]) =>
  new Promise<void>((resolve) => {
    internals._events.prependOnceListener('flows:started', () => {
      flow.listen(items);
      resolve();
    });
  });

const coreFiles: Record<string, string> = {
  'tls-config': 'core/network/05-tls.js',
  'http proxy': 'core/network/06-httpproxy.js',
  'websocket in': 'core/network/22-websocket.js',
  function: 'core/function/10-function.js',
};

/** Runs a flow until the test ends (`unload`). Core nodes that it uses are loaded too. */
export async function run(items: Item[], credentials: Record<string, object> = {}): Promise<Flow> {
  const nodes = [
    load,
    ...Object.entries(coreFiles).flatMap(([type, file]) =>
      items.some((item) => item.type === type) ? [core(`@node-red/nodes/${file}`)] : [],
    ),
  ];
  const flow = new Flow();
  hooks.add(doneHook, ({ node, error }: { node: { id: string }; error?: Error | string }) => {
    flow.calls.push({ id: node.id, ...(error !== undefined && { error }) });
  });
  internals._events.on('node-status', showStatus);
  shown = flow.statuses;
  void whenStarted(flow, items);
  await helper.load(nodes as never, asDeployed(items) as never, credentials as never);
  return flow;
}

let shown: Shown[] = [];
const showStatus = (status: Shown) => shown.push(status);

/** Stops the flow, as Node-RED does when it shuts down. */
export async function unload(): Promise<void> {
  hooks.remove(doneHook);
  await helper.unload();
  // The process continues here, and the next test's nodes have the same ids.
  tellAll();
  internals._events.off('node-status', showStatus);
}
/** The routes that nodes added to Node-RED's admin API. */
export const admin = (): RequestListener => internals._httpAdmin;
/** Node-RED's own HTTP server. */
export const nodeRedServer = (): Server => internals._server;
/** Sets Node-RED's settings for the following flows, as in `settings.js`. */
export const settings = (given: Record<string, unknown>): void => void helper.settings(given as never);
export const startServer = () => helper.startServer();
export const stopServer = () => helper.stopServer();
/** Returns the whole log as text. */
export const logged = (): string => JSON.stringify(helper.log().args);
export const catchNode = (id: string, z: string, to: string): Item =>
  ({ id, type: 'catch', z, x: 1, y: 1, scope: null, uncaught: false, wires: [[to]] }) as unknown as Item;
