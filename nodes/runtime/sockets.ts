import type { Node } from '@node-red/registry';
import {
  ClientSocket,
  type Layer,
  type Log,
  messageOf,
  oneLine,
  type Registry,
  ServerSocket,
  type SharedHttp,
  shutdownCodes,
} from '../../src/index';
import type { Socket } from './red';

/** Returns a log that writes to the log of a node. */
export const nodeLog = (node: Node): Log => ({
  warn: (sentence) => node.warn(oneLine(sentence)),
  error: (cause) => node.error(`Something went wrong inside the node: ${messageOf(cause)}. Please report it.`),
});

/**
 * Creates a socket that a node owns.
 *
 * @param checked reject options that are not usable. A config node creates its socket anyway, since a start command may
 * give better options.
 * @throws SocketError `ERR_OPTION`
 */
export function makeSocket(
  registry: Registry,
  side: Socket['side'],
  owner: Node,
  layers: { base: () => Layer; given: Layer },
  { checked }: { checked: boolean },
): Socket {
  const make =
    <S extends Socket>(Class: new (id: number, base: () => Layer, given: Layer, log: Log, shared?: SharedHttp) => S) =>
    (id: number) => {
      const socket = new Class(id, layers.base, layers.given, nodeLog(owner), registry.shared);
      if (checked) socket.check();
      return socket;
    };
  return side === 'client' ? registry.client.create(make(ClientSocket)) : registry.server.create(make(ServerSocket));
}

/**
 * Ends a socket that a node owned.
 *
 * @param removed the node is deleted or disabled; otherwise it is redeployed, or Node-RED stops.
 */
export function clearSocket(registry: Registry, socket: Socket, removed: boolean): Promise<void> {
  const shutdownCode = removed ? shutdownCodes.removed : shutdownCodes.restarted;
  return socket.side === 'client' ? registry.client.clear(socket, shutdownCode) : registry.server.clear(socket, shutdownCode);
}
