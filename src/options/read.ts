import { optionError, show } from '../core/errors';
import { printable } from '../core/text';
import { check } from './checks';
import { constraints, fill, ValidationIssue } from './expectations';
import type { Field, Fields, Values } from './field';

/** One source of options, by name: a config node's properties, or a message's payload. `undefined` means not given. */
export type Layer = Readonly<Record<string, unknown>>;

/**
 * The values of a set of fields: the last layer that gives an option wins, and the default holds where none does.
 *
 * @throws SocketError `ERR_OPTION`, naming the option, what it must be and what came.
 */
export function read<F extends Fields>(fields: F, ...layers: readonly Layer[]): Values<F> {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const given = layers.findLast((layer) => isGiven(layer, name))?.[name];
    if (given === undefined) {
      values[name] = field.default;
      continue;
    }
    const value = check(field, given);
    if (value instanceof ValidationIssue) throw issueError(name, value, field);
    values[name] = value;
  }
  return values as Values<F>;
}

const isGiven = (layer: Layer, name: string) => Object.hasOwn(layer, name) && layer[name] !== undefined;

/**
 * The given ones among a layer's options, without those that the fields do not know. Lists and objects are copied: what
 * a flow does later to its own changes no option.
 */
export function pick(fields: Fields, layer: Layer): Layer {
  const known = Object.keys(fields).filter((name) => !fields[name]?.formOnly && isGiven(layer, name));
  return Object.fromEntries(known.map((name) => [name, copy(layer[name])]));
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? { ...value } : value;
}

function issueError(name: string, { constraint, got, path }: ValidationIssue, { credential, kind }: Field) {
  // Credentials and header values (Authorization is one) are described, not shown.
  const secret = credential !== undefined || (kind === 'headers' && constraint.key !== 'headerName');
  const came =
    secret && typeof got === 'string' ? `a text of ${got.length} characters` : secret && typeof got === 'number' ? 'a number' : show(got);
  return optionError(
    `The option ${name}${printable(path)} must be ${fill(constraints[constraint.key], constraint.values)}; got ${came}.`,
    undefined,
    name,
  );
}
