/** Texts that show whether the time of a match grows faster than the length of a text. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Repetitions of the unit of an adversarial text. */
export const repeats = 100_000;
/** A linear match takes some ms, here and under load. A quadratic one has 5 × 10⁹ steps, which take seconds. */
export const maxMs = 400;
/** A busy machine may pause a thread, but not each time. */
const tries = 3;

/** A text: its beginning, the repeated unit, and its end. */
export type Evil = readonly [before: string, unit: string, after: string];

/** Characters that represent those of a class. */
const candidates = [...' \xa0\t\n\r\u20280a7fzAZ_-.:/?#@=,;&%+*~!$^|()[]{}<>"\'\\\x00\x1b\x7f\x85é–日\u202e\ud800'];
const mostOfAClass = 4;
const longestBegin = 16;

/** Returns the characters that each atom of a regular expression matches, in order. Groups, quantifiers and assertions are left out. */
function atomsOf({ source, flags }: RegExp): string[][] {
  const token =
    /\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[\da-f]{4}|\\x[\da-f]{2}|\\.|\(\?(?:<?[=!:]|<\w+>)|\{\d+(?:,\d*)?\}|./gisu;
  return [...source.matchAll(token)].flatMap(([text]) => {
    if (/^(?:\(.*|\{\d.*|[)|^$*+?])$/s.test(text) || /^\\b$/i.test(text)) return [];
    const matcher = new RegExp(`^(?:${text})$`, flags.replace(/[gmy]/g, ''));
    const fits = candidates.filter((sign) => matcher.test(sign));
    return fits.length > 0 ? [fits.slice(0, mostOfAClass)] : [[text.replace(/^\\/, '').slice(0, 1)]];
  });
}

/** Returns adversarial texts for a regular expression: repeated matching units, after a matching beginning and before an end that may not match. */
export function evilTexts(pattern: RegExp): Evil[] {
  const atoms = atomsOf(pattern);
  const firsts = atoms.map(([first = '']) => first);
  const begins = new Map<string, readonly [before: string, unit: string]>();
  const add = (before: string, unit: string) => void begins.set(JSON.stringify([before, unit]), [before, unit]);
  for (const unit of ['\xa0', ' ', '1', ...atoms.flat()]) add('', unit);
  for (const [i, atom] of atoms.entries()) {
    const before = firsts.slice(0, i).join('');
    for (const unit of atom) add(before, unit);
    // Many beginnings of the same match.
    if (i < longestBegin || (atoms[i + 1]?.length ?? 0) > 1) add('', `${before}${atom[0]}`);
    add('', firsts.slice(i, i + 2).join(''));
  }
  return [...begins.values()].flatMap(([before, unit]) => ['', '\n', '!\x00'].map((after) => [before, unit, after] as const));
}

/** Matches texts in a thread that can be ended. Posts the number of the one that takes too long, or −1. */
const thread = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ pattern, evils, repeats, tries, maxMs }) => {
    const took = (text) => {
      const begin = performance.now();
      if (pattern.global) text.replace(pattern, '');
      else pattern.test(text);
      return performance.now() - begin;
    };
    const isSlow = ([before, unit, after]) => {
      const text = before + unit.repeat(repeats) + after;
      for (let i = 0; i < tries; i++) if (took(text) < maxMs) return false;
      return true;
    };
    parentPort.postMessage(evils.findIndex(isSlow));
  });`;

/** Returns how long an action takes at best, ms. */
export function bestOf(action: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries && best >= maxMs; i++) {
    const begin = performance.now();
    action();
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

/** Matches regular expressions, each in bounded time. */
export class Matcher {
  private worker: Worker | undefined;

  /** @param timeoutMs ends a regular expression that has not matched all texts by then: an exponential match has no end. */
  constructor(private readonly timeoutMs = 20_000) {}

  /** Resolves with the text that takes too long, `'one of them'` where a match does not end, or `undefined`. */
  async slowOf(pattern: RegExp, evils = evilTexts(pattern)): Promise<Evil | 'one of them' | undefined> {
    this.worker ??= new Worker(thread, { eval: true });
    this.worker.postMessage({ pattern, evils, repeats, tries, maxMs });
    try {
      const [found] = (await once(this.worker, 'message', { signal: AbortSignal.timeout(this.timeoutMs) })) as [number];
      return evils[found];
    } catch {
      await this.end();
      return 'one of them';
    }
  }

  async end(): Promise<void> {
    await this.worker?.terminate();
    this.worker = undefined;
  }
}
