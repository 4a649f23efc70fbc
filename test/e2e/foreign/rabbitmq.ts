import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const folder = '/usr/lib/rabbitmq/lib';
const plugins = '[rabbitmq_web_stomp].\n';

/** Debian's RabbitMQ with its plugin web_stomp, in a folder of its own. */
export class RabbitMq {
  private constructor(
    private readonly child: ChildProcess,
    private readonly home: string,
    /** The address for STOMP over WebSocket. */
    readonly url: string,
  ) {}

  static async start(): Promise<RabbitMq> {
    const { freePort } = await import('../../../scripts/runtimes.mjs');
    if (!existsSync(folder)) throw new Error('This test needs RabbitMQ, which is not there: apt-get install rabbitmq-server');
    const [version] = readdirSync(folder);
    const [amqp, stomp, web, distribution] = await Promise.all(Array.from({ length: 4 }, () => freePort() as Promise<number>));
    const home = mkdtempSync(join(tmpdir(), 'ix-rabbitmq-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(home, name), text);
      return join(home, name);
    };
    const settings = [
      `listeners.tcp.1 = 127.0.0.1:${amqp}`,
      `stomp.listeners.tcp.1 = 127.0.0.1:${stomp}`,
      'web_stomp.tcp.ip = 127.0.0.1',
      `web_stomp.tcp.port = ${web}`,
    ];
    const child = spawn(join(folder, version as string, 'sbin', 'rabbitmq-server'), {
      stdio: 'ignore',
      detached: true,
      env: {
        ...process.env,
        HOME: home,
        RABBITMQ_NODENAME: `ix${process.pid}@localhost`,
        RABBITMQ_DIST_PORT: String(distribution),
        RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
        RABBITMQ_LOG_BASE: join(home, 'log'),
        RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins', plugins),
        RABBITMQ_CONFIG_FILE: file('rabbitmq.conf', settings.join('\n')),
        RABBITMQ_PID_FILE: join(home, 'pid'),
      },
    });
    const broker = new RabbitMq(child, home, `ws://127.0.0.1:${web}/ws`);
    await broker.listens(web as number);
    return broker;
  }

  private async listens(port: number): Promise<void> {
    const answers = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      });
    for (const end = Date.now() + 50_000; !(await answers()); await sleep(200)) {
      if (this.child.exitCode === null && Date.now() < end) continue;
      this.kill();
      throw new Error('RabbitMQ did not listen within 50 s.');
    }
  }

  /** Ends it with all its processes, without a word to its clients. */
  kill(): void {
    try {
      process.kill(-(this.child.pid as number), 'SIGKILL');
    } catch {
      // It has ended.
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}
