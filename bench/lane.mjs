// A connection of a load with its numbered messages: sent, received, and the first error.
import { setTimeout as sleep } from 'node:timers/promises';
import { leave, open } from './connection.mjs';
import { frameCounter, opcodes } from './frames.mjs';

/** First byte of a complete text message; bit 6 (RSV1) marks compression. */
const plainText = 0x80 | opcodes.text;
const compressedText = plainText | 0x40;

export class Lane {
  sent = 0;
  received = 0;
  problem = undefined;
  leaving = false;
  /** Called after each read, when all its frames have been counted. */
  onRead = () => {};
  /** Called for each message, with its place in the order. */
  onMessage = () => {};

  /** @param ring the messages, by number */
  constructor(ring) {
    this.ring = ring;
  }

  async open(target, { deflate = false } = {}) {
    return this.use(await open(target, this.reader(deflate), { deflate }));
  }

  /** Returns the function that takes the bytes of this connection. */
  reader(deflate = false) {
    const count = frameCounter((first, length, number) => this.frame(first, length, number, deflate), this.ring.offset);
    return (bytes, size) => {
      count(bytes, size);
      this.onRead();
    };
  }

  /** Uses a socket that is upgraded, and whose bytes go to `reader`. */
  use(socket) {
    this.socket = socket;
    socket.once('close', () => {
      if (!this.leaving) this.problem ??= `the connection was closed after ${this.received} messages`;
    });
    return this;
  }

  send(count) {
    this.socket.write(this.ring.piece(this.sent, count));
    this.sent += count;
  }

  frame(first, length, number, deflate) {
    const due = this.received % this.ring.length;
    // A compressed message hides its number and its length; another connection compares its content.
    if (deflate ? first !== compressedText : first !== plainText || length !== this.ring.size || number !== due) {
      if ((first & 0x0f) === opcodes.close && this.leaving) return;
      this.problem ??= `message ${this.received} was due (number ${due}, ${this.ring.size} bytes); came: first byte ${first}, number ${number}, ${length} bytes`;
    }
    this.onMessage(this.received++);
  }

  async leave() {
    this.leaving = true;
    await leave(this.socket);
  }
}

/** @throws Error with the first error of any lane */
export function check(lanes) {
  lanes.forEach(({ problem }, index) => {
    if (problem) throw new Error(`Connection ${index}: ${problem}.`);
  });
}

/** Waits until every lane has its messages, and for a short time in which nothing must arrive. */
export async function settled(lanes, due, timeoutMs) {
  const missing = () => lanes.reduce((sum, lane) => sum + due(lane) - lane.received, 0);
  let last = missing();
  let since = performance.now();
  while (missing() > 0) {
    await sleep(5);
    check(lanes);
    const now = missing();
    if (now !== last) since = performance.now();
    else if (performance.now() - since > timeoutMs) throw new Error(`${now} messages were lost: nothing came for ${timeoutMs / 1000} s.`);
    last = now;
  }
  await sleep(50);
  check(lanes);
  if (missing() < 0) throw new Error(`${-missing()} messages came more than were sent.`);
}
