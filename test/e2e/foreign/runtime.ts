/** A real Node-RED in a separate process with the built package. Flows are posted as by the editor, and events are read from a file. */
import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from '../../helpers/queue';

// biome-ignore lint/suspicious/noExplicitAny: a message is what the flow makes of it.
export type Msg = Record<string, any>;
export interface Item {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** Returns the path of a Debian program that a test needs, or fails with the package to install. */
export function program(path: string, packageName: string): string {
  if (existsSync(path)) return path;
  throw new Error(`This test needs ${path}, which is not there: apt-get install ${packageName}`);
}

/** Returns a free port, for programs that cannot choose one. */
export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Creates a directory that is removed when the tests end. */
export function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ix-foreign-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Reads the lines of JSON that another process appends to a file. */
class Tail {
  readonly lines = new Queue<Msg>();
  private readonly timer: NodeJS.Timeout;
  private readonly file: number;
  private at = 0;
  private rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    writeFileSync(path, '');
    this.file = openSync(path, 'r');
    this.timer = setInterval(() => this.read(), 10);
  }

  private read(): void {
    const chunk = Buffer.alloc(1024 * 1024);
    for (
      let length = readSync(this.file, chunk, 0, chunk.length, this.at);
      length > 0;
      length = readSync(this.file, chunk, 0, chunk.length, this.at)
    ) {
      this.at += length;
      this.rest = Buffer.concat([this.rest, chunk.subarray(0, length)]);
    }
    for (let end = this.rest.indexOf('\n'); end >= 0; end = this.rest.indexOf('\n')) {
      this.lines.push(JSON.parse(this.rest.toString('utf8', 0, end)));
      this.rest = this.rest.subarray(end + 1);
    }
  }

  close(): void {
    clearInterval(this.timer);
    closeSync(this.file);
  }
}

const tab = (item: Item): Item => ({ z: 'tab', x: 1, y: 1, ...item });

/** Lets the tests call a command node by HTTP: `POST /<type>/<id of its config node>`. Bytes are base64. */
const endpoint = (side: 'client' | 'server', config: string, command: string): Item[] => {
  const id = `${command}-${config}`;
  return [
    { id: `in-${id}`, type: 'http in', url: `/${command}/${config}`, method: 'post', wires: [[`decode-${id}`]] },
    {
      id: `decode-${id}`,
      type: 'function',
      func: "if (msg.payload.base64 !== undefined) msg.payload.message = Buffer.from(msg.payload.base64, 'base64'); return msg;",
      outputs: 1,
      libs: [],
      wires: [[id]],
    },
    { id, type: `ix-${side}-${command}`, [side]: config, wires: [[`out-${id}`]] },
    { id: `out-${id}`, type: 'http response', wires: [] },
  ].map(tab);
};

/** Writes the events of a socket into the file; bytes as base64. */
const listening = (side: 'client' | 'server', config: string, file: string): Item[] =>
  [
    { id: `events-${config}`, type: `ix-${side}-events`, [side]: config, wires: Array(4).fill([`encode-${config}`]) },
    // A test waits for this line, so all earlier lines are in the file.
    { id: `mark-${config}`, type: 'http in', url: `/mark/${config}`, method: 'post', wires: [[`marked-${config}`]] },
    {
      id: `marked-${config}`,
      type: 'change',
      rules: [{ t: 'set', p: 'event', pt: 'msg', to: 'Mark', tot: 'str' }],
      wires: [[`encode-${config}`, `out-${config}`]],
    },
    { id: `out-${config}`, type: 'http response', wires: [] },
    {
      id: `encode-${config}`,
      type: 'function',
      func: `
        const { str } = msg.payload;
        if (Buffer.isBuffer(str)) msg.payload.str = { base64: str.toString('base64') };
        return { payload: JSON.stringify({ from: '${config}', event: msg.event, payload: msg.payload }) };`,
      outputs: 1,
      libs: [],
      wires: [[`file-${config}`]],
    },
    {
      id: `file-${config}`,
      type: 'file',
      filename: file,
      filenameType: 'str',
      appendNewline: true,
      overwriteFile: 'false',
      encoding: 'none',
      wires: [],
    },
  ].map(tab);

/** The client or server of a flow, with its commands and events. */
export interface Held {
  /** Returns the result of the command node. */
  command(command: string, payload?: object): Promise<Msg>;
  /** Asserts its next event. @returns the payload. */
  event(name: 'Message' | 'Open' | 'Close' | 'Error', ms?: number): Promise<Msg>;
  /** Stops it and discards its events, for `afterEach`. */
  rest(): Promise<void>;
  /** Returns the next event of any kind. */
  any(): Promise<Msg>;
  /** Starts it with these options, and asserts success. @returns the result. */
  start(options?: object): Promise<Msg>;
  send(message: string | Buffer, more?: object): Promise<Msg>;
}

