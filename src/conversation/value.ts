import { messageOf } from '../core/errors';
import { isTyped } from '../options/typed-value';
import { protocolError } from './faults';

/** The input of an expression (`$`) and its bindings (`$NAME`), which include functions. */
export interface Scope {
  readonly input: unknown;
  readonly bindings: Readonly<Record<string, unknown>>;
}

/** Node-RED's expressions and contexts, which `src` does not know. */
export interface Expressions {
  /** Compiles a JSONata expression. @throws any error if the text does not parse. */
  compile(text: string): (input: unknown, bindings: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** Returns an environment variable, or a value of the flow or global context. */
  contextValue(type: 'env' | 'flow' | 'global', name: string): Promise<unknown>;
}

/** A value: known, or computed when it is needed. */
export type Value = { readonly literal: unknown } | { readonly evaluate: (scope: Scope) => Promise<unknown> };

/** The context in which the values of a description are read. */
export interface Reading {
  /** Absent if all values are literals: a message never brings an expression. */
  readonly expressions?: Expressions | undefined;
  /** Collects the secrets that expressions need, each with its first place. */
  readonly needed?: Map<string, string>;
}

/**
 * Compiles a value: a literal, or a typed field `{ type, value }` of a config node.
 *
 * @throws SocketError `ERR_OPTION`
 */
export function compileValue(raw: unknown, place: string, reading: Reading): Value {
  const { expressions } = reading;
  if (raw === undefined || raw === null) throw protocolError(place, 'a value', raw);
  if (!expressions || !isTyped(raw)) return { literal: raw };
  const { type, value } = raw;
  switch (type) {
    case 'str':
      return { literal: value };
    case 'json':
      return { literal: typeof value === 'string' ? parseJson(value, place) : value };
    case 'bin':
      return { literal: toBytes(value, place) };
    case 'jsonata': {
      const evaluate = compileExpression(value, place, { ...reading, expressions });
      return { evaluate: async ({ input, bindings }) => evaluate(input, bindings) };
    }
    default: {
      if (typeof value !== 'string' || value === '') throw protocolError(place, 'a name', value);
      return { evaluate: () => expressions.contextValue(type, value) };
    }
  }
}

/** Returns the secrets that an expression requires. `$secret(name, otherwise)` has a default, so that secret may be absent. */
export const secretsIn = (expression: string): string[] =>
  [...expression.matchAll(/\$secret\(\s*["']([^"']+)["']\s*\)/g)].map(([, name = '']) => name);

/** Compiles a JSONata expression. @throws SocketError `ERR_OPTION` */
export function compileExpression(
  value: unknown,
  place: string,
  { expressions, needed }: Reading & { expressions: Expressions },
): ReturnType<Expressions['compile']> {
  if (typeof value !== 'string' || value.trim() === '') throw protocolError(place, 'a JSONata expression', value);
  for (const name of secretsIn(value)) if (!needed?.has(name)) needed?.set(name, place);
  try {
    return expressions.compile(value);
  } catch (error) {
    throw protocolError(place, `a JSONata expression that can be parsed (${messageOf(error)})`, value);
  }
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw protocolError(place, `JSON (${messageOf(error)})`, text);
  }
}

/** A typed field of bytes holds the JSON of a text or of a list of numbers, as Node-RED stores it. */
function toBytes(value: unknown, place: string): Buffer {
  const given = typeof value === 'string' ? parseJson(value, place) : value;
  // The editor, which only checks the field, has no Buffer.
  if (typeof given === 'string' || Array.isArray(given)) return globalThis.Buffer?.from(given as string) as Buffer;
  throw protocolError(place, 'a list of bytes', value);
}
