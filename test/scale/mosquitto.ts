/** A real MQTT broker, Debian's mosquitto, on a free port. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort, program, temporary } from '../e2e/foreign/runtime';
import { Queue, within } from '../helpers/queue';

export class Mosquitto {
  private child: ChildProcess | undefined;
  private said = '';

  private constructor(
    private readonly config: string,
    readonly port: number,
  ) {}

  static async start(): Promise<Mosquitto> {
    const port = await freePort();
    const config = join(temporary(), 'mosquitto.conf');
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    const broker = new Mosquitto(config, port);
    await broker.run();
    return broker;
  }

  async run(): Promise<void> {
    const { isListening } = await import('../../scripts/node-red.mjs');
    const child = spawn(program('/usr/sbin/mosquitto', 'mosquitto'), ['-c', this.config], { stdio: 'pipe' });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        this.said += chunk;
      });
    }
    for (let tries = 0; !(await isListening(this.port)); tries++) {
      if (tries > 100 || child.exitCode !== null) throw new Error(`mosquitto does not listen: ${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Publishes messages as any program can, one after the other. */
  async publish(topic: string, messages: readonly unknown[]): Promise<void> {
    const args = ['-p', String(this.port), '-q', '1', '-t', topic, '-l'];
    const publishing = promisify(execFile)(program('/usr/bin/mosquitto_pub', 'mosquitto-clients'), args, { timeout: 10_000 });
    publishing.child.stdin?.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
    await publishing;
  }

  /** Collects published messages, parsed, up to a count. Resolves when it is subscribed. */
  async subscribe(topic: string, count: number): Promise<{ messages: Promise<unknown[]> }> {
    const args = ['-p', String(this.port), '-q', '1', '-t', topic, '-C', String(count), '-W', '10', '-d'];
    // Line buffering, because it writes blocks to a pipe by default.
    const child = spawn('stdbuf', ['-oL', program('/usr/bin/mosquitto_sub', 'mosquitto-clients'), ...args]);
    const heard = new Queue<string>();
    createInterface({ input: child.stdout }).on('line', (line) => heard.push(line));
    while (!/^Subscribed/.test(await heard.take('the subscription', 5000)));
    const messages = async () => {
      const found: unknown[] = [];
      while (found.length < count) {
        const line = await heard.take(`message ${found.length + 1} on ${topic}`, 10_000);
        if (line.startsWith('{')) found.push(JSON.parse(line));
      }
      return found;
    };
    return { messages: messages() };
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await within(gone, 'the end of mosquitto');
  }
}