export class NodeRed {
  private readonly queues = new Map<string, Queue<Msg>>();

  private constructor(
    private readonly process: { url: string; stop(): Promise<{ code: number | null }>; log(): string },
    private readonly userDir: string,
    private readonly tails: Tail[],
  ) {}

  static async start(): Promise<NodeRed> {
    const { root, startNodeRed } = await import('../../../scripts/node-red.mjs');
    if (!existsSync(join(root, 'dist', 'nodes', 'ix-websocket.js'))) throw new Error('The package is not built: npm run build');
    const userDir = mkdtempSync(join(tmpdir(), 'ix-foreign-node-red-'));
    const nodeRed = startNodeRed({ userDir, port: await freePort(), env: { NODE_RED_NODES_DIR: root } });
    await nodeRed.ready();
    return new NodeRed(nodeRed as never, userDir, []);
  }

  get url(): string {
    return this.process.url;
  }

  /** Deploys sockets with their command and events nodes, and further nodes. */
  async deploy(
    sockets: Record<string, { side: 'client' | 'server'; [option: string]: unknown }>,
    more: readonly Item[] = [],
  ): Promise<void> {
    const nodes: Item[] = [{ id: 'tab', type: 'tab', label: 'foreign peers' }, ...more.map(tab)];
    for (const [id, { side, ...options }] of Object.entries(sockets)) {
      const file = join(this.userDir, `${id}.jsonl`);
      const tail = new Tail(file);
      this.tails.push(tail);
      this.queues.set(id, tail.lines);
      nodes.push(
        { id, type: `ix-${side}`, autoStart: false, ...(side === 'server' && { port: 0 }), ...options },
        ...listening(side, id, file),
      );
      for (const command of ['start', 'stop', 'send']) nodes.push(...endpoint(side, id, command));
    }
    const starts = () => this.process.log().split('Started flows').length;
    const before = starts();
    const headers = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': 'full' };
    const answer = await fetch(`${this.process.url}/flows`, { method: 'POST', headers, body: JSON.stringify({ flows: nodes }) });
    assert.ok(answer.ok, `the flows were not deployed: ${answer.status} ${await answer.text()}`);
    // Node-RED answers before the nodes exist.
    for (let tries = 0; starts() === before; tries++) {
      assert.ok(tries < 500, `the flows did not start within 10 s:\n${this.process.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  held(id: string): Held {
    const queue = this.queues.get(id);
    if (!queue) throw new Error(`there is no socket ${id} in the flow`);
    const command = async (name: string, payload: object = {}): Promise<Msg> => {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(`${this.process.url}/${name}/${id}`, { method: 'POST', headers, body: JSON.stringify(payload) });
      assert.ok(answer.ok, `${name} of ${id} was answered ${answer.status}`);
      return (await answer.json()) as Msg;
    };
    return {
      command,
      async event(name, ms = 8000) {
        const { event, payload } = await queue.take(`the ${name} event of ${id}`, ms);
        assert.equal(event, name, `a ${name} was expected; got ${event}: ${JSON.stringify(payload).slice(0, 500)}`);
        return payload;
      },
      async rest() {
        await command('stop');
        await command('mark');
        while ((await queue.take(`the end of the events of ${id}`)).event !== 'Mark');
      },
      any: () => queue.take(`an event of ${id}`, 8000),
      async start(options) {
        const status = await command('start', options);
        assert.equal(status.success, true, status.errorStr);
        return status;
      },
      send: (message, more = {}) =>
        command('send', { ...more, ...(typeof message === 'string' ? { message } : { base64: message.toString('base64') }) }),
    };
  }

  /** Asserts that nothing escaped and that it stops with exit code 0. */
  async stop(): Promise<void> {
    for (const tail of this.tails) tail.close();
    const { code } = await this.process.stop();
    rmSync(this.userDir, { recursive: true, force: true });
    assert.equal(code, 0, `Node-RED ended with exit code ${code}:\n${this.process.log()}`);
    assert.ok(!/unhandled|uncaught|Something went wrong/i.test(this.process.log()), this.process.log());
  }
}

/** Returns the text or the bytes of a Message event. */
export const data = ({ str }: Msg): string | Buffer => (typeof str === 'object' ? Buffer.from(str.base64, 'base64') : str);
