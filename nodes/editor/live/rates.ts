import type { Counters } from '../../live';

/** Messages and payload bytes per second. */
export interface Rate {
  readonly in: number;
  readonly out: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

interface Series {
  counters: Counters;
  at: number;
  rate: Rate;
  readonly in: number[];
  readonly out: number[];
  isSeen: boolean;
}

/** The number of points that a graph shows. */
export const points = 30;

const still: Rate = { in: 0, out: 0, bytesIn: 0, bytesOut: 0 };

/** The rates of sockets, computed from their counters in two answers. */
export class Rates {
  private readonly series = new Map<string, Series>();

  /** Notes the counters of a socket. @param at the time of the answer, ms. */
  note(key: string, counters: Counters, at: number): Rate {
    const known = this.series.get(key);
    if (!known) {
      this.series.set(key, { counters, at, rate: still, in: [], out: [], isSeen: true });
      return still;
    }
    known.isSeen = true;
    const seconds = (at - known.at) / 1000;
    if (seconds <= 0) return known.rate;
    // Counters begin at 0 with each connection of a client.
    const per = (name: keyof Counters) => Math.max(0, counters[name] - known.counters[name]) / seconds;
    known.rate = { in: per('messagesIn'), out: per('messagesOut'), bytesIn: per('bytesIn'), bytesOut: per('bytesOut') };
    known.counters = counters;
    known.at = at;
    add(known.in, known.rate.in);
    add(known.out, known.rate.out);
    return known.rate;
  }

  /** Returns the latest rates of a socket for a graph. */
  history(key: string): { readonly in: readonly number[]; readonly out: readonly number[] } {
    return this.series.get(key) ?? { in: [], out: [] };
  }

  rate(key: string): Rate {
    return this.series.get(key)?.rate ?? still;
  }

  /** Forgets the sockets that were not noted since the last call. */
  sweep(): void {
    for (const [key, series] of this.series) {
      if (!series.isSeen) this.series.delete(key);
      series.isSeen = false;
    }
  }

  clear(): void {
    this.series.clear();
  }
}

function add(list: number[], value: number): void {
  list.push(value);
  if (list.length > points) list.shift();
}

/** Returns the points of a graph, as the attribute of an SVG polyline. The newest is at the right edge. */
export function polyline(values: readonly number[], max: number, width: number, height: number): string {
  const step = width / (points - 1);
  const from = width - (values.length - 1) * step;
  const bottom = height - 1;
  return values.map((value, i) => `${round(from + i * step)},${round(bottom - (value / (max || 1)) * (height - 2))}`).join(' ');
}

const round = (value: number) => Math.round(value * 10) / 10;
