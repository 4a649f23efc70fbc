/** The choices of a new server, and the URL that clients connect to. Pure. */

/** The purpose of a new server. */
export type Start = 'machine' | 'network' | 'nodeRed' | 'page';

const ownPort = { listenOn: 'own', path: '', allowedOrigins: '' } as const;
const shared = { listenOn: 'node-red', path: '/ws', allowedOrigins: '' } as const;

/** The options that each choice sets. */
export const starts: Readonly<Record<Start, Readonly<Record<string, string>>>> = {
  machine: { ...ownPort, host: '' },
  network: { ...ownPort, host: '0.0.0.0' },
  nodeRed: shared,
  page: shared,
};

/** The addresses that a browser knows of the Node-RED that it edits. */
export interface Place {
  /** That of the editor's page, as in `location`. */
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly httpNodeRoot: string;
  /** The address of the machine in its network, or `''`. */
  readonly machine: string;
}

/** The options that decide the URL. */
interface Listening {
  readonly listenOn: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly tls: boolean;
}

export interface Address {
  readonly url: string;
  /** Only programs on the machine of Node-RED reach it. */
  readonly isLocal: boolean;
}

/** @returns `undefined` if the port is not known before the server listens. */
export function addressOf({ listenOn, host, port, path, tls }: Listening, place: Place): Address | undefined {
  // A path pattern matches many paths. This is the shortest of them.
  const target = path.trim().replace(/\*$/, '') || '/';
  if (listenOn === 'node-red') {
    const root = `/${place.httpNodeRoot}/`.replace(/\/{2,}/g, '/').slice(0, -1);
    return { url: `${place.protocol.replace('http', 'ws')}//${place.host}${root}${target}`, isLocal: isLoopback(place.hostname) };
  }
  if (!/^[1-9]\d*$/.test(port.trim())) return undefined;
  const name = reachable(host.trim(), place);
  const literal = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  return { url: `${tls ? 'wss' : 'ws'}://${literal}:${port.trim()}${target}`, isLocal: isLoopback(name) };
}

/** Returns the name by which clients reach a server that listens on a host. */
function reachable(host: string, { hostname, machine }: Place): string {
  if (host === '') return '127.0.0.1';
  if (!/^(0\.0\.0\.0|\[?::\]?)$/.test(host)) return host;
  return isLoopback(hostname) ? machine || '127.0.0.1' : hostname;
}

export const isLoopback = (host: string) => /^(localhost|127\.[\d.]+|\[?::1\]?)$/i.test(host);

/** Returns a line of JavaScript that connects a web page. */
export const scriptOf = (url: string) =>
  `const socket = new WebSocket(${JSON.stringify(url)}); socket.onopen = () => socket.send("hello"); socket.onmessage = ({ data }) => console.log(data);`;

/**
 * Returns the allowed origins for a web page.
 *
 * @param text the address of the page.
 * @param url the URL of the server.
 * @returns `''` if the default allows it, because it has the host of the server; `undefined` for a text that is not the address of a page.
 */
export function originsFor(text: string, url: string): readonly string[] | '' | undefined {
  const page = /^https?:\/\//i.test(text.trim()) ? pageOf(text.trim()) : undefined;
  if (!page) return undefined;
  return page.hostname === pageOf(url.replace(/^ws/, 'http'))?.hostname ? '' : ['same host', page.origin];
}

function pageOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
