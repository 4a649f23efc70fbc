import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Guard } from '../core/log';
import type { Watch } from '../core/progress';
import { certificateSteps } from '../tls/certificate';

/**
 * Reports how far the socket of an opening handshake comes, up to TLS.
 *
 * @param guard of the listeners: they read what the peer chose, before it is verified.
 */
export function watchSocket(socket: Socket, watch: Watch, guard: Guard): void {
  // Once only: there is one for each address of a name.
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
  // Before Node verifies the certificate: of one that it does not accept nothing is left afterwards.
  socket.prependOnceListener(
    'secure',
    guard(() => {
      // Not `getPeerX509Certificate`: after it Node's check of the host name finds no names in the certificate (Node 20).
      const { raw } = socket.getPeerCertificate();
      if (raw) for (const step of certificateSteps(new X509Certificate(raw))) watch(step);
    }),
  );
  socket.once(
    'secureConnect',
    guard(() => watch({ step: 'tls', values: { protocol: socket.getProtocol() ?? '' } })),
  );
}
