import type { Node } from '@node-red/registry';
import { Bridge, bridgeOptions, type Layer, messageOf, OwnerStore, optionError, parseHosts, type Registry, read } from '../../src/index';
import { currentOptions } from './config-node';
import type { HttpIntercept } from './http-intercept';
import { type ConfigNode, createNode, type FlowDef, isWired, type RED, type Socket } from './red';
import { clearSocket, makeSocket, nodeLog } from './sockets';
import { StatusLine } from './status';

/** The owners of each bridge by the id of its node: events wait while the node is deployed again. */
const stores = new Map<string, OwnerStore>();

/** The constructor of the node that takes the plugin's commands over HTTP. */
export const bridgeNode = (RED: RED, registry: Registry, intercept: HttpIntercept) =>
  function (this: Node, def: FlowDef): void {
    createNode(RED, this, def);
    const log = nodeLog(this);
    const status = new StatusLine(RED, this);
    const made = new Map<number, Socket>();
    let close = async (_clear: (id: number) => Promise<void>) => {};
    try {
      close = listen(this, { RED, registry, intercept }, def, made, status);
    } catch (error) {
      status.fail(error);
      this.error(messageOf(error), {});
    }
    this.on('close', (removed: boolean, done: () => void) => {
      if (removed) stores.delete(this.id);
      const clear = async (id: number) => {
        const socket = made.get(id);
        if (socket) await clearSocket(registry, socket, removed);
      };
      Promise.resolve(clear)
        .then((cleared) => close(cleared))
        .catch((error) => log.error(error))
        .then(() => done())
        .catch((error) => log.error(error));
    });
  };

interface Runtime {
  readonly RED: RED;
  readonly registry: Registry;
  readonly intercept: HttpIntercept;
}

/**
 * Opens the bridge of a node.
 *
 * @returns a function that closes it.
 * @throws SocketError `ERR_OPTION`
 */
function listen(node: Node, { RED, registry, intercept }: Runtime, def: FlowDef, made: Map<number, Socket>, status: StatusLine) {
  const options = read(bridgeOptions, currentOptions(RED, node, def, bridgeOptions)());
  const { path, hosts, reach = [] } = options;
  const log = nodeLog(node);
  const store = stores.get(node.id) ?? new OwnerStore(log);
  stores.set(node.id, store);
  const allowed = parseHosts(hosts);
  const create = (side: Socket['side'], given: Layer) => {
    const socket = makeSocket(RED, registry, side, node, { base: () => ({}), given }, { checked: true, allows: allowed.allows });
    made.set(socket.id, socket);
    const off = socket.changes.on(({ state }) => {
      if (state !== 'cleared') return;
      made.delete(socket.id);
      off();
    });
    return socket;
  };
  const accepted = ({ status: payload, topic, owner, id }: { status: unknown; topic: string; owner: string; id: number | undefined }) => {
    if (isWired(node)) node.send({ payload, topic, owner, id } as never);
  };
  const fullPath = intercept.fullPath(path);
  const bridge = new Bridge(registry, store, { ...options, hosts: allowed, create, named: namedSockets(RED, reach), accepted }, log);
  const off = intercept.register(fullPath, (...request) => bridge.handle(...request));
  if (!off) {
    throw optionError(`The option path must be free; another bridge has ${fullPath}. Choose another path.`, undefined, 'path');
  }
  if (options.token) node.status({ fill: 'green', shape: 'dot', text: fullPath });
  else status.fail(optionError('The option token must be given: without a token every call is refused.', undefined, 'token'));
  return (clear: (id: number) => Promise<void>) => {
    off();
    return bridge.shutDown(clear);
  };
}

/** Returns the sockets of the config nodes that calls may use. They are looked up at each call, because a deploy replaces them. */
function namedSockets(RED: RED, ids: readonly string[]) {
  const nodes = () => ids.flatMap((id) => (RED.nodes.getNode(id) as ConfigNode | null) ?? []).filter(({ socket }) => socket);
  return {
    find: (side: Socket['side'], name: string) =>
      nodes().flatMap((node) => (node.name === name && node.socket.side === side ? [node.socket] : [])),
    nameOf: (id: number) => nodes().find(({ socket }) => socket.id === id)?.name,
  };
}
