import type { ServerOptions } from '../../options/server';

type Settings = Pick<ServerOptions, 'subProtocols' | 'subProtocolFallback' | 'tokenSubProtocol'>;

/**
 * Returns the subprotocols that a request offers, each once. Some clients send the header without a value, or with a comma at its end.
 * A recipient must accept empty entries (RFC 9110, section 5.6.1), and `ws` does not.
 */
export function offeredSubProtocols(header = ''): string[] {
  return [...new Set(header.split(',').map((name) => name.trim()))].filter((name) => name !== '');
}

/** Returns the token in an offered subprotocol: the part after the prefix. `undefined` if there is none. */
export function tokenOffered(offered: readonly string[], prefix = ''): string | undefined {
  const name = offered.find((each) => isToken(each, prefix));
  return name?.slice(prefix.length);
}

/** Returns whether a subprotocol carries a token. With an empty prefix none does. */
const isToken = (name: string, prefix: string) => prefix !== '' && name.startsWith(prefix);

/** Returns the offered subprotocols without the one that carries a token, which nobody may see. */
export const withoutToken = (offered: readonly string[], prefix = ''): readonly string[] =>
  offered.filter((name) => !isToken(name, prefix));

/** Returns the subprotocol to answer: the first of the server's that the client offers, else as `subProtocolFallback` says. */
export function agreed(
  offered: readonly string[],
  { subProtocols = [], subProtocolFallback, tokenSubProtocol }: Settings,
): string | undefined {
  const choices = withoutToken(offered, tokenSubProtocol);
  const own = subProtocols.find((name) => choices.includes(name));
  return own ?? (subProtocolFallback === 'first' ? choices[0] : undefined);
}
