import * as ws from 'ws';
import type { DeflateOptions } from '../options/kinds';

type Parameters = Record<string, (string | true)[]>;

/** Exported by ws; @types/ws leaves them out. */
const { extension, PerMessageDeflate } = ws as unknown as {
  extension: {
    parse(header: string): Record<string, Parameters[]>;
    format(extensions: Record<string, Parameters[]>): string;
  };
  PerMessageDeflate: new (options: object) => { accept(offers: Parameters[]): void };
};

const name = 'permessage-deflate';

/** Clients make one to three offers. Each costs 40 µs, and a header has room for 800. */
const maxOffers = 16;

/** The options as `ws` takes them. To `ws` a false is a refusal of what the peer asks for; here it asks for nothing. */
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
 * The offers of a Sec-WebSocket-Extensions header that a server with these options can accept. It has to decline the others and go
 * on (RFC 7692, section 5.1); `ws` would refuse the client for a single one of them. Offers after the 16th are declined.
 *
 * @returns the header with these alone, `undefined` for none. A header that cannot be read at all is given back as it
 * is, for `ws` to refuse.
 */
export function acceptableOffers(header: string, options: DeflateOptions): string | undefined {
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
