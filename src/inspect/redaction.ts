import type { ClientSocket } from '../client/client';
import { redactor } from '../conversation';
import { clientOptions } from '../options/client';
import type { Field, Fields } from '../options/field';
import { serverOptions } from '../options/server';
import type { ServerSocket } from '../server/server';

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
    for (const secret of Object.entries(fields).flatMap(([name, field]) => secretsOf(name, field, values[name]))) {
      if (typeof secret === 'string' && secret !== '' && secret.length <= maxSecret) this.secrets.add(secret);
    }
    if (this.secrets.size === before) return;
    const all = [...this.secrets];
    this.longest = Math.max(...all.map((secret) => Math.max(JSON.stringify(secret).length, Buffer.byteLength(secret))));
    this.hide = redactor(Object.fromEntries(all.entries()));
    this.hideBytes = redactor(Object.fromEntries(all.map((secret) => Buffer.from(secret).toString('latin1')).entries()));
  }

  /** Adds the secrets of a socket. */
  follow(socket: ClientSocket | ServerSocket): void {
    if (socket.side === 'client') this.add(clientOptions, { ...socket.attempts.tried });
    else this.add(serverOptions, valuesOf(socket));
  }

  text(text: string): string {
    return this.hide(text);
  }

  bytes(bytes: Buffer): Buffer {
    if (this.secrets.size === 0) return bytes;
    return Buffer.from(this.hideBytes(bytes.toString('latin1')), 'latin1');
  }
}

function secretsOf(name: string, { credential, kind }: Field, value: unknown): unknown[] {
  if (kind === 'secrets') return Object.values((value ?? {}) as object);
  if (name === 'headers') return authorizations(value);
  if (name === 'URL') return passwords(value);
  return credential === 'password' ? [value] : [];
}

/** Returns the credentials in the header Authorization: the whole value, and the part after the scheme. */
function authorizations(headers: unknown): string[] {
  const found = Object.entries((headers ?? {}) as object).flatMap(([name, value]) =>
    name.toLowerCase() === 'authorization' ? [String(value)] : [],
  );
  return found.flatMap((value) => [value, value.replace(/^\S+\s+/, '')]);
}

/** Returns the password in a URL, as it is written and decoded. */
function passwords(url: unknown): string[] {
  try {
    const { password } = new URL(String(url));
    return [password, decodeURIComponent(password)];
  } catch {
    return [];
  }
}

/** Returns the options of a server. Those that are not usable contain no secrets of its connections. */
function valuesOf(server: ServerSocket): Readonly<Record<string, unknown>> {
  try {
    return server.values;
  } catch {
    return {};
  }
}
