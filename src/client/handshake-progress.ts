import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Guard } from '../core/log';
import type { Watch } from '../core/progress';
import { certificateSteps } from '../tls/certificate';

/**
 * Reports the progress of a socket during the opening handshake, up to TLS.
 *
 * @param guard wraps the listeners, because they read data of a peer that is not verified yet.
 */
export function watchSocket(socket: Socket, watch: Watch, guard: Guard): void {
  // Once, because Node emits the event for each address of a name.
  socket.once(
    'lookup',
    guard((error: Error | null, address: string, _family: unknown, host: string) => {
      if (!error) watch({ step: 'name', values: { host, address } });
    }),
  );
  socket.once(
    'connect',
    guard(() => {
      const { remoteAddress = '', remotePort = 0 } = socket;
      watch({ step: 'tcp', values: { address: remoteAddress, port: remotePort } });
    }),
  );
  if (!(socket instanceof TLSSocket)) return;
  // Runs before Node verifies the certificate, because a rejected certificate is not available afterwards.
  socket.prependOnceListener(
    'secure',
    guard(() => {
      // Not `getPeerX509Certificate`: after that call, Node's host name check finds no names in the certificate (Node 20).
      const { raw } = socket.getPeerCertificate();
      if (raw) for (const step of certificateSteps(new X509Certificate(raw))) watch(step);
    }),
  );
  socket.once(
    'secureConnect',
    guard(() => watch({ step: 'tls', values: { protocol: socket.getProtocol() ?? '' } })),
  );
}
