import type { Server } from 'node:http';
import type { Node } from '@node-red/registry';
import { type HttpHost, printable } from '../../src/index';
import type { RED } from './red';

/** Node-RED's own HTTP server, as far as servers of ours may share it. */
export const httpHost = (RED: RED): HttpHost => ({
  name: "Node-RED's HTTP server",
  get server() {
    return (RED.server as Server | null | undefined) ?? undefined;
  },
  // Switched off it is false: the core nodes then begin at / too.
  get root() {
    return setting(RED, 'httpNodeRoot') || '/';
  },
  owner(path) {
    if (path === editorPath(RED)) return 'the editor';
    let owner: string | undefined;
    RED.nodes.eachNode(({ id, type }) => {
      if (type !== 'websocket-listener') return;
      const node = RED.nodes.getNode(id) as (Node & { readonly fullPath?: string }) | null;
      if (node?.fullPath === path) owner = `the websocket-listener ${printable(node.name || node.id)} of Node-RED's own nodes`;
    });
    return owner;
  },
});

/** Where the editor has its own connection; it has none where it is switched off. */
function editorPath(RED: RED): string | undefined {
  const root = setting(RED, 'httpAdminRoot');
  if (root === false || setting(RED, 'disableEditor')) return undefined;
  return `/${root || ''}/comms`.replace(/\/{2,}/g, '/');
}

/** `@types/node-red` has some of them, and not all that they can be. */
const setting = (RED: RED, name: string) => (RED.settings as unknown as Record<string, string | false | undefined>)[name];
