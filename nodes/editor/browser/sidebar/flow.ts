import type { Owner } from '../../../live';
import { word } from '../translate';

/** The users of a config node that were shown, so that the next click shows the next one. */
const shown = new Map<string, number>();

/** Shows the node of a socket: itself in the flow, or one after the other the nodes that use it. */
export function reveal({ node }: Owner): void {
  const found = RED.nodes.node(node) as (EditedNode & { readonly users?: readonly EditedNode[]; readonly z?: string }) | null;
  if (!found) return void RED.notify(word('live.noNode'), 'warning');
  const users = (found.users ?? []).filter(({ z }) => z);
  if (users.length === 0) return RED.view.reveal(node);
  const next = ((shown.get(node) ?? -1) + 1) % users.length;
  shown.set(node, next);
  RED.view.reveal((users[next] as EditedNode).id);
}

/** Opens the form of a config node. */
export function edit({ node, type }: Owner): void {
  RED.editor.editConfig('', type, node);
}

/** Returns whether a node is a config node that the editor has. */
export const isConfig = ({ node, type }: Owner): boolean => /^ix-(client|server)$/.test(type) && RED.nodes.node(node) !== null;
