/** A well-behaved peer that measures its echo latency during an attack. */
import { setTimeout as sleep } from 'node:timers/promises';
import { wsClient } from '../helpers/peers';

export interface Latency {
  /** The number of echoes. */
  readonly count: number;
  /** ms */
  readonly median: number;
  readonly max: number;
}

/** Sends a text every 20 ms, one at a time, until `attack` has ended. */
export async function latencyDuring(port: number, attack: Promise<unknown>): Promise<Latency> {
  let isOver = false;
  const ended = attack.finally(() => {
    isOver = true;
  });
  // An early failure is reported by the `await` below.
  ended.catch(() => {});
  const peer = await wsClient(`ws://127.0.0.1:${port}/stopwatch`);
  const times: number[] = [];
  while (!isOver) {
    const start = performance.now();
    peer.ws.send(`echo ${times.length}`);
    await peer.messages.take('an echo during an attack', 20_000);
    times.push(performance.now() - start);
    await sleep(20);
  }
  peer.ws.terminate();
  await ended;
  times.sort((a, b) => a - b);
  return { count: times.length, median: times[times.length >> 1] ?? Number.NaN, max: times.at(-1) ?? Number.NaN };
}

export const inMs = ({ count, median, max }: Latency) =>
  `${count} echoes of a good peer, median ${Math.round(median)} ms, max ${Math.round(max)} ms`;
