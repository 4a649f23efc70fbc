import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Queue, within } from '../../helpers/queue';
import type { Msg } from './runtime';

const python = '/usr/bin/python3';
const running = new Set<PythonPeer>();

/** Debian's python3-websockets in a separate process. */
export class PythonPeer {
  private readonly heard = new Queue<Msg>();
  private readonly exited: Promise<unknown>;
  private readonly complaints: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => this.heard.push(JSON.parse(line)));
    child.stderr?.on('data', (chunk) => this.complaints.push(String(chunk)));
    this.exited = new Promise((resolve) => child.once('exit', resolve));
    running.add(this);
  }

  static async start(): Promise<PythonPeer> {
    const { status } = spawnSync(python, ['-c', 'import websockets'], { stdio: 'ignore' });
    if (status !== 0) throw new Error(`This test needs ${python} with websockets, which is not there: apt-get install python3-websockets`);
    const peer = new PythonPeer(spawn(python, [join(__dirname, 'python_peer.py')], { stdio: 'pipe' }));
    await peer.hears('ready');
    return peer;
  }

  /** Starts a peer that connects or listens. @returns its first report. */
  static async connect(options: object): Promise<{ peer: PythonPeer; open: Msg }> {
    const peer = await PythonPeer.start();
    peer.do('connect', options);
    return { peer, open: await peer.hears('open') };
  }

  static async serve(options: object = {}): Promise<{ peer: PythonPeer; port: number }> {
    const peer = await PythonPeer.start();
    peer.do('serve', options);
    return { peer, port: (await peer.hears('listening')).port };
  }

  do(what: string, more: object = {}): void {
    this.child.stdin?.write(`${JSON.stringify({ do: what, ...more })}\n`);
  }

  send(message: string | Buffer): void {
    this.do('send', this.encoded(message));
  }

  sendFragments(...parts: (string | Buffer)[]): void {
    this.do('send', { fragments: parts.map((part) => this.encoded(part)) });
  }

  private encoded(message: string | Buffer): object {
    return typeof message === 'string' ? { text: message } : { base64: message.toString('base64') };
  }

  /** Asserts its next report. */
  async hears(event: string): Promise<Msg> {
    const { event: told, ...more } = await this.heard.take(`"${event}" from the Python peer (${this.complaints.join('')})`, 8000);
    assert.equal(told, event, `${JSON.stringify(more)} ${this.complaints.join('')}`);
    return more;
  }

  async message(): Promise<string | Buffer> {
    const { text, base64 } = await this.hears('message');
    return text ?? Buffer.from(base64, 'base64');
  }

  /** Ends the process, and with it TCP, without a close frame. */
  async kill(): Promise<void> {
    running.delete(this);
    this.child.kill('SIGKILL');
    await within(this.exited, 'the end of the Python peer');
  }
}

/** For `afterEach`. */
export const killPythonPeers = () => Promise.all([...running].map((peer) => peer.kill()));
