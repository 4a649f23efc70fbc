/**
 * Acts as a user at the editor of a real Node-RED, without a browser: imports every example, clicks the inject nodes, and
 * reads the debug sidebar, whose content an editor receives over `/comms`.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Queue, within } from '../helpers/queue';
import { examples, type Item } from './examples';

// biome-ignore lint/suspicious/noExplicitAny: a message is what the flow makes of it.
export type Shown = any;

interface Running {
  readonly url: string;
  ready(): Promise<void>;
  stop(): Promise<{ code: number | null }>;
  log(): string;
}

/** An entry of the debug sidebar: text, or the JSON of an object, and its format. */
interface DebugMessage {
  readonly id: string;
  readonly format: string;
  readonly msg: string;
}
interface Packet {
  readonly topic: string;
  readonly data: DebugMessage & { readonly fill?: string };
}

export class ExamplesHarness {
  private readonly sidebar = new Map<string, Queue<Shown>>();
  /** Changes of the nodes' statuses. */
  private readonly statuses = new Queue<{ id: string; fill?: string }>();
  private comms: WebSocket | undefined;

  private constructor(
    private readonly nodeRed: Running,
    private readonly userDir: string,
    private readonly ports: ReadonlyMap<string, number>,
  ) {}

  /**
   * Starts Node-RED with the built package, and deploys all examples together, on free ports. `NODE_RED_SCRIPT=…/node-red/red.js` starts
   * another version.
   */
  static async open(): Promise<ExamplesHarness> {
    const { root, startNodeRed } = await import('../../scripts/node-red.mjs');
    const { freePort } = await import('../../scripts/runtimes.mjs');
    if (!existsSync(join(root, 'dist', 'nodes', 'ix-websocket.js'))) throw new Error('The package is not built: npm run build');
    const userDir = mkdtempSync(join(tmpdir(), 'ix-examples-'));
    // Another program's coverage is not measured.
    const env = { NODE_RED_NODES_DIR: root, NODE_V8_COVERAGE: undefined } as never;
    const ports = new Map<string, number>();
    for (const port of usedPorts()) {
      let free = (await freePort()) as number;
      while ([...ports.values()].includes(free)) free = (await freePort()) as number;
      ports.set(port, free);
    }
    const { NODE_RED_SCRIPT: script, NODE_RED_NODE: node } = process.env;
    const other = { ...(script && { script }), ...(node && { node }) };
    const own = (await freePort()) as number;
    // Some examples call an http in node of the same flow, at the default port of Node-RED.
    ports.set('1880', own);
    const nodeRed = startNodeRed({ userDir, port: own, env, ...other }) as Running;
    const harness = new ExamplesHarness(nodeRed, userDir, ports);
    await nodeRed.ready();
    await harness.listen();
    await harness.deploy();
    await within(harness.clientsConnected(), 'the connection of each client that starts with the flows', 20_000);
    return harness;
  }

  get url(): string {
    return this.nodeRed.url;
  }

  /** Returns the actual port for a port in an example. */
  port(written: number): number {
    return this.ports.get(String(written)) as number;
  }

  /** Deploys the examples; `changes` replaces properties of some nodes. */
  async deploy(changes: Record<string, object> = {}): Promise<void> {
    const flows = examples
      .flatMap(({ text }) => JSON.parse(text.replace(localPort, (port) => String(this.ports.get(port)))) as Item[])
      .map((item) => ({ ...item, ...changes[item.id] }));
    const headers = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': 'nodes' };
    const answer = await fetch(`${this.url}/flows`, { method: 'POST', headers, body: JSON.stringify({ flows }) });
    assert.ok(answer.ok, `the flows were not deployed: ${answer.status} ${await answer.text()}`);
  }

  /** Clicks an inject node. Retries, because Node-RED answers a deploy before the nodes exist. */
  async press(id: string): Promise<void> {
    const pressed = async () => (await fetch(`${this.url}/inject/${id}`, { method: 'POST' })).ok;
    const end = Date.now() + 5000;
    while (!(await pressed())) {
      assert.ok(Date.now() < end, `the inject node ${id} was not there within 5 s`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Returns the next output of a debug node. */
  reads = (id: string, ms = 8000): Promise<Shown> => this.queue(id).take(`what the debug node ${id} shows`, ms);

  /** Returns the next output of a debug node that fulfils the condition, and skips earlier ones. */
  async readsUntil(id: string, isIt: (shown: Shown) => boolean): Promise<Shown> {
    for (;;) {
      const shown = await this.reads(id);
      if (isIt(shown)) return shown;
    }
  }

  /** The unread outputs so far. */
  showsNothing = (id: string): boolean => this.queue(id).isEmpty;

  /** Asserts that nothing escaped and that it stops with exit code 0. */
  async close(): Promise<void> {
    this.comms?.terminate();
    const { code } = await this.nodeRed.stop();
    rmSync(this.userDir, { recursive: true, force: true });
    assert.equal(code, 0, `Node-RED ended with exit code ${code}:\n${this.nodeRed.log()}`);
    assert.doesNotMatch(this.nodeRed.log(), /unhandled|uncaught|Something went wrong/i);
  }

  private async listen(): Promise<void> {
    const comms = new WebSocket(`${this.url.replace('http', 'ws')}/comms`);
    this.comms = comms;
    comms.on('message', (data) => {
      for (const { topic, data: news } of [JSON.parse(String(data))].flat() as Packet[]) {
        if (topic === 'debug') this.queue(news.id).push(shown(news));
        if (topic.startsWith('status/')) this.statuses.push({ ...news, id: topic.slice('status/'.length) });
      }
    });
    await within(new Promise((resolve, reject) => void comms.once('open', resolve).once('error', reject)), 'the debug sidebar');
    for (const topic of ['debug', 'status/#']) comms.send(JSON.stringify({ subscribe: topic }));
  }

  private async clientsConnected(): Promise<void> {
    const isStarted = ({ type, autoStart }: Item) => type === 'ix-client' && autoStart === true;
    const missing = new Set(examples.flatMap(({ items }) => items.filter(isStarted).map(({ id }) => id)));
    while (missing.size > 0) {
      const { id, fill } = await this.statuses.take('a status', 20_000);
      if (fill === 'green') missing.delete(id);
    }
  }

  private queue(id: string): Queue<Shown> {
    const queue = this.sidebar.get(id) ?? new Queue<Shown>();
    this.sidebar.set(id, queue);
    return queue;
  }
}

const localPort = /\b81[0-3]\d\b|\b1880\b/g;
const usedPorts = () => new Set(examples.flatMap(({ text }) => text.match(localPort) ?? []));

const shown = ({ format, msg }: DebugMessage): Shown => {
  if (/^(object|array|boolean|number)/i.test(format)) return JSON.parse(msg);
  return /^buffer/i.test(format) ? Buffer.from(msg, 'hex') : msg;
};
