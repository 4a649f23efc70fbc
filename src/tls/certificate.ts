import type { X509Certificate } from 'node:crypto';
import type { CertificateWords, Progress } from '../core/progress';
import { printable } from '../core/text';

type Named = Pick<X509Certificate, 'subject' | 'subjectAltName' | 'issuer' | 'validTo'>;

/** Returns the steps that describe a certificate. An unreadable date has a separate step. */
export function certificateSteps(certificate: Named): Progress[] {
  const values = certificateWords(certificate);
  const step = { step: 'certificate', values } as const;
  return isDate(values.validTo) ? [step] : [step, { step: 'unreadableDate', values: {} }];
}

/** Describes a certificate. Its names and dates are untrusted and may contain any text. */
export const certificateWords = ({ subject, subjectAltName, issuer, validTo }: Named): CertificateWords => ({
  subject: nameOf(subject) || cut(subjectAltName) || '–',
  issuer: nameOf(issuer) || '–',
  validTo: isDate(validTo) ? new Date(validTo).toISOString() : cut(validTo) || '–',
});

const isDate = (text: string | undefined): text is string => !Number.isNaN(Date.parse(text ?? ''));

/** The maximum number of characters of a name or date that are shown. RFC 5280 allows 64 for a common name. */
const longestName = 128;
const cut = (text = '') => printable(text, longestName);

/** Returns the part of a distinguished name that identifies its owner. Node has one part per line, and `undefined` for an empty name. */
function nameOf(name: string | undefined): string {
  const parts = name?.split('\n') ?? [];
  const part = parts.find((one) => one.startsWith('CN=')) ?? parts.find((one) => one.startsWith('O='));
  return cut(part === undefined ? parts[0] : part.slice(part.indexOf('=') + 1));
}
