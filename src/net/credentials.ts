import { type ClientOptions, clientOptions } from '../options/client';
import type { Fields } from '../options/field';

/** The headers that are sent to any host. This is a list of safe headers because a list of those with credentials is never complete. */
const openHeader = /^(user-agent|accept(-[a-z]+)?)$/i;

/** The options that only one host may see, not set. */
const noSecrets = Object.fromEntries(
  Object.entries<Fields[string]>(clientOptions).flatMap(([name, { sameHost }]) => (sameHost ? [[name, undefined]] : [])),
);

/** Returns the user and password of a URL, decoded if possible. A missing part is `''`. */
export const urlCredentials = ({ username, password }: URL) => ({ user: decode(username), password: decode(password) });

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns true if credentials for one URL must not be sent to another. Its host or port differs, or it is ws:// instead of wss://. */
export const isElsewhere = (from: URL, to: URL) => from.host !== to.host || (from.protocol === 'wss:' && to.protocol === 'ws:');

/** Returns the options for another host, without credentials. Subprotocols are removed because they can hold tokens. */
export function withoutCredentials<O extends ClientOptions>(options: O): O {
  const { tlsConfig } = options;
  const headers = Object.entries(options.headers).filter(([name]) => openHeader.test(name));
  return {
    ...options,
    ...noSecrets,
    headers: Object.fromEntries(headers),
    ...(tlsConfig && {
      tlsConfig: {
        valid: tlsConfig.valid ?? true,
        addTLSOptions(tls: Record<string, unknown>) {
          const { cert, key, passphrase, pfx, servername, ...rest } = tlsConfig.addTLSOptions(tls);
          return rest;
        },
      },
    }),
  };
}
