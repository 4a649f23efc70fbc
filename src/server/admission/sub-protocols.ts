import { hidden } from '../../core/text';
import type { ServerOptions } from '../../options/server';

type Settings = Pick<ServerOptions, 'auth' | 'subProtocols' | 'subProtocolFallback' | 'tokenSubProtocol'>;

/**
 * Returns the subprotocols that a request offers, each once. Some clients send the header without a value, or with a comma at its end.
 * A recipient must accept empty entries (RFC 9110, section 5.6.1), and `ws` does not.
 */
export function offeredSubProtocols(header = ''): string[] {
  return [...new Set(header.split(',').map((name) => name.trim()))].filter((name) => name !== '');
}

/** The prefix of web consoles that followed Kubernetes. With Bearer authentication it works without an option. */
const knownPrefix = 'base64url.bearer.authorization.k8s.io.';

/** Returns the prefixes of subprotocols that carry a token. */
export const tokenPrefixes = ({ auth, tokenSubProtocol }: Pick<ServerOptions, 'auth' | 'tokenSubProtocol'>): readonly string[] => [
  ...(tokenSubProtocol ? [tokenSubProtocol] : []),
  ...(auth === 'bearer' ? [knownPrefix] : []),
];

/** Returns the prefix by which a subprotocol carries a token. `undefined` if it carries none. */
const tokenPrefixOf = (name: string, prefixes: readonly string[]) => prefixes.find((prefix) => name.startsWith(prefix));

/** Returns a subprotocol as it is shown: without its token. */
export function shownSubProtocol(name: string, prefixes: readonly string[]): string {
  const prefix = tokenPrefixOf(name, prefixes);
  return prefix === undefined ? name : `${prefix}${hidden}`;
}

/** Returns the token in an offered subprotocol: the part after the prefix. `undefined` if there is none. */
export function tokenOffered(offered: readonly string[], prefixes: readonly string[]): string | undefined {
  for (const name of offered) {
    const prefix = tokenPrefixOf(name, prefixes);
    if (prefix !== undefined) return name.slice(prefix.length);
  }
  return undefined;
}

/** Returns the offered subprotocols without those that carry a token, which nobody may see. */
export const withoutToken = (offered: readonly string[], prefixes: readonly string[]): readonly string[] =>
  offered.filter((name) => tokenPrefixOf(name, prefixes) === undefined);

/** Returns the subprotocol to answer: the first of the server's that the client offers, else as `subProtocolFallback` says. */
export function agreed(offered: readonly string[], options: Settings): string | undefined {
  const choices = withoutToken(offered, tokenPrefixes(options));
  const own = options.subProtocols?.find((name) => choices.includes(name));
  return own ?? (options.subProtocolFallback === 'first' ? choices[0] : undefined);
}
