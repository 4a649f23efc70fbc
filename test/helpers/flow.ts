import { createRequire } from 'node:module';
import helper = require('node-red-node-test-helper');
import load = require('../../nodes/ix-websocket');

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

/** Waits for something that happens elsewhere; rejects with what was missing, never waits in silence. */
export function within<T>(promise: Promise<T>, what: string, ms = 4000): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Things that come one after the other: take them in order, waiting if need be. */
export class Queue<T> {
  readonly all: T[] = [];
  private taken = 0;
  private wake: () => void = () => {};

  push(item: T): void {
    this.all.push(item);
    this.wake();
  }

  async take(what = 'the next item', ms?: number): Promise<T> {
    const index = this.taken++;
    const arrives = async () => {
      while (this.all.length <= index) await new Promise<void>((resolve) => (this.wake = resolve));
    };
    await within(arrives(), what, ms);
    return this.all[index] as T;
  }

  /** Nothing that was not taken yet. */
  get isEmpty(): boolean {
    return this.taken >= this.all.length;
  }
}

/** A flow that runs in a real Node-RED runtime. */
export class Flow {
  private readonly queues = new Map<string, Queue<Msg>>();

  /** What came out of a `helper` node, in order. */
  out(id: string): Queue<Msg> {
    const queue = this.queues.get(id);
    if (!queue) throw new Error(`no helper node ${id}`);
    return queue;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the nodes' own properties are what tests look at.
  node(id: string): any {
    return helper.getNode(id);
  }

  /** Sends a message into a command node and gives back its answer, from the helper node `<id>.out`. */
  async command(id: string, payload?: unknown, more: Msg = {}): Promise<Msg> {
    this.node(id).receive({ ...more, payload });
    return this.out(`${id}.out`).take(`the answer of ${id}`, 6000);
  }

  /** A new deploy: only what changed is restarted. */
  async deploy(items: Item[], type: 'nodes' | 'full' = 'nodes'): Promise<void> {
    await helper.setFlows(withOutputs(items) as never, type);
    this.listen(items);
  }

  listen(items: Item[]): void {
    for (const { id, type } of withOutputs(items)) {
      if (type !== 'helper') continue;
      const queue = this.queues.get(id) ?? new Queue<Msg>();
      this.queues.set(id, queue);
      const node = this.node(id);
      node.removeAllListeners('input');
      node.on('input', (msg: Msg) => queue.push(msg));
    }
  }
}

/** Command and events nodes without wires get a helper node to hear them: `<id>.out`, or `<id>.0` to `<id>.3`. */
function withOutputs(items: Item[]): Item[] {
  return items.flatMap((item) => {
    if (item.wires || !item.type.startsWith('ix-') || item.type === 'ix-client' || item.type === 'ix-server') return [item];
    const ids = item.type.endsWith('-events') ? [0, 1, 2, 3].map((port) => `${item.id}.${port}`) : [`${item.id}.out`];
    const helpers = ids.map((id) => ({ id, type: 'helper', wires: [], ...(item.z ? { z: item.z } : {}) }));
    return [{ ...item, wires: ids.map((id) => [id]) }, ...helpers];
  });
}

const coreFiles: Record<string, string> = { 'tls-config': 'core/network/05-tls.js', function: 'core/function/10-function.js' };

/** Runs a flow until the test ends (`unload`). Core nodes that it uses are loaded too. */
export async function run(items: Item[], credentials: Record<string, object> = {}): Promise<Flow> {
  const nodes = [load, ...Object.entries(coreFiles).flatMap(([type, file]) => (items.some((item) => item.type === type) ? [core(`@node-red/nodes/${file}`)] : []))];
  const flow = new Flow();
  const all = withOutputs(items);
  // The first events may come before load returns: listen as soon as the nodes are there.
  const started = () => flow.listen(items);
  // biome-ignore lint/suspicious/noExplicitAny: the runtime's own events, which the helper does not declare.
  (helper as any)._events.prependOnceListener('flows:started', started);
  await helper.load(nodes as never, all as never, credentials as never);
  return flow;
}

export const unload = () => helper.unload();
export const startServer = () => helper.startServer();
export const stopServer = () => helper.stopServer();
/** Everything that was logged, as text. */
export const logged = (): string => JSON.stringify(helper.log().args);
export const catchNode = (id: string, z: string, to: string): Item => ({ id, type: 'catch', z, x: 1, y: 1, scope: null, uncaught: false, wires: [[to]] } as unknown as Item);
