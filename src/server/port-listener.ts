import { lookup } from 'node:dns/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIP } from 'node:net';
import { deadline, untilAborted } from '../core/abort';
import { codeOf, messageOf, SocketError } from '../core/errors';
import { type Brief, type Failure, failureOf } from '../core/failure';
import type { Log } from '../core/log';
import { printable } from '../core/text';
import { authority } from '../net/address';
import type { ServerOptions } from '../options/server';
import { maxTimerMs } from '../options/shared';
import type { ServerTls } from '../tls/context';
import { followTls, liveTls } from '../tls/reload';
import { TcpAdmission } from './admission/tcp-admission';
import { UpgradeRules } from './admission/upgrade-rules';
import type { Listener, ListenerOwner, ListenOptions } from './listener';

/** The timeout for reading TLS files and looking up the host, s. A file system or a name server may never answer. */
const prepareTimeoutSecs = 8;

/**
 * Listens for WebSocket connections on its own port.
 *
 * @param stop aborts the steps before the server listens: reading TLS files and looking up the host name.
 * @throws SocketError `ERR_OPTION` if a certificate, key or CA cannot be used, or a secret is missing.
 */
export async function listenOnPort(
  options: ListenOptions,
  owner: ListenerOwner,
  log: Log,
  stop?: AbortSignal,
): Promise<Listener | Failure> {
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
    // Node limits the TLS handshake to two minutes. `handshakeTimeoutSecs` applies instead, so this limit is the maximum.
    const https = tls && createHttpsServer({ ...tls, handshakeTimeout: maxTimerMs });
    const admission = new TcpAdmission(https ?? createHttpServer(), tls, rules, options, owner, log);
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

/** The phases before the server listens. */
type Phase = 'files' | 'name';

const tooLate: Readonly<Record<Phase, (options: ListenOptions) => Explained>> = {
  files: () => [
    `its TLS files were not read within ${prepareTimeoutSecs} s. Check that their file system answers.`,
    'timedOut',
    'certFile',
  ],
  name: ({ host }) => [
    `the name ${host} was not resolved within ${prepareTimeoutSecs} s. Check the DNS settings of this machine.`,
    'timedOut',
    'host',
  ],
};

function listenFailure(error: unknown, { port, host, addressFamily }: ListenOptions): Explained {
  const code = codeOf(error);
  const known: Record<string, Explained> = {
    EADDRINUSE: [
      `port ${port} is in use (${code}). Stop the program that uses it (perhaps another server of this flow), or choose another port.`,
      'portInUse',
      'port',
    ],
    EADDRNOTAVAIL: [
      `${host} is not an address of this machine (${code}). Use 127.0.0.1, 0.0.0.0 or the address of a network interface.`,
      'noAddress',
      'host',
    ],
    EACCES: [`this user may not listen on port ${port} (${code}). Choose port 1024 or above.`, 'notAllowed', 'port'],
    ENOTFOUND: [`the name ${host} has no IPv${addressFamily} address (${code}). Check its spelling, or addressFamily.`, 'notFound', 'host'],
  };
  return known[code] ?? [`${messageOf(error)}.`, 'failed'];
}
