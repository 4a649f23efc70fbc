import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { CertificateWords, Watch } from './progress';

/** Tells how far the socket of an opening handshake comes, up to TLS. */
export function watchSocket(socket: Socket, watch: Watch): void {
  // Once only: there is one for each address of a name.
  socket.once('lookup', (error, address, _family, host) => {
    if (!error) watch({ step: 'name', values: { host, address } });
  });
  socket.once('connect', () => {
    const { remoteAddress = '', remotePort = 0 } = socket;
    watch({ step: 'tcp', values: { address: remoteAddress, port: remotePort } });
  });
  if (!(socket instanceof TLSSocket)) return;
  // Before Node verifies the certificate: of one that it does not accept nothing is left afterwards.
  socket.prependOnceListener('secure', () => {
    // Not `getPeerX509Certificate`: after it Node's check of the host name finds no names in the certificate (Node 20).
    const { raw } = socket.getPeerCertificate();
    if (raw) watch({ step: 'certificate', values: certificateWords(new X509Certificate(raw)) });
  });
  socket.once('secureConnect', () => watch({ step: 'tls', values: { protocol: socket.getProtocol() ?? '' } }));
}

export const certificateWords = ({ subject, subjectAltName, issuer, validTo }: X509Certificate): CertificateWords => ({
  subject: nameOf(subject) || subjectAltName || '–',
  issuer: nameOf(issuer) || '–',
  validTo: new Date(validTo).toISOString(),
});

/** The part of a distinguished name that people know it by. Node has a part on each line, and nothing for an empty name. */
function nameOf(name: string | undefined): string | undefined {
  return /^CN=(.*)$/m.exec(name ?? '')?.[1] ?? /^O=(.*)$/m.exec(name ?? '')?.[1] ?? name?.split('\n')[0];
}
