import { randomInt } from 'node:crypto';

/** The seed of all random choices of a run. To repeat a run, set FAULTS_SEED to the printed value. */
export const seed = readSeed(process.env.FAULTS_SEED);

function readSeed(text: string | undefined): number {
  if (!text) return randomInt(2 ** 32);
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** 32) {
    throw new Error(`FAULTS_SEED must be a whole number from 0 to 4294967295; got "${text}".`);
  }
  return number;
}

/** Random choices that are the same for the same seed (mulberry32, by Tommy Ettinger). */
export class Random {
  private state: number;

  /** @param part gives each case its own numbers, so that it can run without the earlier ones. */
  constructor(part = 0, from = seed) {
    this.state = (from ^ Math.imul(part + 1, 0x9e3779b1)) >>> 0;
  }

  /** Returns a number from 0 to 1, without 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns an integer from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)] as T;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(0, 255)));
  }

  /** Returns the bytes in one to `most` pieces, cut at random. */
  pieces(bytes: Buffer, most: number): Buffer[] {
    const cuts = Array.from({ length: this.int(0, most - 1) }, () => this.int(0, bytes.length)).sort((a, b) => a - b);
    return [...cuts, bytes.length].map((to, i) => bytes.subarray(cuts[i - 1] ?? 0, to));
  }
}
