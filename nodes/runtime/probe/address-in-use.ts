import type { Server } from 'node:http';
import { type Failure, ServerSocket, type Step } from '../../../src/index';
import type { ProbeFailure } from '../../probe';
import type { ConfigNode, RED } from '../red';

type Found = Step | ProbeFailure;

/** Who has the port that a server could not have. That it is the very server whose options are tried, as it is deployed, is no failure. */
export function portInUse(RED: RED, id: string, port: number, { errorStr }: Failure): Found {
  const holder = holderOf(RED, (listening) => !listening.path && listening.port === port);
  if (holder?.id === id) return { step: 'own', values: { port } };
  if (holder) return { option: 'port', key: 'probe.portOfServer', values: { port, name: holder.name || holder.id } };
  const nodeRed = (RED.server as Server | undefined)?.address();
  if (typeof nodeRed === 'object' && nodeRed?.port === port) return { option: 'port', key: 'probe.portOfNodeRed', values: { port } };
  return { errorStr, option: 'port' };
}

/** The same of a path of a shared server. */
export function pathInUse(RED: RED, id: string, path: string, { errorStr }: Failure): Found {
  const holder = holderOf(RED, (listening) => listening.path === path);
  if (holder?.id === id) return { step: 'ownPath', values: { path } };
  if (holder) return { option: 'path', key: 'probe.pathOfServer', values: { path, name: holder.name || holder.id } };
  return { errorStr, option: 'path' };
}

/** The config node whose server listens where it is asked for. */
function holderOf(RED: RED, isThere: (listening: NonNullable<ServerSocket['listening']>) => boolean): ConfigNode | undefined {
  let holder: ConfigNode | undefined;
  RED.nodes.eachNode(({ id, type }) => {
    const node = type === 'ix-server' ? (RED.nodes.getNode(id) as ConfigNode | null) : null;
    if (node?.socket instanceof ServerSocket && node.socket.listening && isThere(node.socket.listening)) holder ??= node;
  });
  return holder;
}
