import type { Node } from '@node-red/registry';
import { ClientSocket, type Layer, type Log, messageOf, oneLine, type Registry, ServerSocket, shutdownCodes } from '../../src/index';
import { expressionsOf } from './expressions';
import type { RED, Socket } from './red';
import { warnRefusals } from './refusals';

/** The node that owns each socket. */
const owners = new WeakMap<Socket, Node & { readonly _alias?: string }>();
export const ownerOf = (socket: Socket) => owners.get(socket);

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
 * @param allows returns whether a client may connect to a URL.
 * @throws SocketError `ERR_OPTION`
 */
export function makeSocket(
  RED: RED,
  registry: Registry,
  side: Socket['side'],
  owner: Node,
  { base, given }: { base: () => Layer; given: Layer },
  { checked, allows }: { checked: boolean; allows?: (url: URL) => boolean },
): Socket {
  const log = nodeLog(owner);
  const expressions = expressionsOf(RED, owner);
  const ready = <S extends Socket>(socket: S) => {
    if (checked) socket.check();
    owners.set(socket, owner);
    return socket;
  };
  return side === 'client'
    ? registry.client.create((id) => ready(new ClientSocket(id, base, given, log, expressions, allows, registry.decisions)))
    : registry.server.create((id) => {
        const server = ready(new ServerSocket(id, base, given, log, registry.shared, expressions, registry.decisions));
        warnRefusals(RED, server, owner);
        return server;
      });
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
