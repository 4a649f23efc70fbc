import { isElsewhere, withoutCredentials } from '../net/credentials';
import { type ClientOptions, clientOptions } from '../options/client';
import { OptionStore } from '../options/option-store';
import type { Layer } from '../options/read';
import { webSocketUrl } from './redirects';

/** Returns the option store of a client. `withOwnCredentials` removes the options that do not apply to another host. */
export const clientOptionStore = (base: () => Layer, given: Layer) => new OptionStore(clientOptions, base, given, withOwnCredentials);

/**
 * Removes the credentials of a config node if a message names another host than the node's URL. This includes its headers and subprotocols,
 * which can hold tokens. A message that names another host has to include its own. Otherwise the sender of a message could choose the host
 * and receive the client's credentials.
 */
function withOwnCredentials(values: ClientOptions, base: Layer, given: Layer): ClientOptions {
  if (values.URL === undefined || !isGiven(given.URL) || !isGiven(base.URL)) return values;
  const home = readable(base.URL);
  if (home && !isElsewhere(home, webSocketUrl(values.URL))) return values;
  const brought = Object.entries(values).filter(([name]) => isGiven(given[name]));
  return { ...withoutCredentials(values), ...Object.fromEntries(brought) };
}

const isGiven = (value: unknown) => value !== undefined;

/** Returns the URL of a config node, or `undefined` if its text is not a valid URL. Such a node has no host of its own. */
function readable(text: unknown): URL | undefined {
  try {
    return webSocketUrl(String(text).trim());
  } catch {
    return undefined;
  }
}
