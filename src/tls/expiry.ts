import { X509Certificate } from 'node:crypto';
import { certificateWords } from './certificate';

const dayMs = 24 * 60 * 60 * 1000;
/** The days before expiry on which a warning is given, once each. */
const warningDays = [1, 7, 30];

/** Warns before a certificate expires. It has no timer, so the user of the certificate calls `check` periodically. */
export class Expiry {
  private certificate: { readonly subject: string; readonly validTo: string; readonly fingerprint: string } | undefined;
  private readonly issuedWarnings = new Set<string>();

  /**
   * @param warn is called with a sentence.
   * @param now milliseconds since 1970.
   */
  constructor(
    private readonly warn: (sentence: string) => void,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** Sets the certificate to check, as DER or PEM. */
  follow(encoded: string | Buffer): void {
    const certificate = new X509Certificate(encoded);
    this.certificate = { ...certificateWords(certificate), fingerprint: certificate.fingerprint256 };
    this.check();
  }

  check(): void {
    if (!this.certificate) return;
    const { subject, validTo, fingerprint } = this.certificate;
    const daysLeft = (Date.parse(validTo) - this.now()) / dayMs;
    const reached = warningDays.find((days) => daysLeft <= days);
    const warning = `${reached} ${fingerprint}`;
    if (reached === undefined || this.issuedWarnings.has(warning)) return;
    this.issuedWarnings.add(warning);
    this.warn(`The certificate of ${subject}, which this server presents, ${expires(validTo, daysLeft)}. Replace it with a new one.`);
  }
}

function expires(validTo: string, daysLeft: number): string {
  if (daysLeft <= 0) return `expired on ${validTo}, and clients no longer accept it`;
  const days = Math.round(daysLeft);
  return `expires on ${validTo}, ${days > 1 ? `in ${days} days` : 'within a day'}`;
}
