import type { Server } from 'node:http';
import type { Node } from '@node-red/registry';
import { type HttpHost, printable } from '../../src/index';
import type { RED } from './red';

/** Describes Node-RED's own HTTP server to our servers, which may share it. */
export const httpHost = (RED: RED): HttpHost => ({
  name: "Node-RED's HTTP server",
  get server() {
    return (RED.server as Server | null | undefined) ?? undefined;
  },
  // It is `false` where it is switched off. The core nodes then begin at / too.
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

/** Returns the path of the editor's own connection; `undefined` where the editor is switched off. */
function editorPath(RED: RED): string | undefined {
  const root = setting(RED, 'httpAdminRoot');
  if (root === false || setting(RED, 'disableEditor')) return undefined;
  return `/${root || ''}/comms`.replace(/\/{2,}/g, '/');
}

/** Settings that `@types/node-red` lacks or declares too narrowly. */
const setting = (RED: RED, name: string) => (RED.settings as unknown as Record<string, string | false | undefined>)[name];
