import type { ClientOptions } from '../options/client';

/** Header names that carry, or by their name seem to carry, a credential. */
const credentialHeader = /auth|cookie|token|secret|password|session|credential|api-?key|signature/i;

/** The options for a hop to a host that was not named by the user: nothing in them proves who we are. */
export function withoutCredentials<O extends ClientOptions>(options: O): O {
  const { tlsConfig } = options;
  const headers = Object.entries(options.headers).filter(([name]) => name.toLowerCase() !== 'host' && !credentialHeader.test(name));
  return {
    ...options,
    headers: Object.fromEntries(headers),
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
