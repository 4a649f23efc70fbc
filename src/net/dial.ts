import type { LookupAddress } from 'node:dns';
import { connect, type Socket } from 'node:net';
import { codeOf } from '../core/errors';
import { guardWith } from '../core/log';

/** The time after which the next address is tried beside the earlier ones, ms (RFC 8305, section 8). */
export const nextAddressMs = 250;

/**
 * Connects to the first address that answers (RFC 8305, section 5). No address is given up for another one: Node's `autoSelectFamily` would
 * leave a host whose TCP handshake takes longer than 250 ms, and never return to it.
 *
 * @param cut ends every attempt.
 * @throws the error of the only address, or an AggregateError with the code of the first; any error after `cut` was aborted.
 */
export function dial(addresses: readonly LookupAddress[], port: number, cut: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const waiting = interleaved(addresses);
    const sockets = new Set<Socket>();
    const errors: Error[] = [];
    let timer: NodeJS.Timeout | undefined;
    const end = (winner?: Socket) => {
      clearTimeout(timer);
      cut.removeEventListener('abort', stop);
      for (const socket of sockets) if (socket !== winner) socket.destroy();
      waiting.length = 0;
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const guard = guardWith(fail);
    const stop = guard(() => fail(new Error('The attempt was aborted.')));
    const next = guard(() => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (!address) return;
      const socket = connect({ host: address.address, port, family: address.family });
      sockets.add(socket);
      // Never removed: the error of an abandoned attempt must not end the process.
      socket.on(
        'error',
        guard((error: Error) => {
          errors.push(error);
          sockets.delete(socket);
          if (waiting.length > 0) next();
          else if (sockets.size === 0) fail(combined(errors));
        }),
      );
      socket.once(
        'connect',
        guard(() => {
          end(socket);
          resolve(socket);
        }),
      );
      if (waiting.length > 0) timer = setTimeout(next, nextAddressMs);
    });
    if (cut.aborted) return stop();
    cut.addEventListener('abort', stop, { once: true });
    next();
  });
}

/** Orders the addresses so that the families alternate, beginning with that of the first (RFC 8305, section 4). */
function interleaved(addresses: readonly LookupAddress[]): LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const other = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const ordered: LookupAddress[] = [];
  for (let i = 0; i < Math.max(first.length, other.length); i++) ordered.push(...first.slice(i, i + 1), ...other.slice(i, i + 1));
  return ordered;
}

function combined(errors: readonly Error[]): Error {
  const [first] = errors;
  if (errors.length === 1 && first) return first;
  return Object.assign(new AggregateError(errors), { code: codeOf(first) });
}
