import type { Node } from '@node-red/registry';
import { Computed, type Field } from '../../src/index';
import type { RED } from './red';

/** `@types/node-red` lacks it; Node-RED's own substitution uses it. */
type GetSetting = (node: Node | undefined, name: string) => unknown;

/**
 * Returns a function that gives the properties of a node as the flow holds them, with each `${NAME}` in them. Node-RED replaces `${NAME}`
 * once, before the constructor, and only as a whole value; a client that reconnects for weeks needs current values.
 */
export function writtenProperties(RED: RED, node: Node, def: object): () => Record<string, unknown> {
  // Looked up once: a change of the node's properties creates the node again.
  let properties: Record<string, unknown> | undefined;
  return () => (properties ??= written(RED, node, def));
}

/** Does the same for the credentials, which Node-RED stores apart from the flow. */
export function writtenCredentials(RED: RED, node: Node): Record<string, unknown> {
  const { _alias } = node as Node & { _alias?: string };
  return { ...(RED.nodes.getCredentials(_alias ?? node.id) as object | undefined) };
}

/** Returns the deployed properties. A node in a subflow instance has those of the node in the subflow's template. */
export function written(RED: RED, node: Node, def: object): Record<string, unknown> {
  const ids = [(node as Node & { _alias?: string })._alias, node.id];
  let found: object | undefined;
  RED.nodes.eachNode((each) => {
    if (ids.includes(each.id)) found = each;
  });
  return { ...(found ?? def) };
}

/**
 * Returns the value of an option with each `${NAME}` in it replaced. `found` is called with each name and its value, `undefined` for a name
 * that is not set. In the middle of a secret, such a name is taken for a part of the secret.
 */
export function expandOption(RED: RED, node: Node | undefined, field: Field, value: unknown, found: Found): unknown {
  const isPart = field.credential && wholeName(value) === undefined;
  return expand(RED, node, value, (name, setting) => {
    if (setting !== undefined || !isPart) found(name, setting);
  });
}

type Found = (name: string, value: unknown) => void;

/**
 * Returns a value with each `${NAME}` in it replaced: as a whole value, by a value of any type; inside a text, by a text.
 *
 * @param node the node whose environment is used; `undefined`: that of the process.
 * @param found is called with each name and its value, `undefined` if the name is not set.
 */
export function expand(RED: RED, node: Node | undefined, value: unknown, found?: Found): unknown {
  if (value instanceof Computed) return value;
  if (Array.isArray(value)) return value.map((one) => expand(RED, node, one, found));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, expand(RED, node, one, found)]));
  }
  if (typeof value !== 'string') return value;
  const settingOf = (name: string): unknown => {
    const setting = (RED.util as unknown as { getSetting: GetSetting }).getSetting(node, name);
    found?.(name, setting);
    return setting;
  };
  const whole = wholeName(value);
  if (whole !== undefined) return settingOf(whole) ?? value;
  return value.replace(/\$\{([^{}]+)\}/g, (text, name: string) => String(settingOf(name) ?? text));
}

const wholeName = (value: unknown) => (typeof value === 'string' ? /^\$\{([^}]+)\}$/.exec(value)?.[1] : undefined);
