import { pathOf, type Registry, type SocketEvent } from '../../src/index';

/** Returns a function that gives the path of the connection of an event. Connections of a server have few paths. */
export function pathsOfServer(): (event: SocketEvent) => string | undefined {
  let latestUri: string | undefined;
  let path: string | undefined;
  return ({ payload: { uri } }) => {
    if (uri !== latestUri) {
      latestUri = uri;
      path = uri === undefined ? undefined : pathOf(uri);
    }
    return path;
  };
}

/** Returns the path of the URL of a client, unless its options are unusable now. */
function pathOfClient(registry: Registry, socket: number): string | undefined {
  try {
    const url = registry.client.find(socket)?.info().URL;
    return url ? pathOf(url) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a function that gives the path of the URL of a client, which changes only between connections. */
export function pathsOfClient(registry: Registry): (event: SocketEvent) => string | undefined {
  const paths = new Map<number, string>();
  return ({ type, socket }) => {
    const known = type === 0 ? paths.get(socket) : undefined;
    if (known !== undefined) return known;
    const path = pathOfClient(registry, socket);
    if (type > 1 || path === undefined) paths.delete(socket);
    else paths.set(socket, path);
    return path;
  };
}
