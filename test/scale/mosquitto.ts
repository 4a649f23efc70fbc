/** A real MQTT broker, Debian's mosquitto, on a free port. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, program, temporary } from '../e2e/foreign/runtime';
import { within } from '../helpers/queue';

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

  /** Publishes as any program may, one message after the other. */
  async publish(topic: string, messages: readonly unknown[]): Promise<void> {
    const args = ['-p', String(this.port), '-q', '1', '-t', topic, '-l'];
    const publishing = promisify(execFile)(program('/usr/bin/mosquitto_pub', 'mosquitto-clients'), args, { timeout: 10_000 });
    publishing.child.stdin?.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
    await publishing;
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await within(gone, 'the end of mosquitto');
  }
}
