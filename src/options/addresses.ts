/** Parses texts that name hosts, without DNS. Pure, because the editor's validators run it in the browser. */

/**
 * Returns an origin as browsers send it (RFC 6454, section 6.2): in lower case, without the default port of its scheme. `null` is valid
 * too: pages with an opaque origin send it.
 *
 * @returns `undefined` for a text that is not exactly one origin.
 */
export function canonicalOrigin(text: string): string | undefined {
  if (text === 'null') return text;
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/?#\\@\s,*]*\/?$/i.test(text)) return undefined;
  try {
    const { protocol, host } = new URL(text);
    return `${protocol}//${host}`;
  } catch {
    return undefined;
  }
}

/** An address, or all addresses with the same prefix. */
export interface Network {
  readonly address: string;
  readonly family: 4 | 6;
  /** The length of the prefix in bits. */
  readonly prefix: number;
}

/** Parses an address or a network in CIDR notation. Returns `undefined` for any other text. */
export function findNetwork(text: string): Network | undefined {
  const [, address = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const family = familyOf(address);
  if (!family) return undefined;
  const longest = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  return prefix <= longest ? { address, family, prefix } : undefined;
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}$/;

/** `isIP` of node:net, which browsers do not have. */
function familyOf(address: string): 4 | 6 | undefined {
  if (ipv4.test(address)) return 4;
  if (!address.includes(':')) return undefined;
  try {
    new URL(`http://[${address}]/`);
    return 6;
  } catch {
    return undefined;
  }
}
