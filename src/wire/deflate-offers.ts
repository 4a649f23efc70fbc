import * as ws from 'ws';
import type { DeflateOptions } from '../options/kinds';

type Parameters = Record<string, (string | true)[]>;

/** Exports of `ws` that `@types/ws` omits. */
const { extension, PerMessageDeflate } = ws as unknown as {
  extension: {
    parse(header: string): Record<string, Parameters[]>;
    format(extensions: Record<string, Parameters[]>): string;
  };
  PerMessageDeflate: new (options: object) => { accept(offers: Parameters[]): void };
};

const name = 'permessage-deflate';

/** Clients make one to three offers. The limit exists because each offer costs 40 µs, and a header has room for 800. */
const maxOffers = 16;

/** Returns the options in the form that `ws` accepts. A `false` is omitted: `ws` would reject a peer that requests the parameter. */
export function deflateParameters(options: DeflateOptions = {}): DeflateOptions & { threshold: number } {
  const { clientNoContextTakeover, serverNoContextTakeover, ...bits } = options;
  return {
    threshold: 0,
    ...bits,
    ...(clientNoContextTakeover && { clientNoContextTakeover }),
    ...(serverNoContextTakeover && { serverNoContextTakeover }),
  };
}

/**
 * Filters the offers of a Sec-WebSocket-Extensions header for those that a server with these options can accept. A server must decline the
 * other offers and continue (RFC 7692, section 5.1). `ws` would reject the client for a single such offer. Offers after the 16th are
 * declined.
 *
 * @returns the header with only these offers, or `undefined` if none remains. A header that cannot be parsed is returned unchanged, and
 * `ws` rejects it.
 */
export function acceptableOffers(header: string, options: DeflateOptions): string | undefined {
  if (header === '') return undefined;
  let offers: Parameters[];
  try {
    offers = extension.parse(header)[name]?.slice(0, maxOffers) ?? [];
  } catch {
    return header;
  }
  const acceptable = offers.filter((offer) => {
    try {
      new PerMessageDeflate({ ...deflateParameters(options), isServer: true }).accept([{ ...offer }]);
      return true;
    } catch {
      return false;
    }
  });
  return acceptable.length > 0 ? extension.format({ [name]: acceptable }) : undefined;
}
