import { lookup } from 'node:dns/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIP } from 'node:net';
import { deadline, untilAborted } from '../core/abort';
import { codeOf, messageOf, optionError, SocketError } from '../core/errors';
import { type Brief, type Failure, failureOf } from '../core/failure';
import type { Log } from '../core/log';
import { printable } from '../core/text';
import { authority } from '../net/address';
import type { ServerOptions } from '../options/server';
import { longestMs } from '../options/shared';
import type { ServerTls } from '../tls/context';
import { followTls, liveTls } from '../tls/reload';
import { Admission, type ListenerOwner, type ListenOptions } from './admission/tcp-admission';
import { UpgradeRules } from './admission/upgrade-rules';
import type { SharedHttp } from './shared-http';
import { listenShared } from './shared-listener';

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

/** How long the reading of TLS files and the look-up of the host may take, s: a file system or a name server may never answer. */
const prepareTimeoutSecs = 8;

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
  const rules = new UpgradeRules(options);
  const scheme = options.tls || options.tlsConfig ? 'wss' : 'ws';
  let phase: Phase = 'files';
  let address = options.host;
  const prepare = deadline(prepareTimeoutSecs * 1000, stop);
  try {
    const live = await liveTls(options, prepare.signal);
    const tls = live?.tls;
    if (tls) owner.certified?.(tls);
    phase = 'name';
    prepare.signal.throwIfAborted();
    if (!isIP(address)) ({ address } = await untilAborted(lookup(address, { family: options.addressFamily }), prepare.signal));
    prepare.clear();
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
    if (error instanceof SocketError) throw error;
    const shown = { ...options, host: printable(options.host) };
    const [why, brief, option] = stop?.aborted ? stoppedFirst : prepare.isOver ? tooLate[phase](shown) : listenFailure(error, shown);
    return failureOf(`Could not listen on ${scheme}://${authority(shown.host, shown.port)}: ${why}`, { brief, option });
  } finally {
    prepare.clear();
  }
}

type Explained = readonly [why: string, brief: Brief, option?: keyof ServerOptions];

const stoppedFirst: Explained = ['it was stopped before it listened.', 'stopped'];

/** What comes before it listens. */
type Phase = 'files' | 'name';

const tooLate: Readonly<Record<Phase, (options: ListenOptions) => Explained>> = {
  files: () => [
    `its TLS files were not read within ${prepareTimeoutSecs} s. Check that their file system answers.`,
    'timedOut',
    'certFile',
  ],
  name: ({ host }) => [
    `the name ${host} was not found within ${prepareTimeoutSecs} s. Check the name server of this machine.`,
    'timedOut',
    'host',
  ],
};

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
