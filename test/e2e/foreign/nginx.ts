/** nginx in the foreground, in one process: it terminates TLS and forwards WebSockets. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { within } from '../../helpers/queue';
import { freePort, program, temporary } from './runtime';

export class Nginx {
  private child: ChildProcess | undefined;
  private complaints = '';

  private constructor(
    private readonly dir: string,
    readonly port: number,
  ) {}

  /** @param inHttp the content of its `http` block, for this port. */
  static async start(inHttp: (port: number) => string): Promise<Nginx> {
    const nginx = new Nginx(temporary(), await freePort());
    const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${join(nginx.dir, what)};`);
    writeFileSync(
      join(nginx.dir, 'nginx.conf'),
      `daemon off; master_process off; pid ${join(nginx.dir, 'nginx.pid')}; error_log stderr;
      events {}
      http {
        access_log off; ${kept.join(' ')}
        ${inHttp(nginx.port)}
      }`,
    );
    await nginx.run();
    return nginx;
  }

  async run(): Promise<void> {
    const child = spawn(program('/usr/sbin/nginx', 'nginx-light'), ['-p', this.dir, '-c', join(this.dir, 'nginx.conf'), '-e', 'stderr'], {
      stdio: 'pipe',
    });
    this.child = child;
    child.stderr.on('data', (chunk) => {
      this.complaints += chunk;
    });
    const listens = () =>
      new Promise<boolean>((resolve) => {
        const probe = connect(this.port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
        probe.once('connect', () => probe.destroy());
      });
    for (let tries = 0; !(await listens()); tries++) {
      if (tries > 100 || child.exitCode !== null) throw new Error(`nginx does not listen: ${this.complaints}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await within(gone, 'the end of nginx');
  }
}
