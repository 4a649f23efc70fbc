import type { Node, NodeAPI, NodeDef } from '@node-red/registry';
import type { ClientSocket, ServerSocket } from '../../src/index';

/** What @types/node-red leaves out, or has otherwise than the runtime. */
export type RED = NodeAPI;
export type Socket = ClientSocket | ServerSocket;

export interface FlowDef extends NodeDef {
  readonly [property: string]: unknown;
}

/** A config node as the nodes that name it see it. */
export interface ConfigNode extends Node {
  readonly socket: Socket;
  /** The options of the form, read anew at each call. */
  readonly layer: () => Readonly<Record<string, unknown>>;
  /** The nodes that name this one, by id: Node-RED gives their Catch and Status nodes what happens here. */
  readonly users: Record<string, Node>;
}

export const isTrue = (property: unknown) => property === true || property === 'true';

/**
 * The config node that a flow node names.
 *
 * @returns `undefined` if it names none, `'missing'` if there is no such node of the right type.
 */
export function findConfig(RED: RED, def: FlowDef, side: 'client' | 'server' | undefined): ConfigNode | 'missing' | undefined {
  const id = side && def[side];
  if (!id) return undefined;
  const node = RED.nodes.getNode(String(id)) as ConfigNode | null;
  return node?.type === `ix-${side}` ? node : 'missing';
}

/** Has the config node know its user, until the user closes. */
export function use(config: ConfigNode, node: Node): void {
  config.users[node.id] = node;
  node.on('close', () => {
    delete config.users[node.id];
  });
}

/**
 * Whether anything is wired to a node, or to one port of it. To be asked each time: Node-RED replaces the wires of a node that is not
 * otherwise changed without making it anew.
 */
export function isWired(node: Node, port?: number): boolean {
  const { wires } = node as Node & { wires?: readonly unknown[][] };
  if (!wires) return true;
  return port === undefined ? wires.some((each) => each.length > 0) : (wires[port]?.length ?? 0) > 0;
}
