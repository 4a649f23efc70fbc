import { createHash, timingSafeEqual } from 'node:crypto';
import { optionError } from '../../core/errors';
import { printable } from '../../core/text';
import type { ServerOptions } from '../../options/server';

/** What an upgrade request shows to be let in. */
export interface PresentedCredentials {
  /** The header Authorization. */
  readonly authorization: string | undefined;
  /** What stands in the query parameter that `tokenParameter` names. */
  readonly parameter: string | undefined;
}

/** Who came, or why nobody may; `isWrong` where credentials were shown, and missing ones are not a guess. */
export type AuthenticationResult =
  | { readonly user?: string }
  | { readonly why: string; readonly challenge: string; readonly isWrong?: true };

/**
 * The check that `auth` asks for.
 *
 * @throws SocketError `ERR_OPTION` if a secret is missing: a server that waits for one must not let in whoever shows none.
 */
export function authentication(options: ServerOptions): (shown: PresentedCredentials) => AuthenticationResult {
  switch (options.auth) {
    case 'basic':
      return basic(secret('user', options), secret('password', options));
    case 'bearer':
      return bearer(secret('token', options));
    default:
      return () => ({});
  }
}

/** RFC 7617. */
function basic(user: string, password: string) {
  if (user.includes(':')) throw optionError('The option user must be a text without a colon (RFC 7617, section 2).', undefined, 'user');
  const isRight = comparison(`${user}:${password}`);
  const challenge = 'Basic realm="WebSocket", charset="UTF-8"';
  return ({ authorization }: PresentedCredentials): AuthenticationResult => {
    const given = credentials('basic', authorization);
    if (given === undefined) return { why: 'it shows no user and password, which auth asks for', challenge };
    return isRight(Buffer.from(given, 'base64')) ? { user } : { why: 'its user or its password is wrong', challenge, isWrong: true };
  };
}

/** RFC 6750, sections 2.1 and 2.3. */
function bearer(token: string) {
  const isRight = comparison(token);
  const challenge = 'Bearer realm="WebSocket"';
  return ({ authorization, parameter }: PresentedCredentials): AuthenticationResult => {
    const header = credentials('bearer', authorization);
    if (!header && !parameter) return { why: 'it shows no token, which auth asks for', challenge };
    // Node reads headers byte by byte.
    if (isRight(Buffer.from(header ?? '', 'latin1')) || isRight(Buffer.from(parameter ?? ''))) return {};
    return { why: 'its token is wrong', challenge: `${challenge}, error="invalid_token"`, isWrong: true };
  };
}

/** What follows the scheme in a header Authorization. */
function credentials(scheme: string, authorization = ''): string | undefined {
  const [, named = '', rest] = /^(\S+) +(\S.*)$/.exec(authorization.trim()) ?? [];
  return named.toLowerCase() === scheme ? rest : undefined;
}

/** Compares in a time that tells neither where two texts differ nor how long ours is. */
function comparison(right: string): (given: Buffer) => boolean {
  const digest = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest();
  const expected = digest(right);
  return (given) => timingSafeEqual(digest(given), expected);
}

function secret(option: 'user' | 'password' | 'token', options: ServerOptions): string {
  const value = options[option];
  if (!value)
    throw optionError(`The option ${option} is needed: auth is ${options.auth}, and nobody may come in without.`, undefined, option);
  // Node-RED leaves the name where the environment has no such variable. Whoever guesses the name would come in.
  if (/^\$\{[^}]+\}$/.test(value)) {
    throw optionError(`The option ${option} names an environment variable that is not set, ${printable(value)}.`, undefined, option);
  }
  return value;
}
