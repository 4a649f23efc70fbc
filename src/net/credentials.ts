import type { ClientOptions } from '../options/client';

/** The headers that go to any host. A list of those that carry credentials would never be complete. */
const openHeader = /^(user-agent|accept(-[a-z]+)?)$/i;

/** The user and password that stand in a URL, decoded where that can be done; `''` for what is not there. */
export const urlCredentials = ({ username, password }: URL) => ({ user: decode(username), password: decode(password) });

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether credentials meant for one URL stay behind on the way to another: it is another host or port, or anyone can listen in. */
export const isElsewhere = (from: URL, to: URL) => from.host !== to.host || (from.protocol === 'wss:' && to.protocol === 'ws:');

/** Returns the options for a host that they were not meant for: nothing in them proves who we are. Subprotocols can hold tokens too. */
export function withoutCredentials<O extends ClientOptions>(options: O): O {
  const { tlsConfig } = options;
  const headers = Object.entries(options.headers).filter(([name]) => openHeader.test(name));
  return {
    ...options,
    headers: Object.fromEntries(headers),
    subProtocols: undefined,
    user: undefined,
    password: undefined,
    certFile: undefined,
    keyFile: undefined,
    passphrase: undefined,
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
