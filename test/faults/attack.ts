/** Peers that keep no rule: plain sockets, and helpers to open many of them. */
import { connect, type Socket } from 'node:net';

/** Tolerance for a busy machine, s. */
export const tolerance = 5;

/** The key of RFC 6455's own example. */
const key = 'dGhlIHNhbXBsZSBub25jZQ==';

export interface Request {
  method?: string;
  target?: string;
  version?: string;
  headers?: readonly (readonly [name: string, value: string])[];
}

export const rightHeaders = [
  ['Host', '127.0.0.1'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', key],
  ['Sec-WebSocket-Version', '13'],
] as const;

/** Returns the bytes of an upgrade request with the given, valid or invalid, parts. */
export const upgrade = ({ method = 'GET', target = '/', version = 'HTTP/1.1', headers = rightHeaders }: Request = {}): Buffer =>
  Buffer.from(`${method} ${target} ${version}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');

/** Returns the valid headers with replacements; `undefined` omits one. */
export const withHeaders = (changes: Record<string, string | undefined>): (readonly [string, string])[] => {
  const changed = new Map<string, string | undefined>([...rightHeaders, ...Object.entries(changes)]);
  return [...changed].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
};

/** A connection that ignores errors. Its input is kept in `read`. */
export class Bare {
  read: Buffer = Buffer.alloc(0);
  /** True if the other end has sent its FIN or reset the connection. */
  isOver = false;
  readonly over: Promise<void>;
  private wake = () => {};

  private constructor(readonly socket: Socket) {
    this.over = new Promise((resolve) => {
      const end = () => {
        this.isOver = true;
        this.wake();
        resolve();
      };
      socket.once('end', end).once('close', end);
    });
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.read = this.read.length === 0 ? chunk : Buffer.concat([this.read, chunk]);
      this.wake();
    });
  }

  static async open(port: number, host = '127.0.0.1'): Promise<Bare> {
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
    const bare = new Bare(socket);
    await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), bare.over]);
    return bare;
  }

  /** Resolves with the status of the response once its head is complete, or `undefined` if the connection ended without one. */
  async status(): Promise<number | undefined> {
    while (!this.isOver && this.read.indexOf('\r\n\r\n') < 0) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(this.read.toString('latin1', 0, 16)) ?? [];
    return status === undefined ? undefined : Number(status);
  }

  /** Makes the opening handshake, and discards the input so far. @returns whether it was accepted. */
  async shakeHands(request?: Request): Promise<boolean> {
    this.socket.write(upgrade(request));
    const status = await this.status();
    this.read = this.read.subarray(this.read.indexOf('\r\n\r\n') + 4);
    return status === 101;
  }

  resumed(): this {
    this.socket.resume();
    return this;
  }

  /** Ends it with a RST, so that none of a hundred thousand connections waits for its last packets. */
  reset(): void {
    // libuv refuses to reset a socket that is shutting down, and Node.js (20.20) then never closes it.
    if (this.socket.writableEnded) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }
}

/** Runs an action repeatedly, with limited concurrency. */
export async function many<T>(count: number, atOnce: number, one: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = new Array(count);
  let next = 0;
  const queue = async () => {
    for (let i = next++; i < count; i = next++) results[i] = await one(i);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, queue));
  return results;
}

/** Returns the counts of each value, formatted for a table. */
export const inWords = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} (${count.toLocaleString('en')})`)
    .join(', ');

/** Returns the count of each value. */
export function counted<T extends PropertyKey>(items: readonly T[]): Record<T, number> {
  const counts = {} as Record<T, number>;
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}
