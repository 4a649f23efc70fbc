import type { Node, NodeAPI, NodeDef } from '@node-red/registry';
import { type ClientSocket, type ServerSocket, SocketError } from '../../src/index';

/** Types that @types/node-red lacks or declares differently from the runtime. */
export type RED = NodeAPI;
export type Socket = ClientSocket | ServerSocket;

export interface FlowDef extends NodeDef {
  readonly [property: string]: unknown;
}

/** A config node, as seen by the nodes that use it. */
export interface ConfigNode extends Node {
  readonly socket: Socket;
  /** Returns the options of the form, read again at each call. */
  readonly layer: () => Readonly<Record<string, unknown>>;
  /** The nodes that use this one, by id. Node-RED passes statuses and errors of this node to their Status and Catch nodes. */
  readonly users: Record<string, Node>;
}

export const isTrue = (property: unknown) => property === true || property === 'true';

/**
 * Returns the config node that a flow node names.
 *
 * @returns `undefined` if it names none, `'missing'` if the node does not exist or has another type.
 */
export function findConfig(RED: RED, def: FlowDef, side: 'client' | 'server' | undefined): ConfigNode | 'missing' | undefined {
  const id = side && def[side];
  if (!id) return undefined;
  const node = RED.nodes.getNode(String(id)) as ConfigNode | null;
  return node?.type === `ix-${side}` ? node : 'missing';
}

/** Registers a node as a user of a config node until the node closes. */
export function use(config: ConfigNode, node: Node): void {
  config.users[node.id] = node;
  node.on('close', () => {
    delete config.users[node.id];
  });
}

/**
 * Returns whether a node, or one port of it, is wired. Call it each time: Node-RED replaces the wires of an otherwise unchanged
 * node without creating it again.
 */
export function isWired(node: Node, port?: number): boolean {
  const { wires } = node as Node & { wires?: readonly unknown[][] };
  if (!wires) return true;
  return port === undefined ? wires.some((each) => each.length > 0) : (wires[port]?.length ?? 0) > 0;
}

/**
 * Initializes a node, as the first statement of its constructor.
 *
 * Node-RED makes a metric of every message that a node receives, sends and completes, and offers it to every log handler, even if none
 * takes metrics. This is a third of the time of a message, so our nodes make metrics only if a log handler takes them.
 */
export function createNode(RED: RED, node: Node, def: NodeDef): void {
  RED.nodes.createNode(node, def);
  const { metric } = RED.log as unknown as { metric?: () => boolean };
  if (metric && !metric()) (node as Node & { metric: () => boolean }).metric = noMetrics;
  reportTexts(node);
}

const noMetrics = () => false;

/** The part of Node-RED's flow that finds the Catch nodes of an error. `@types/node-red` lacks it; `node.error` uses it. */
interface ErrorHandling {
  handleError?(node: Node, error: unknown, msg: object): boolean;
}

/**
 * Has the errors of a node appear in the debug sidebar and in the log as texts. Node-RED shows an error object collapsed, and cuts its
 * sentence. Catch nodes still get the error, with its code.
 */
function reportTexts(node: Node): void {
  const report = node.error.bind(node) as (error: unknown, msg?: object) => void;
  const { _flow: flow } = node as Node & { readonly _flow?: ErrorHandling };
  node.error = (error: unknown, msg?: object) => {
    const isCaught = error instanceof SocketError && msg && flow?.handleError ? flow.handleError(node, error, msg) : undefined;
    if (isCaught === undefined) report(error, msg);
    else if (!isCaught) report((error as SocketError).message);
  };
}
