/** The example "4D drives sockets over HTTP" in a real Node-RED, with calls like those of 4D. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandRoutes } from '../../src/bridge/routes';
import { examplesFor4D, type Item } from './examples';

// biome-ignore lint/suspicious/noExplicitAny: a status is what the command answers.
export type Status = any;
export interface Answer {
  readonly http: number;
  readonly type: string | null;
  readonly status: Status;
}

export const token = 'a-token-that-only-4D-knows';
export const authorized = { Authorization: `Bearer ${token}` };

export const flow = examplesFor4D.find(({ title }) => title.includes('drives sockets'))?.items as readonly Item[];
/** The paths for POST, below that of the bridge. */
export const routes = [...Object.keys(commandRoutes), 'method', 'owner', 'events'];

/** Returns a value with `"…"` where the guide shows that, so that both can be compared. */
export function alike(actual: unknown, shown: unknown): unknown {
  if (shown === '…') return shown;
  if (typeof actual !== 'object' || typeof shown !== 'object' || actual === null || shown === null) return actual;
  const entries = Object.entries(actual).map(([name, value]) => [name, alike(value, (shown as Record<string, unknown>)[name])]);
  return Array.isArray(actual) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/** The flow in a Node-RED. */
export class Bridge {
  private constructor(
    private readonly nodeRed: { url: string; stop(): Promise<{ code: number | null }>; log(): string },
    private readonly userDir: string,
  ) {}

  static async open(): Promise<Bridge> {
    const { root, startNodeRed } = await import('../../scripts/node-red.mjs');
    const { freePort } = await import('../../scripts/runtimes.mjs');
    if (!existsSync(join(root, 'dist', 'nodes', 'ix-websocket.js'))) throw new Error('The package is not built: npm run build');
    const userDir = mkdtempSync(join(tmpdir(), 'ix-4d-'));
    const env = { NODE_RED_NODES_DIR: root, NODE_V8_COVERAGE: undefined } as never;
    // Runs another Node-RED with its Node.js, as in editor.e2e.ts.
    const { NODE_RED_SCRIPT: script, NODE_RED_NODE: node } = process.env;
    const other = { ...(script && { script }), ...(node && { node }) };
    const nodeRed = startNodeRed({ userDir, port: (await freePort()) as number, env, ...other });
    const bridge = new Bridge(nodeRed as never, userDir);
    await nodeRed.ready();
    return bridge;
  }

  /** Deploys the flow again: its sockets are gone. `given` are properties of the bridge. */
  async deploy(
    hosts = '',
    { more = [] as Item[], given = {} as object, credentials = { token } as object, type = 'full' as 'full' | 'nodes' } = {},
  ): Promise<void> {
    const nodes = flow.map((node) => (node.type === 'ix-4d-bridge' ? { ...node, hosts, credentials, ...given } : node));
    const flows = [...nodes, ...more];
    const starts = () => this.nodeRed.log().split(/Started (?:modified )?(?:flows|nodes)/).length;
    const before = starts();
    const headers = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': type };
    const answer = await fetch(`${this.nodeRed.url}/flows`, { method: 'POST', headers, body: JSON.stringify({ flows }) });
    assert.ok(answer.ok, `the flow was not deployed: ${answer.status}`);
    // Node-RED answers before the nodes exist.
    for (let tries = 0; starts() === before; tries++) {
      assert.ok(tries < 500, `the flow did not start within 10 s:\n${this.nodeRed.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Posts like `4D.HTTPRequest` with an object as its body. */
  call = (command: string, socket: object = {}, headers: Record<string, string> = authorized): Promise<Answer> =>
    this.post(command, JSON.stringify(socket), { 'Content-Type': 'application/json', ...headers });

  async post(command: string, body: string | Buffer, headers: Record<string, string>): Promise<Answer> {
    const answer = await fetch(`${this.nodeRed.url}/ix/${command}`, { method: 'POST', headers, body: body as BodyInit });
    const text = await answer.text();
    return { http: answer.status, type: answer.headers.get('content-type'), status: JSON.parse(text) };
  }

  /** Runs a command that is answered with 200. @returns the status without `run`. */
  async does(command: string, socket: object = {}): Promise<Status> {
    const { http, type, status } = await this.call(command, socket);
    assert.deepEqual([http, type], [200, 'application/json; charset=utf-8'], JSON.stringify(status));
    const { run, ...rest } = status;
    assert.equal(typeof run, 'string', command);
    return rest;
  }

  async method(): Promise<string> {
    const answer = await fetch(`${this.nodeRed.url}/ix/method`, { headers: authorized });
    return ((await answer.json()) as Status).method;
  }

  get url(): string {
    return this.nodeRed.url;
  }
  get log(): string {
    return this.nodeRed.log();
  }

  async close(): Promise<void> {
    const { code } = await this.nodeRed.stop();
    rmSync(this.userDir, { recursive: true, force: true });
    assert.equal(code, 0, `Node-RED ended with exit code ${code}:\n${this.log}`);
    assert.doesNotMatch(this.log, /unhandled|uncaught|Something went wrong/i);
  }
}
