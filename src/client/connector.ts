import { type LookupAddress, lookup } from 'node:dns';
import type { Socket } from 'node:net';
import type { Guard } from '../core/log';
import type { Watch } from '../core/progress';
import { bareHost, portOf } from '../net/address';
import { dial } from '../net/dial';
import { lookupPublic } from '../net/private-address';
import { keepTcpAlive } from '../net/tcp-keep-alive';
import { connectThrough } from '../proxy/tunnel';
import type { ClientTls } from '../tls/context';

/** The option `createConnection` of `http.request`. */
export type Connector = (options: unknown, done: (error: Error | null, socket?: Socket) => void) => void;

/**
 * Returns a function that connects to the first address of a name that answers.
 *
 * @param connected is called when TCP is connected, before TLS.
 */
export function connectorByName(
  { url, tls, publicOnly }: { readonly url: URL; readonly tls: Partial<ClientTls>; readonly publicOnly: boolean },
  { cut, watch }: { readonly cut: AbortSignal; readonly watch: Watch | undefined },
  connected: (socket: Socket) => void,
  guard: Guard,
): Connector {
  const host = bareHost(url);
  return (_, done) => {
    const failed = guard((error: Error) => done(error));
    const reached = guard((socket: Socket) => {
      const { remoteAddress = '', remotePort = 0 } = socket;
      watch?.({ step: 'tcp', values: { address: remoteAddress, port: remotePort } });
      keepTcpAlive(socket);
      connected(socket);
      done(null, connectThrough(socket, url, tls));
    });
    const found = guard((error: Error | null, addresses?: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error || !addresses || !first) return done(error ?? new Error(`${host} has no address`));
      watch?.({ step: 'name', values: { host, address: first.address } });
      dial(addresses, portOf(url), cut).then(reached, failed);
    });
    if (publicOnly) lookupPublic(host, { all: true }, guard(found) as never);
    else lookup(host, { all: true }, guard(found));
  };
}
