/** Between a property as a flow holds it and the text of its form field. Pure. */
import { check } from '../../src/options/checks';
import { ValidationIssue } from '../../src/options/expectations';
import { isTyped } from '../../src/options/typed-value';
import { nodeTypes } from '../settings';
import type { Property } from './properties';

/** A whole value that Node-RED replaces by an environment variable. */
export const isEnv = (value: unknown): value is string => typeof value === 'string' && /^\s*\$\{[^}]+\}\s*$/.test(value);

/** A text in which an environment variable is filled in when the flow starts. */
const holdsEnv = (value: unknown): value is string => typeof value === 'string' && /\$\{[^{}]+\}/.test(value);

/** Nothing is set: the default holds. */
export const isEmpty = (value: unknown) => value === undefined || value === null || value === '';

/** Returns the text of a value in the form. */
export function asText(value: unknown): string {
  if (isEmpty(value)) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * The value to keep for a text: of the option's own type where the text fits, else the text itself, so that what was
 * typed is still there, and still marked, when the form is opened again.
 */
export function asValue(property: Property, text: string): unknown {
  if (text.trim() === '') return '';
  if (isEnv(text)) return text.trim();
  if (problemOf(property, text)) return text;
  const value = shaped(property, text);
  if (holdsEnv(value)) return text;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0 ? value : '';
  return check(property.field, value);
}

/** The fault of a value: the key of a sentence in the catalogue, its values, and the position inside the value. */
export interface Problem {
  readonly key: string;
  readonly values?: Record<string, string | number> | undefined;
  readonly path: string;
}

/** Runs the runtime's own check. An empty value, and an environment variable, are accepted. */
export function problemOf(property: Property, value: unknown): Problem | undefined {
  if (isEmpty(value) || isEnv(value)) return undefined;
  if (nodeTypes[property.kind]) return undefined;
  const toCheck = shaped(property, value);
  if (holdsEnv(toCheck) || isComputed(property, toCheck)) return undefined;
  const checked = check(property.field, withoutEnv(toCheck));
  return checked instanceof ValidationIssue
    ? { key: `constraints.${checked.constraint.key}`, values: checked.constraint.values, path: checked.path }
    : undefined;
}

/** A URL that is computed. */
const isComputed = ({ kind }: Property, value: unknown) => kind === 'url' && isTyped(value);

/** Returns the expressions in a value. */
export function expressionsIn({ kind }: Property, value: unknown): string[] {
  const fields = kind === 'url' ? [value] : kind === 'headers' && typeof value === 'object' ? Object.values(value ?? {}) : [];
  return fields.flatMap((field) => (isTyped(field) && field.type === 'jsonata' ? [String(field.value)] : []));
}

/** Entries of a list or an object that are environment variables are filled in when the flow starts, and those with a type are computed. */
function withoutEnv(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((entry) => !holdsEnv(entry));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => !holdsEnv(entry) && !isTyped(entry)));
}

const lists: readonly Property['kind'][] = ['subProtocols', 'origins', 'networks'];

/** Lists and objects are text while their form is open. */
export function shaped({ kind }: Property, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (kind === 'url') return /^\s*\{/.test(value) ? parse(value) : value;
  if (kind === 'headers' || kind === 'deflate' || kind === 'json') return parse(value);
  if (kind === 'names' && /^\s*\[/.test(value)) return parse(value);
  if (!lists.includes(kind)) return value;
  return /^\s*\[/.test(value) ? parse(value) : value.split(',').map((name) => name.trim());
}

/** Returns the value of JSON text, or the text itself. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
