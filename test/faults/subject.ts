/** The Node-RED under test: a real one in a separate process, with the built package and a flow that broadcasts and echoes. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually';

export interface Item {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** Live memory and objects of Node-RED after a garbage collection. */
export interface Memory {
  /** The JavaScript heap and its external memory, bytes. */
  readonly used: number;
  readonly rss: number;
  readonly sockets: number;
  readonly timers: number;
}

/** The events of the flow since the last reset. */
export interface Tally {
  /** Open events, by request target. */
  readonly opened: Record<string, number>;
  /** Close events: the first 2,000, and the count of each code. */
  readonly closes: { uri: string; code: number; reason: string }[];
  readonly closeCodes: Record<string, number>;
  /** Error events: the first 2,000, and the count of each HTTP status. */
  readonly errors: { uri?: string; http_status: number; reason: string; count: number }[];
  readonly statuses: Record<string, number>;
  /** Failed sends, by request target, and the reason of the first one. */
  readonly failed: Record<string, number>;
  readonly said: Record<string, string>;
  /** Successful sends, by request target; only if the harness `remembers`. */
  readonly handed: Record<string, string[]>;
  /** Errors that Catch nodes received. */
  readonly caught: string[];
}

const tab = (item: Item): Item => ({ z: 'tab', x: 1, y: 1, ...item });

/** Returns a server that starts automatically, its events sorted by the harness, and two send nodes. */
export const flow = (server: object, { remembers = false } = {}): Item[] => [
  { id: 'tab', type: 'tab', label: 'faults' },
  { id: 'server', type: 'ix-server', autoStart: true, ...server },
  ...[
    { id: 'events', type: 'ix-server-events', server: 'server', wires: Array(4).fill(['harness']) },
    { id: 'harness', type: 'faults-harness', remembers, wires: [['everyone'], ['sender']] },
    { id: 'everyone', type: 'ix-server-send', server: 'server', to: 'all', wires: [['harness']] },
    { id: 'sender', type: 'ix-server-send', server: 'server', wires: [['harness']] },
    { id: 'catch', type: 'catch', wires: [['harness']] },
  ].map(tab),
];

interface Exit {
  readonly code: number | null;
}
/** The result of `startNodeRed`. */
interface Started {
  readonly url: string;
  readonly child: { readonly pid: number };
  readonly exited: Promise<Exit>;
  ready(): Promise<void>;
  stop(): Promise<Exit>;
  log(): string;
}

/** Patterns that must never be in the log. */
const escaped = /^.*(unhandled|uncaught|Something went wrong|Warning: ).*$/im;

export class Subject {
  private ended: Exit | undefined;

  private constructor(
    private readonly process: Started,
    private readonly userDir: string,
    /** The port of the flow's server. */
    readonly port: number,
  ) {}

  static async start(nodes: (port: number) => readonly Item[], env: Record<string, string> = {}): Promise<Subject> {
    const { isListening, root, startNodeRed } = await import('../../scripts/node-red.mjs');
    const { freePort } = await import('../../scripts/runtimes.mjs');
    if (!existsSync(join(root, 'dist', 'nodes', 'ix-websocket.js'))) throw new Error('The package is not built: npm run build');
    const userDir = mkdtempSync(join(tmpdir(), 'ix-faults-'));
    const [editorPort, port] = [await freePort(), await freePort()];
    writeFileSync(join(userDir, 'flows.json'), JSON.stringify(nodes(port)));
    const settings = join(__dirname, 'settings.cjs');
    const started = startNodeRed({ userDir, port: editorPort, settings, env: { NODE_RED_NODES_DIR: root, ...env } }) as never as Started;
    const subject = new Subject(started, userDir, port);
    const kill = () => process.kill(started.child.pid, 'SIGKILL');
    process.once('exit', kill);
    void started.exited.then((how) => {
      process.off('exit', kill);
      subject.ended = how;
    });
    await started.ready();
    await eventually(() => isListening(port), `a listener on port ${port}`).catch((error) =>
      assert.fail(`${error.message}\n${started.log()}`),
    );
    return subject;
  }

  get log(): string {
    return this.process.log();
  }

  /** Resolves with whether the process runs and answers. */
  async isAlive(): Promise<boolean> {
    const answer = await fetch(`${this.process.url}/settings`).catch(() => undefined);
    return this.ended === undefined && answer?.ok === true;
  }

  /** Returns the first line of the log that no peer must be able to cause. */
  get escaped(): string | undefined {
    return escaped.exec(this.log)?.[0];
  }

  memory = (): Promise<Memory> => this.ask('memory');
  tally = (): Promise<Tally> => this.ask('tally');
  reset = (): Promise<unknown> => this.ask('reset', 'POST');

  /** Calls an endpoint of the nodes in `node`. */
  async ask<T>(what: string, method = 'GET'): Promise<T> {
    const answer = await fetch(`${this.process.url}/faults/${what}`, { method });
    assert.ok(answer.ok, `/faults/${what} was answered ${answer.status}`);
    return (await answer.json()) as T;
  }

  /** Resets the kernel's largest resident size (proc(5), `clear_refs`). */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.process.child.pid}/clear_refs`, '5');
  }

  /** Returns the largest resident size since then, bytes. */
  get peak(): number {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.process.child.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  }

  /** Deploys, and waits until the nodes run. */
  async deploy(nodes: readonly Item[], type: 'full' | 'flows' | 'nodes'): Promise<void> {
    const starts = () => this.log.split(/Started (?:modified )?(?:flows|nodes)/).length;
    const before = starts();
    const headers = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': type };
    const answer = await fetch(`${this.process.url}/flows`, { method: 'POST', headers, body: JSON.stringify({ flows: nodes }) });
    assert.ok(answer.ok, `the flows were not deployed: ${answer.status} ${await answer.text()}`);
    await eventually(() => starts() > before, 'the start of what was deployed', 10_000);
  }

  /** Stops it as a user does. @returns its exit code. */
  async stop(): Promise<number | null> {
    const { code } = this.ended ?? (await this.process.stop());
    rmSync(this.userDir, { recursive: true, force: true });
    return code;
  }
}
