import type { Node } from '@node-red/registry';
import type { RED } from './red';

/** `@types/node-red` lacks it; Node-RED's own substitution uses it. */
type GetSetting = (node: Node | undefined, name: string) => unknown;

/**
 * The properties of a node as they stand in the flow, with every value that is `${NAME}` replaced by the environment as
 * it is now. Node-RED does the same once, before the constructor; a client that reconnects for weeks wants it fresh.
 */
export function currentProperties(RED: RED, node: Node, def: object): () => Record<string, unknown> {
  // Found once: a change of the node's own properties makes the node anew.
  let properties: object | undefined;
  return () => {
    properties ??= written(RED, node, def);
    return expand(RED, node, properties) as Record<string, unknown>;
  };
}

/** The same of a node's credentials, which Node-RED keeps apart from the flow. */
export function currentCredentials(RED: RED, node: Node): Record<string, unknown> {
  const { _alias } = node as Node & { _alias?: string };
  return expand(RED, node, RED.nodes.getCredentials(_alias ?? node.id) ?? {}) as Record<string, unknown>;
}

/** The properties as they were deployed; those of a node inside a subflow's instance stand under the subflow's own. */
function written(RED: RED, node: Node, def: object): object {
  const ids = [(node as Node & { _alias?: string })._alias, node.id];
  let found: object | undefined;
  RED.nodes.eachNode((each) => {
    if (ids.includes(each.id)) found = each;
  });
  return found ?? def;
}

/**
 * A value with every `${NAME}` in it replaced.
 *
 * @param node whose environment it is: `undefined` has that of the process alone.
 * @param found is told of each, and of what stands for it; nothing does where it is `undefined`.
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
