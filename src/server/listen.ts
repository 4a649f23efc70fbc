import { isIP } from 'node:net';
import { optionError } from '../core/errors';
import type { Failure } from '../core/failure';
import type { Log } from '../core/log';
import type { ServerOptions } from '../options/server';
import type { Listener, ListenerOwner, ListenOptions } from './listener';
import { listenOnPort } from './port-listener';
import type { SharedHttp } from './shared-http';
import { listenShared } from './shared-listener';

/**
 * Returns the host that these options listen on. The default is the loopback address of the family.
 *
 * @throws SocketError `ERR_OPTION` for an address of another family or a shared server without a path.
 */
export function listenAddress({ listenOn, path, host, addressFamily }: ServerOptions): { host: string } {
  if (listenOn === 'node-red') {
    const constraint = 'given where listenOn is node-red, for instance /ws/chat: the rest of the port belongs to others';
    if (!path) throw optionError(`The option path must be ${constraint}; got nothing.`, undefined, 'path');
    return { host: '' };
  }
  const address = host?.trim().replace(/^\[(.*)\]$/, '$1') || (addressFamily === 6 ? '::1' : '127.0.0.1');
  const family = isIP(address);
  if (family !== 0 && family !== addressFamily) {
    const constraint = `a name or an IPv${addressFamily} address, as addressFamily says`;
    throw optionError(`The option host must be ${constraint}; got the IPv${family} address ${address}.`, undefined, 'host');
  }
  return { host: address };
}

/**
 * Listens for WebSocket connections.
 *
 * @param stop aborts the steps before the server listens: reading TLS files and looking up the host name.
 * @param shared the HTTP server to listen on if `listenOn` is `node-red`.
 * @throws SocketError `ERR_OPTION` if a certificate, key or CA cannot be used, or a secret is missing.
 */
export async function listen(
  options: ListenOptions,
  owner: ListenerOwner,
  log: Log,
  stop?: AbortSignal,
  shared?: SharedHttp,
): Promise<Listener | Failure> {
  if (options.listenOn === 'node-red') return listenShared(options, shared, owner, log, stop);
  return listenOnPort(options, owner, log, stop);
}
