import { optionError, show } from '../core/errors';
import { printable } from '../core/text';
import { check } from './checks';
import { constraints, fill, ValidationIssue } from './expectations';
import type { Field, Fields, Values } from './field';

/** One source of options, by name: a config node's properties, or a message's payload. `undefined` means not set. */
export type Layer = Readonly<Record<string, unknown>>;

/**
 * Returns the values of a set of fields. The last layer that sets an option wins; otherwise the default applies.
 *
 * @throws SocketError `ERR_OPTION`, with the option, its constraint and the actual value.
 */
export function read<F extends Fields>(fields: F, ...layers: readonly Layer[]): Values<F> {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const given = layers.findLast((layer) => isGiven(layer, name))?.[name];
    if (given === undefined) {
      values[name] = field.default;
      continue;
    }
    const variable = typeof given === 'object' && given !== null ? unsetVariables.get(given) : undefined;
    if (variable !== undefined) throw unsetError(name, variable);
    const value = check(field, given);
    if (value instanceof ValidationIssue) throw issueError(name, value, field);
    values[name] = value;
  }
  return values as Values<F>;
}

/** The names of environment variables that are not set, by the values that replace them in a layer. */
const unsetVariables = new WeakMap<object, string>();

/** Returns the value of an option that uses an environment variable which is not set. It is an error unless a later layer sets the option. */
export function unsetVariable(variable: string): object {
  const value = {};
  unsetVariables.set(value, variable);
  return value;
}

const unsetError = (name: string, variable: string) =>
  optionError(
    `The option ${name} uses \${${printable(variable)}}, an environment variable that is not set: set it where Node-RED starts, or in the flow.`,
    undefined,
    name,
  );

const isGiven = (layer: Layer, name: string) => Object.hasOwn(layer, name) && layer[name] !== undefined;

/**
 * Returns the options that a layer sets, without unknown ones. Lists and objects are copied, so that a later change by the flow does not
 * change an option.
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
  // Credentials and header values (such as Authorization) are described, not shown.
  const secret = credential !== undefined || (kind === 'headers' && constraint.key !== 'headerName');
  const came =
    secret && typeof got === 'string' ? `a string of ${got.length} characters` : secret && typeof got === 'number' ? 'a number' : show(got);
  return optionError(
    `The option ${name}${printable(path)} must be ${fill(constraints[constraint.key], constraint.values)}; got ${came}.`,
    undefined,
    name,
  );
}
