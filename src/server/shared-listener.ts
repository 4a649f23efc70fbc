import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { deadline } from '../core/abort';
import { type Brief, type Failure, failureOf } from '../core/failure';
import { guarded, type Log } from '../core/log';
import { printable } from '../core/text';
import { authority } from '../net/address';
import { keepTcpAlive } from '../net/tcp-keep-alive';
import type { ServerOptions } from '../options/server';
import { UpgradeHandler, type UpgradeRequest } from './admission/upgrade-handler';
import { UpgradeRules } from './admission/upgrade-rules';
import type { Listener, ListenerOwner } from './listener';
import type { OnUpgrade, SharedHttp } from './shared-http';

/** The timeout for the HTTP server to listen, ms. Flows start before Node-RED's server listens. */
const listenTimeoutMs = 10_000;

/**
 * Listens on a path of a shared HTTP server. Closing the listener leaves the HTTP server running.
 *
 * @param stop aborts the wait for the server to listen.
 * @throws SocketError `ERR_OPTION` if a secret is missing.
 */
export async function listenShared(
  options: ServerOptions,
  shared: SharedHttp | undefined,
  owner: ListenerOwner,
  log: Log,
  stop?: AbortSignal,
): Promise<Listener | Failure> {
  const { path = '' } = options;
  const failed = (why: string, brief: Brief, option?: keyof ServerOptions): Failure =>
    failureOf(`Could not listen on the path ${printable(path)} of ${shared?.host.name ?? 'a shared HTTP server'}: ${why}`, {
      brief,
      option,
    });
  const server = shared?.host.server;
  if (!server) return failed('it does not exist here. Set listenOn to own.', 'noServer', 'listenOn');
  const fullPath = shared.fullPath(path);
  const pathOwner = shared.owner(fullPath);
  if (pathOwner !== undefined) return failed(`${printable(fullPath)} is in use by ${pathOwner}. Choose another path.`, 'pathInUse', 'path');

  const { onUpgrade, close } = upgradeListener({ ...options, path: fullPath }, () => shared.host.owner(fullPath), owner, log);
  const unregister = shared.register(server, fullPath, onUpgrade);
  const leave = () => {
    unregister();
    close();
  };
  try {
    if (!server.listening) await untilListening(server, stop);
    return { ...placeOf(server, fullPath), path: fullPath, close: async () => leave() };
  } catch {
    leave();
    if (stop?.aborted) return failed('it was stopped before it listened.', 'stopped');
    return failed('the server is not listening; its HTTP may be switched off. Set listenOn to own.', 'noServer', 'listenOn');
  }
}

/** Waits until the server listens. Rejects on timeout, or if `stop` aborts. */
async function untilListening(server: HttpServer, stop: AbortSignal | undefined): Promise<void> {
  const late = deadline(listenTimeoutMs, stop);
  try {
    await once(server, 'listening', { signal: late.signal });
  } finally {
    late.clear();
  }
}

/** Returns the listener that admits upgrades to a path. The HTTP server handles everything before the upgrade request. */
function upgradeListener(options: ServerOptions, currentOwner: () => string | undefined, owner: ListenerOwner, log: Log) {
  const rules = new UpgradeRules(options);
  const upgrades = new UpgradeHandler(rules, options, log, owner.ask);
  const open = new Set<Duplex>();
  const onUpgrade: OnUpgrade = (request, socket, head) => {
    const requestInfo = rules.requestInfo(request);
    const { uri, remoteIp, remotePort } = requestInfo;
    const pathOwner = currentOwner();
    if (pathOwner !== undefined) {
      // The other owner was added by a later deploy, and it answers this upgrade as well.
      const reason = `The upgrade was left to ${pathOwner}, which also uses the path ${printable(options.path ?? '')}. Choose another path for one of them.`;
      return owner.rejected({ reason, http_status: 0, kind: 'pathTaken', uri, remoteIp, remotePort });
    }
    const limit = options.maxConnections;
    const full = open.size >= limit ? `${open.size} connections are open, as many as maxConnections allows` : undefined;
    const count = () => {
      if (open.has(socket)) return;
      open.add(socket);
      socket.once(
        'close',
        guarded(log, () => void open.delete(socket)),
      );
    };
    const upgradeRequest: UpgradeRequest = {
      requestInfo,
      asked: count,
      admitted: (admitted) => {
        count();
        keepTcpAlive(socket);
        owner.admitted(admitted);
      },
      rejected: (rejection) => owner.rejected({ ...rejection, uri, remoteIp, remotePort }),
    };
    upgrades.decide(request, socket, head, upgradeRequest, full);
  };
  return { onUpgrade, close: () => upgrades.close() };
}

/** Returns the URL and port of a path on a listening server. A server on a pipe has no port, so its port is 0. */
function placeOf(server: HttpServer, path: string): Pick<Listener, 'uri' | 'port'> {
  const scheme = server instanceof TlsServer ? 'wss' : 'ws';
  const address = server.address();
  if (typeof address === 'string' || !address) return { uri: `${scheme}+unix:${address}:${path}`, port: 0 };
  return { uri: `${scheme}://${authority(address.address, address.port)}${path}`, port: address.port };
}
