import type { Node } from '@node-red/registry';
import type { RED } from './red';

/** `@types/node-red` lacks it; Node-RED's own substitution uses it. */
type GetSetting = (node: Node | undefined, name: string) => unknown;

/**
 * Returns a function that reads the properties of a node from the flow and replaces each `${NAME}` by the current environment.
 * Node-RED replaces them once, before the constructor; a client that reconnects for weeks needs current values.
 */
export function currentProperties(RED: RED, node: Node, def: object): () => Record<string, unknown> {
  // Looked up once: a change of the node's properties creates the node again.
  let properties: object | undefined;
  return () => {
    properties ??= written(RED, node, def);
    return expand(RED, node, properties) as Record<string, unknown>;
  };
}

/** Does the same for the credentials, which Node-RED stores apart from the flow. */
export function currentCredentials(RED: RED, node: Node): Record<string, unknown> {
  const { _alias } = node as Node & { _alias?: string };
  return expand(RED, node, RED.nodes.getCredentials(_alias ?? node.id) ?? {}) as Record<string, unknown>;
}

/** Returns the deployed properties. A node in a subflow instance has those of the node in the subflow's template. */
export function written(RED: RED, node: Node, def: object): object {
  const ids = [(node as Node & { _alias?: string })._alias, node.id];
  let found: object | undefined;
  RED.nodes.eachNode((each) => {
    if (ids.includes(each.id)) found = each;
  });
  return found ?? def;
}

/**
 * Returns a value with each `${NAME}` in it replaced.
 *
 * @param node the node whose environment is used; `undefined`: that of the process.
 * @param found is called with each name and its value, `undefined` if the name is not set.
 */
export function expand(RED: RED, node: Node | undefined, value: unknown, found?: (name: string, value: unknown) => void): unknown {
  if (Array.isArray(value)) return value.map((one) => expand(RED, node, one, found));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, expand(RED, node, one, found)]));
  }
  const name = typeof value === 'string' ? /^\$\{([^}]+)\}$/.exec(value)?.[1] : undefined;
  if (name === undefined) return value;
  const setting = (RED.util as unknown as { getSetting: GetSetting }).getSetting(node, name);
  found?.(name, setting);
  return setting ?? value;
}
