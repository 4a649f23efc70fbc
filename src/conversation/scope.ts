import { createHash, createHmac, randomUUID } from 'node:crypto';
import { isRecord } from '../core/record';
import type { Scope } from './value';

export interface ScopeFunctions extends Readonly<Record<string, unknown>> {
  next(name?: string): number;
}

/** The functions that every expression of a protocol may call. One set for each connection, since `$next` starts at 1 on each. */
export function scopeFunctions(secrets: Readonly<Record<string, string>>): ScopeFunctions {
  const counters = new Map<string, number>();
  const next = (name = '') => {
    const count = (counters.get(String(name)) ?? 0) + 1;
    counters.set(String(name), count);
    return count;
  };
  return {
    secret: (name: string, otherwise?: string) => {
      if (typeof name === 'string' && Object.hasOwn(secrets, name)) return secrets[name];
      if (otherwise === undefined) throw new Error(`The secret ${String(name)} is not set`);
      return otherwise;
    },
    hash: (algorithm: string, text: string, encoding = 'hex') => digest(createHash(algorithm), text, encoding),
    hmac: (algorithm: string, key: string, text: string, encoding = 'hex') => digest(createHmac(algorithm, key), text, encoding),
    uuid: () => randomUUID(),
    next,
  };
}

const encodings = new Set(['hex', 'base64', 'base64url']);

function digest(hash: { update(text: string): { digest(encoding: 'hex'): string } }, text: string, encoding: string): string {
  if (!encodings.has(encoding)) throw new Error(`The encoding ${encoding} is not one of ${[...encodings].join(', ')}`);
  return hash.update(String(text)).digest(encoding as 'hex');
}

/** Returns a scope: the input, the functions, and more bindings. */
export const scopeOf = (input: unknown, functions: Readonly<Record<string, unknown>>, more: object = {}): Scope => ({
  input,
  bindings: { ...functions, ...more },
});

/** Returns the secrets of a socket, which a form stores as an object. */
export const secretsOf = (value: unknown): Readonly<Record<string, string>> =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
    : {};
