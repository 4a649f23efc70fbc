import type { X509Certificate } from 'node:crypto';
import type { CertificateWords, Progress } from '../core/progress';
import { printable } from '../core/text';

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
