import { createHash, timingSafeEqual } from 'node:crypto';
import { optionError } from '../../core/errors';
import { printable } from '../../core/text';
import type { ServerOptions } from '../../options/server';

/** The credentials in an upgrade request. */
export interface PresentedCredentials {
  /** The header Authorization. */
  readonly authorization: string | undefined;
  /** The value of the query parameter that `tokenParameter` names. */
  readonly parameter: string | undefined;
  /** The token in an offered subprotocol, after the prefix that `tokenSubProtocol` sets. */
  readonly subProtocol?: string | undefined;
}

/** The authenticated user, or the reason for a rejection. `isWrong` marks wrong credentials. Missing ones do not count as a guess. */
export type AuthenticationResult =
  | { readonly user?: string }
  | { readonly why: string; readonly challenge: string; readonly isWrong?: true };

/**
 * Returns the check that `auth` selects.
 *
 * @throws SocketError `ERR_OPTION` if a secret is missing. Without this error, the server could admit a client without credentials.
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

/** Returns the check of Basic authentication (RFC 7617). */
function basic(user: string, password: string) {
  if (user.includes(':'))
    throw optionError('The option user must not contain a colon (RFC 7617, section 2). Choose another user name.', undefined, 'user');
  const isRight = comparison(`${user}:${password}`);
  const challenge = 'Basic realm="WebSocket", charset="UTF-8"';
  return ({ authorization }: PresentedCredentials): AuthenticationResult => {
    const given = credentials('basic', authorization);
    if (given === undefined) return { why: 'it shows no user and password, which auth asks for', challenge };
    return isRight(Buffer.from(given, 'base64')) ? { user } : { why: 'its user or its password is wrong', challenge, isWrong: true };
  };
}

/** Returns the check of a bearer token (RFC 6750, sections 2.1 and 2.3; and in a subprotocol). */
function bearer(token: string) {
  const isRight = comparison(token);
  const challenge = 'Bearer realm="WebSocket"';
  return ({ authorization, parameter, subProtocol }: PresentedCredentials): AuthenticationResult => {
    const header = credentials('bearer', authorization);
    if (!header && !parameter && !subProtocol) return { why: 'it shows no token, which auth asks for', challenge };
    // Node decodes headers as Latin-1, so Latin-1 restores the bytes.
    if (isRight(Buffer.from(header ?? '', 'latin1')) || isRight(Buffer.from(parameter ?? ''))) return {};
    // A subprotocol has fewer characters than a token may have, so clients also send it in base64url (RFC 4648, section 5).
    if (subProtocol && (isRight(Buffer.from(subProtocol)) || isRight(Buffer.from(subProtocol, 'base64url')))) return {};
    return { why: 'its token is wrong', challenge: `${challenge}, error="invalid_token"`, isWrong: true };
  };
}

/** Returns the part after the scheme of a header Authorization; `undefined` for another scheme. */
function credentials(scheme: string, authorization = ''): string | undefined {
  const [, named = '', rest] = /^(\S+) +(\S.*)$/.exec(authorization.trim()) ?? [];
  return named.toLowerCase() === scheme ? rest : undefined;
}

/** Returns a constant-time comparison. Its time reveals neither the position of a difference nor the length of the secret. */
function comparison(right: string): (given: Buffer) => boolean {
  const digest = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest();
  const expected = digest(right);
  return (given) => timingSafeEqual(digest(given), expected);
}

function secret(option: 'user' | 'password' | 'token', options: ServerOptions): string {
  const value = options[option];
  if (!value)
    throw optionError(`The option ${option} is required because auth is ${options.auth}. Set it, or set auth to none.`, undefined, option);
  // Node-RED keeps the placeholder if the environment variable is not set. A client that guesses the name would then be admitted.
  if (/^\$\{[^}]+\}$/.test(value)) {
    throw optionError(
      `The option ${option} uses an environment variable that is not set: ${printable(value)}. Set the variable, or change the option.`,
      undefined,
      option,
    );
  }
  return value;
}
