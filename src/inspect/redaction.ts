import { redactor } from '../conversation';
import type { Fields } from '../options/field';

/** The longest secret that is looked for, characters. A longer one is a certificate or a key, which frames do not contain. */
const maxSecret = 8192;

/** Hides the secrets of a socket in its frames. */
export class Redaction {
  /** The length of the longest secret as it may be written, so that a cut does not leave a part of one. */
  longest = 0;
  private readonly secrets = new Set<string>();
  private hide: (text: string) => string = (text) => text;
  private hideBytes: (text: string) => string = (text) => text;

  /** Adds the secrets of options. Those of earlier options stay: earlier frames may contain them. */
  add(fields: Fields, values: Readonly<Record<string, unknown>>): void {
    const before = this.secrets.size;
    for (const [name, { credential, kind }] of Object.entries(fields)) {
      const value = values[name];
      const found = kind === 'secrets' ? Object.values((value ?? {}) as object) : credential === 'password' ? [value] : [];
      for (const secret of found) if (typeof secret === 'string' && secret !== '' && secret.length <= maxSecret) this.secrets.add(secret);
    }
    if (this.secrets.size === before) return;
    const all = [...this.secrets];
    this.longest = Math.max(...all.map((secret) => Math.max(JSON.stringify(secret).length, Buffer.byteLength(secret))));
    this.hide = redactor(Object.fromEntries(all.entries()));
    this.hideBytes = redactor(Object.fromEntries(all.map((secret) => Buffer.from(secret).toString('latin1')).entries()));
  }

  text(text: string): string {
    return this.hide(text);
  }

  bytes(bytes: Buffer): Buffer {
    if (this.secrets.size === 0) return bytes;
    return Buffer.from(this.hideBytes(bytes.toString('latin1')), 'latin1');
  }
}
