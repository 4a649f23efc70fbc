/** Well-behaved peers, and the check that every message reaches them once, complete and in order. */
import { randomBytes } from 'node:crypto';
import { type ClientOptions, WebSocket } from 'ws';
import { within } from '../helpers/queue';
import { eventually } from './eventually';

/** Text that hardly compresses. Each message is a different slice of it. */
const filling = randomBytes(96 * 1024).toString('base64');

/** Returns a message: its number, and a given count of characters derived from the number. */
const textOf = (number: number, size: number) => `${number} ${filling.slice(number % 4096, (number % 4096) + size)}`;

export interface CrowdOptions {
  readonly peers?: number;
  /** Broadcasts per second. */
  readonly perSecond?: number;
  /** Characters of each message. */
  readonly size?: number;
  /** Reconnects when the connection ends. Messages sent meanwhile are not expected. */
  readonly returns?: boolean;
  readonly client?: ClientOptions;
}

/** One connection of the crowd. It answers each broadcast with a message, which the flow echoes. */
class Walker {
  /** The newest received number, of broadcasts and of own messages. */
  private newest = 0;
  private newestOwn = 0;
  private said = 0;
  /** The kind and number of each received message; only for peers that reconnect. */
  readonly got = new Set<string>();
  readonly problems: string[] = [];
  readonly codes: number[] = [];
  heard = 0;
  echoed = 0;
  ws: WebSocket | undefined;
  private over = false;

  constructor(
    private readonly url: string,
    readonly path: string,
    private readonly options: Required<CrowdOptions>,
    private readonly compresses: boolean,
  ) {}

  get isOpen(): boolean {
    return this.ws?.readyState === WebSocket.OPEN;
  }

  /** True if all broadcasts and all own messages have arrived. */
  hasAll = (broadcasts: number): boolean => this.newest === broadcasts && (this.path === '/conductor' || this.echoed === this.heard);

  async join(): Promise<void> {
    while (!(await this.connect())) {
      if (!this.options.returns) throw new Error(`the peer ${this.path} could not connect: ${this.problems.at(-1)}`);
      if (this.over) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  leave(): void {
    this.over = true;
    this.ws?.terminate();
  }

  private connect(): Promise<boolean> {
    const ws = new WebSocket(this.url + this.path, { perMessageDeflate: this.compresses, ...this.options.client });
    this.ws = ws;
    return new Promise((resolve) => {
      let opened = false;
      ws.on('open', () => {
        opened = true;
        resolve(true);
      });
      ws.on('message', (data) => this.hear(String(data)));
      ws.on('error', (error) => {
        if (opened || !this.options.returns) this.problems.push(error.message);
      });
      ws.on('close', (code) => {
        if (!opened) return resolve(false);
        if (this.over) return;
        this.codes.push(code);
        if (this.options.returns) void this.join();
        else this.problems.push(`the connection ended with ${code}`);
      });
    });
  }

  /** Broadcasts begin with the kind b, own messages with the kind o. */
  private hear(text: string): void {
    const isOwn = text.startsWith('o');
    const number = Number.parseInt(text.slice(1), 10);
    const newest = isOwn ? this.newestOwn : this.newest;
    const isNext = this.options.returns ? number > newest : number === newest + 1;
    if (!isNext) this.problem(`${isOwn ? 'its own message' : 'the broadcast'} ${number} came after ${newest}`);
    if (this.options.returns) this.got.add(text.slice(0, text.indexOf(' ')));
    if (text.slice(1) !== textOf(number, this.options.size)) this.problem(`message ${number} is not what was sent`);
    if (isOwn) {
      this.newestOwn = number;
      this.echoed++;
      return;
    }
    this.newest = number;
    this.heard++;
    if (this.path !== '/conductor') this.ws?.send(`o${textOf(++this.said, this.options.size)}`);
  }

  private problem(sentence: string): void {
    // One lost message makes all later ones wrong, so the first few problems suffice.
    if (this.problems.length < 5) this.problems.push(`${this.path}: ${sentence}`);
  }
}

export class Crowd {
  private readonly walkers: Walker[];
  private readonly options: Required<CrowdOptions>;
  private timer: NodeJS.Timeout | undefined;
  private sent = 0;

  /** The first of them, `/conductor`, sends the broadcasts; every second one of the others uses compression. */
  constructor(url: string, { peers = 8, perSecond = 50, size = 300, returns = false, client = {} }: CrowdOptions = {}) {
    this.options = { peers, perSecond, size, returns, client };
    const paths = ['/conductor', ...Array.from({ length: peers }, (_, i) => `/walker-${i + 1}`)];
    this.walkers = paths.map((path, i) => new Walker(url, path, this.options, i > 0 && i % 2 === 0));
  }

  join = async (): Promise<void> => void (await within(Promise.all(this.walkers.map((walker) => walker.join())), 'the crowd', 20_000));

  /** The number of its connections. */
  get size(): number {
    return this.walkers.length;
  }

  /** Begins to broadcast. */
  begin(): void {
    const { perSecond, size } = this.options;
    const conductor = this.walkers[0] as Walker;
    const start = performance.now();
    let count = 0;
    this.timer = setInterval(() => {
      for (const due = ((performance.now() - start) / 1000) * perSecond; count < due; count++) {
        if (conductor.isOpen) conductor.ws?.send(`b${textOf(++this.sent, size)}`);
      }
    }, 5);
  }

  /** Stops, and waits for the messages in flight. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    if (this.options.returns) return;
    // `problems` reports what is missing, with more detail than a timeout.
    const all = () => this.walkers.every((walker) => walker.hasAll(this.sent) || walker.problems.length > 0);
    await eventually(all, 'the last messages', 20_000).catch(() => {});
  }

  leave(): void {
    clearInterval(this.timer);
    for (const walker of this.walkers) walker.leave();
  }

  get broadcasts(): number {
    return this.sent;
  }

  /** The number of received messages. */
  get deliveries(): number {
    return this.walkers.reduce((sum, { heard, echoed }) => sum + heard + echoed, 0);
  }

  /** Returns the messages that did not arrive once, complete and in order. */
  get problems(): string[] {
    const late = this.options.returns ? [] : this.walkers.filter((walker) => !walker.hasAll(this.sent));
    return [
      ...this.walkers.flatMap(({ problems }) => problems),
      ...late.map(
        (walker) => `${walker.heard} of ${this.sent} broadcasts and ${walker.echoed} of its ${walker.heard} own messages came back`,
      ),
    ];
  }

  /** The close codes of their connections. */
  get codes(): number[] {
    return this.walkers.flatMap(({ codes }) => codes);
  }

  get areAllOpen(): boolean {
    return this.walkers.every(({ isOpen }) => isOpen);
  }

  /** The messages of each, by request target; only for peers that reconnect. */
  get got(): Record<string, ReadonlySet<string>> {
    return Object.fromEntries(this.walkers.map(({ path, got }) => [path, got]));
  }
}
