import { messageOf, optionError, SocketError } from '../core/errors';
import { reasonOf } from '../core/failure';
import { isElsewhere, withoutCredentials } from '../net/credentials';
import { type ClientOptions, clientOptions } from '../options/client';
import { OptionStore } from '../options/option-store';
import { type Layer, read } from '../options/read';
import type { WithUrl } from './computed-options';
import type { ConnectFailure } from './connect';
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
  if (home && typeof values.URL === 'string' && !isElsewhere(home, webSocketUrl(values.URL))) return values;
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

/** @throws SocketError `ERR_OPTION` if the URL is missing. */
export function withUrl(options: ClientOptions, id: number): WithUrl {
  const { URL } = options;
  if (URL === undefined)
    throw optionError(
      `The option URL must be given to start client ${id}, for instance ws://127.0.0.1:8080/; got nothing.`,
      undefined,
      'URL',
    );
  return { ...options, URL };
}

/** Returns the current options; if one of them is invalid, those of the latest attempt. The next attempt reports the invalid option. */
export function usableOptions(store: OptionStore<typeof clientOptions>, tried: ClientOptions | undefined): ClientOptions {
  try {
    return store.values;
  } catch {
    return tried ?? read(clientOptions, {});
  }
}

/** Returns the failure of an attempt whose options are not usable. @throws the error, if it is another one. */
export function optionFailure(error: unknown): ConnectFailure {
  if (!(error instanceof SocketError)) throw error;
  return { http_status: 0, headers: {}, uri: '', errorStr: messageOf(error), ...reasonOf(error) };
}
