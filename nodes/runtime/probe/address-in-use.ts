import type { Server } from 'node:http';
import { type Failure, ServerSocket, type Step } from '../../../src/index';
import type { ProbeFailure } from '../../probe';
import type { ConfigNode, RED } from '../red';

type Found = Step | ProbeFailure;

/** Returns which config node uses a port. The deployed server of the same form counts as a success. */
export function portInUse(RED: RED, id: string, port: number, { errorStr }: Failure): Found {
  const owner = ownerOf(RED, (listening) => !listening.path && listening.port === port);
  if (owner?.id === id) return { step: 'own', values: { port } };
  if (owner) return { option: 'port', key: 'probe.portOfServer', values: { port, name: owner.name || owner.id } };
  const nodeRed = (RED.server as Server | undefined)?.address();
  if (typeof nodeRed === 'object' && nodeRed?.port === port) return { option: 'port', key: 'probe.portOfNodeRed', values: { port } };
  return { errorStr, option: 'port' };
}

/** Does the same for a path of a shared server. */
export function pathInUse(RED: RED, id: string, path: string, { errorStr }: Failure): Found {
  const owner = ownerOf(RED, (listening) => listening.path === path);
  if (owner?.id === id) return { step: 'ownPath', values: { path } };
  if (owner) return { option: 'path', key: 'probe.pathOfServer', values: { path, name: owner.name || owner.id } };
  return { errorStr, option: 'path' };
}

/** Returns the config node whose server listens at an address. */
function ownerOf(RED: RED, isThere: (listening: NonNullable<ServerSocket['listening']>) => boolean): ConfigNode | undefined {
  let owner: ConfigNode | undefined;
  RED.nodes.eachNode(({ id, type }) => {
    const node = type === 'ix-server' ? (RED.nodes.getNode(id) as ConfigNode | null) : null;
    if (node?.socket instanceof ServerSocket && node.socket.listening && isThere(node.socket.listening)) owner ??= node;
  });
  return owner;
}
