import { lookup } from 'node:dns/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIP } from 'node:net';
import { codeOf, messageOf, optionError } from '../errors';
import type { ServerOptions } from '../options/server';
import { longestMs } from '../options/shared';
import { authority } from './address';
import { Admission, type ListenerOwner, type ListenOptions } from './admission';
import type { Brief, Failure } from './failure';
import type { Log } from './log';
import type { SharedHttp } from './shared-http';
import { listenShared } from './shared-listener';
import type { ServerTls } from './tls';
import { followTls, liveTls } from './tls-reload';
import { UpgradeRules } from './upgrade-rules';

export interface Listener {
  /** Where it really listens. */
  readonly uri: string;
  readonly port: number;
  /** On a server that is shared: our path of it. */
  readonly path?: string;
  /** Stops listening and drops whoever has not been let in yet. The port is free when it settles. */
  close(): Promise<void>;
}

/**
 * The host that these options listen on: the loopback address of the family where none is given.
 *
 * @throws SocketError `ERR_OPTION` for an address of another family, and for a shared server without a path.
 */
export function listenAddress({ listenOn, path, host, addressFamily }: ServerOptions): { host: string } {
  if (listenOn === 'node-red') {
    const wish = 'given where listenOn is node-red, for instance /ws/chat: the rest of the port belongs to others';
    if (!path) throw optionError(`The option path must be ${wish}; got nothing.`, undefined, 'path');
    return { host: '' };
  }
  const address = host?.trim().replace(/^\[(.*)\]$/, '$1') || (addressFamily === 6 ? '::1' : '127.0.0.1');
  const family = isIP(address);
  if (family !== 0 && family !== addressFamily) {
    const wish = `a name or an IPv${addressFamily} address, as addressFamily says`;
    throw optionError(`The option host must be ${wish}; got the IPv${family} address ${address}.`, undefined, 'host');
  }
  return { host: address };
}

/**
 * Listens for WebSocket connections.
 *
 * @param stop ends the look-up of a host name, which a name server can draw out for long.
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
  const rules = new UpgradeRules(options);
  const live = await liveTls(options);
  const tls = live?.tls;
  const scheme = tls ? 'wss' : 'ws';
  const here = `${scheme}://${authority(options.host, options.port)}`;
  let address = options.host;
  try {
    stop?.throwIfAborted();
    if (!isIP(address)) ({ address } = await Promise.race([lookup(address, { family: options.addressFamily }), aborted(stop)]));
    // Node has a deadline of its own for the TLS handshake, two minutes. Ours decides.
    const https = tls && createHttpsServer({ ...tls, handshakeTimeout: longestMs });
    const admission = new Admission(https ?? createHttpServer(), tls, rules, options, owner, log);
    const bound = await admission.listen(address);
    const renewed = (fresh: ServerTls) => https?.setSecureContext(fresh);
    const unfollow = live && followTls(live, { renewed, warned: owner.warned }, log);
    return {
      uri: `${scheme}://${authority(bound.address, bound.port)}`,
      port: bound.port,
      close: () => {
        unfollow?.();
        return admission.close();
      },
    };
  } catch (error) {
    const [why, brief, option] = stop?.aborted ? stoppedFirst : listenFailure(error, options);
    return { errorStr: `Could not listen on ${here}: ${why}`, brief, option };
  }
}

const aborted = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));

type Explained = readonly [why: string, brief: Brief, option?: keyof ServerOptions];

const stoppedFirst: Explained = ['it was stopped before it listened.', 'stopped'];

function listenFailure(error: unknown, { port, host, addressFamily }: ListenOptions): Explained {
  const code = codeOf(error);
  const known: Record<string, Explained> = {
    EADDRINUSE: [
      `port ${port} is in use (${code}). Stop what listens there, another server of this flow perhaps, or choose another port.`,
      'portInUse',
      'port',
    ],
    EADDRNOTAVAIL: [
      `${host} is no address of this machine (${code}). Use 127.0.0.1, 0.0.0.0 or an address of a network card.`,
      'noAddress',
      'host',
    ],
    EACCES: [`this user may not listen on port ${port} (${code}). Choose a port from 1024 up.`, 'notAllowed', 'port'],
    ENOTFOUND: [`the name ${host} has no IPv${addressFamily} address (${code}). Check its spelling, or addressFamily.`, 'notFound', 'host'],
  };
  return known[code] ?? [`${messageOf(error)}.`, 'failed'];
}
