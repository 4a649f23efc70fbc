import { isElsewhere, withoutCredentials } from '../net/credentials';
import { type ClientOptions, clientOptions } from '../options/client';
import { OptionStore } from '../options/option-store';
import type { Layer } from '../options/read';
import { webSocketUrl } from './redirects';

/** The options of one client: see `OptionStore`, and `withOwnCredentials` for what does not go along. */
export const clientOptionStore = (base: () => Layer, given: Layer) => new OptionStore(clientOptions, base, given, withOwnCredentials);

/**
 * The credentials of a config node are for the host of its URL, and so are its headers and subprotocols, which can hold tokens. A message that names
 * another host has to bring its own: whoever may choose where a client connects must not get what the client proves itself with.
 */
function withOwnCredentials(values: ClientOptions, base: Layer, given: Layer): ClientOptions {
  if (values.URL === undefined || !isGiven(given.URL) || !isGiven(base.URL)) return values;
  const home = readable(base.URL);
  if (home && !isElsewhere(home, webSocketUrl(values.URL))) return values;
  const brought = Object.entries(values).filter(([name]) => isGiven(given[name]));
  return { ...withoutCredentials(values), ...Object.fromEntries(brought) };
}

const isGiven = (value: unknown) => value !== undefined;

/** What stands in a config node may be no URL: then it is nobody's home. */
function readable(text: unknown): URL | undefined {
  try {
    return webSocketUrl(String(text).trim());
  } catch {
    return undefined;
  }
}
