/** A Node-RED that runs the unchanged example, with its own environment. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../e2e/foreign/runtime';
import { within } from '../helpers/queue';

const example = (title: string) => readFileSync(join(__dirname, '..', '..', 'examples', 'scale-out', `${title}.json`), 'utf8');
export const server = '01 - A server on many Node-REDs';
export const office = '02 - Send to everyone from elsewhere';

interface Running {
  readonly child: { readonly pid: number; kill(signal: NodeJS.Signals): void };
  readonly url: string;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  ready(): Promise<void>;
  stop(): Promise<{ code: number | null }>;
  log(): string;
}

export class Instance {
  private nodeRed!: Running;
  private readonly userDir = mkdtempSync(join(tmpdir(), 'ix-scale-'));

  private constructor(
    readonly name: string,
    /** The port of its WebSocket server. */
    readonly port: number,
    private readonly broker: number,
    flow: string,
  ) {
    process.once('exit', () => rmSync(this.userDir, { recursive: true, force: true }));
    writeFileSync(join(this.userDir, 'flows.json'), example(flow));
  }

  static async start(name: string, broker: number, flow: string = server): Promise<Instance> {
    const instance = new Instance(name, await freePort(), broker, flow);
    await instance.run();
    return instance;
  }

  async run(): Promise<void> {
    const { root, startNodeRed } = await import('../../scripts/node-red.mjs');
    const env = {
      NODE_RED_NODES_DIR: root,
      IX_INSTANCE: this.name,
      IX_MQTT_HOST: '127.0.0.1',
      IX_MQTT_PORT: String(this.broker),
      IX_PORT: String(this.port),
    };
    this.nodeRed = startNodeRed({ userDir: this.userDir, port: await freePort(), env }) as never;
    await this.nodeRed.ready();
    await this.logs('Connected to broker');
  }

  get log(): string {
    return this.nodeRed.log();
  }

  /** Returns the CPU seconds of the process so far, all threads. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.nodeRed.child.pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number) as [number, number];
    return (user + system) / 100;
  }

  /** Waits for this number of matches, up to 15 s. */
  async logs(text: string, times = 1): Promise<void> {
    for (const end = Date.now() + 15_000; this.log.split(text).length <= times; ) {
      assert.ok(Date.now() < end, `${this.name} did not log "${text}" ${times} times:\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async press(id: string): Promise<void> {
    const answer = await fetch(`${this.nodeRed.url}/inject/${id}`, { method: 'POST' });
    assert.ok(answer.ok, `the inject node ${id} was answered ${answer.status}`);
  }

  /** Pauses the process; its connections stay open. */
  pause(): void {
    this.nodeRed.child.kill('SIGSTOP');
  }

  goOn(): void {
    this.nodeRed.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.nodeRed.child.kill('SIGKILL');
    const { signal } = await within(this.nodeRed.exited, `the end of ${this.name}`);
    assert.equal(signal, 'SIGKILL');
  }

  /** Asserts that nothing escaped and that it stops with exit code 0. */
  async stop(): Promise<void> {
    const { code } = await this.nodeRed.stop();
    assert.equal(code, 0, `${this.name} ended with exit code ${code}:\n${this.log}`);
    assert.doesNotMatch(this.log, /unhandled|uncaught|Something went wrong|TypeError/i);
  }
}
