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
 * The host that these options listen on: the loopback address of the family where none is given.
 *
 * @throws SocketError `ERR_OPTION` for an address of another family, and for a shared server without a path.
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
 * @param stop ends what comes before it listens: the reading of TLS files and the look-up of a host name.
 * @param shared the HTTP server to listen on, where the options ask for that.
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
