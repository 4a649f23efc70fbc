/** A client on a plain socket, as in bench/. Two processes feed four hundred of them, and the test must not be the bottleneck. */
import type { Socket } from 'node:net';
import type { Frame } from '../helpers/frames';
import { Queue, within } from '../helpers/queue';

/** A broadcast begins with the letter of its publisher and the number of the message, `n0000042`, from 0. */
export const numbered = (publisher: string, number: number): string => `${publisher}${String(number).padStart(7, '0')}${' '.repeat(56)}`;
const { length } = numbered('n', 0);
const space = ' '.charCodeAt(0);

/** Returns the number in a broadcast, or −1 for other messages. */
function numberIn(payload: Buffer): number {
  if (payload.length !== length || payload[length - 1] !== space) return -1;
  let number = 0;
  for (let at = 1; at < 8; at++) {
    const digit = (payload[at] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

export class Client {
  /** Messages that are not numbered broadcasts. */
  readonly others = new Queue<string>();
  /** Descriptions of broadcasts that were not the next one due. */
  readonly wrong: string[] = [];
  ended = false;
  private waiting: (() => void)[] = [];
  private readonly due = new Map<number, number>();
  private socket!: Socket;

  /** @param due the next number of each publisher; without it, the first received one. */
  static async connect(port: number, path: string, due: Readonly<Record<string, number>> = {}): Promise<Client> {
    const { open } = await import('../../bench/connection.mjs');
    const { clientFrame, frameReader, opcodes } = await import('../../bench/frames.mjs');
    const client = new Client();
    for (const [publisher, number] of Object.entries(due)) client.expect(publisher, number);
    const reader = frameReader(({ opcode, payload }: Frame) => {
      if (opcode !== opcodes.ping) return client.receive(payload);
      // The first arrives together with the response to the upgrade.
      void opening.then((socket) => socket.write(clientFrame(opcodes.pong, payload)));
    });
    const opening = open({ port, path, tls: false }, reader) as Promise<Socket>;
    client.socket = await opening;
    client.socket.once('close', () => {
      client.ended = true;
      client.wake();
    });
    return client;
  }

  /** Returns the next number of a publisher. If `wrong` is empty, all earlier ones arrived once and in order. */
  next = (publisher: string): number => this.due.get(publisher.charCodeAt(0)) ?? 0;

  /** Expects broadcasts of a new publisher. */
  expect = (publisher: string, number: number): void => void this.due.set(publisher.charCodeAt(0), number);
  hasHeardOf = (publisher: string): boolean => this.due.has(publisher.charCodeAt(0));

  async send(...texts: string[]): Promise<void> {
    const { clientFrame, opcodes } = await import('../../bench/frames.mjs');
    this.socket.write(Buffer.concat(texts.map((text) => clientFrame(opcodes.text, text))));
  }

  /** Resolves with the next JSON message, parsed. */
  hears = async (what: string, ms?: number) => JSON.parse(await this.others.take(what, ms));

  /** Resolves at the next broadcast or the end. */
  broadcast = () => new Promise<void>((resolve) => void this.waiting.push(resolve));

  leave(): void {
    this.socket?.destroy();
  }

  private wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  private receive(payload: Buffer): void {
    const number = numberIn(payload);
    if (number < 0) return this.others.push(payload.toString());
    const publisher = payload[0] as number;
    const due = this.due.get(publisher) ?? number;
    if (number !== due) this.wrong.push(`${String.fromCharCode(publisher)}: ${due} was due, ${number} came`);
    this.due.set(publisher, number + 1);
    this.wake();
  }
}

/** Sends numbered broadcasts through one client, with a limited number in flight, until the slowest connected witness has received them. */
export class Publisher {
  private sent = 0;

  constructor(
    private readonly client: Client,
    readonly letter: string,
    private readonly witnesses: () => readonly Client[],
  ) {}

  get count(): number {
    return this.sent;
  }

  async publish(count: number, onNumber: (number: number) => void = () => {}): Promise<void> {
    const end = this.sent + count;
    while (this.sent < end) {
      const there = this.witnesses().filter((witness) => !witness.ended && witness.hasHeardOf(this.letter));
      const slowest = Math.min(...there.map((witness) => witness.next(this.letter)));
      const free = Math.min(window - (this.sent - slowest), end - this.sent);
      if (free > 0) {
        await this.client.send(...Array.from({ length: free }, (_, at) => numbered(this.letter, this.sent + at)));
        this.sent += free;
        onNumber(this.sent);
        continue;
      }
      await within(Promise.race(there.map((witness) => witness.broadcast())), `broadcast ${slowest} of ${this.letter}`, 15_000);
    }
  }
}
/** mosquitto queues 1,000 messages for a slow subscriber, and drops further ones. */
const window = 100;
