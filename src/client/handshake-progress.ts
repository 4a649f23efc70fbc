import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Guard } from '../core/log';
import type { CertificateWords, Progress, Watch } from '../core/progress';
import { printable } from '../core/text';

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

type Named = Pick<X509Certificate, 'subject' | 'subjectAltName' | 'issuer' | 'validTo'>;

/** The steps that describe a certificate. A date that cannot be read has a step of its own. */
export function certificateSteps(certificate: Named): Progress[] {
  const values = certificateWords(certificate);
  const step = { step: 'certificate', values } as const;
  return isDate(values.validTo) ? [step] : [step, { step: 'unreadableDate', values: {} }];
}

/** Describes a certificate. Whoever made it chose its names and dates, so anything may be in them. */
export const certificateWords = ({ subject, subjectAltName, issuer, validTo }: Named): CertificateWords => ({
  subject: nameOf(subject) || cut(subjectAltName) || '–',
  issuer: nameOf(issuer) || '–',
  validTo: isDate(validTo) ? new Date(validTo).toISOString() : cut(validTo) || '–',
});

const isDate = (text: string | undefined): text is string => !Number.isNaN(Date.parse(text ?? ''));

/** The longest name or date that is shown, in characters. RFC 5280 allows 64 for a common name. */
const longestName = 128;
const cut = (text = '') => printable(text, longestName);

/** The part of a distinguished name that people know it by. Node has a part on each line, and nothing for an empty name. */
function nameOf(name: string | undefined): string {
  const parts = name?.split('\n') ?? [];
  const part = parts.find((one) => one.startsWith('CN=')) ?? parts.find((one) => one.startsWith('O='));
  return cut(part === undefined ? parts[0] : part.slice(part.indexOf('=') + 1));
}
