import { X509Certificate } from 'node:crypto';
import type { Failure } from '../core/failure';
import type { Log } from '../core/log';
import type { Step } from '../core/progress';
import type { ServerOptions } from '../options/server';
import { certificateSteps, certificateWords } from '../tls/certificate';
import { leafOf } from '../tls/context';
import { listen, listenAddress } from './listen';
import type { ListenerOwner } from './listener';
import type { SharedHttp } from './shared-http';

/**
 * Tests the options of a server: listens, admits no connection, and stops. Everything is released when it settles.
 *
 * @param stop aborts the steps before it listens.
 * @throws SocketError `ERR_OPTION`
 */
export async function probeServer(
  options: ServerOptions,
  stop: AbortSignal,
  tell: (step: Step) => void,
  log: Log,
  shared?: SharedHttp,
): Promise<Failure | undefined> {
  const address = listenAddress(options);
  const nobody: ListenerOwner = {
    admitted: ({ ws }) => ws.terminate(),
    rejected() {},
    warned() {},
    certified(tls) {
      const certificate = new X509Certificate(leafOf(tls));
      for (const step of certificateSteps(certificate)) tell(step);
      const { validTo } = certificateWords(certificate);
      if (Date.parse(validTo) < Date.now()) tell({ step: 'expired', values: { validTo } });
    },
  };
  const listener = await listen({ ...options, ...address, maxConnections: 0 }, nobody, log, stop, shared);
  if ('errorStr' in listener) return listener;
  tell({ step: 'listening', values: { uri: listener.uri } });
  await listener.close();
  return undefined;
}
