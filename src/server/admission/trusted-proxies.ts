import { BlockList, isIP, type Socket } from 'node:net';
import { plainAddress } from '../../net/address';
import { findNetwork } from '../../options/addresses';

/** The address of a client, as far as it is known. */
export interface ClientAddress {
  readonly remoteIp: string | undefined;
  readonly remotePort: number | undefined;
}

/** The proxies whose forwarding headers are trusted: the option `trustProxy`. */
export class TrustedProxies {
  private readonly trusted = new BlockList();
  /** True if the list has an entry. A look-up in the list costs as much as all other upgrade rules, so an empty list is skipped. */
  private readonly trustsAny: boolean;

  constructor(networks: readonly string[]) {
    this.trustsAny = networks.length > 0;
    for (const text of networks) {
      const network = findNetwork(text);
      if (network) this.trusted.addSubnet(network.address, network.prefix, `ipv${network.family}`);
    }
  }

  /**
   * Returns the address of the client behind the proxies. Each proxy appends the address of its peer, so the list is read from its end.
   * The first address that is not a trusted proxy is the client. The entries before it are unverified claims of that client.
   *
   * @param forwarded the header X-Forwarded-For.
   */
  client({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>, forwarded: string | undefined): ClientAddress {
    let found: ClientAddress = { remoteIp: plainAddress(remoteAddress), remotePort };
    if (!this.trustsAny || forwarded === undefined) return found;
    for (const entry of forwarded.split(',').reverse()) {
      if (!this.trusts(found.remoteIp)) break;
      const before = parseClientAddress(entry.trim());
      if (!before) break;
      found = before;
    }
    return found;
  }

  /** Returns the host that the client connects to. A proxy may replace the header Host, so X-Forwarded-Host of a trusted proxy is used. */
  host(socket: Pick<Socket, 'remoteAddress'>, host: string | undefined, forwarded: string | undefined): string | undefined {
    if (!this.trustsAny || forwarded === undefined) return host;
    const [first] = forwarded.split(',');
    return first?.trim() && this.trusts(plainAddress(socket.remoteAddress)) ? first.trim() : host;
  }

  /** Returns whether an address is that of a trusted proxy. */
  trusts(address: string | undefined): boolean {
    const family = isIP(address ?? '');
    return this.trustsAny && address !== undefined && family !== 0 && this.trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Parses an entry of X-Forwarded-For: an address, to which some proxies add the port. */
function parseClientAddress(entry: string): ClientAddress | undefined {
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const address = bracketed ?? bare ?? entry;
  if (!isIP(address)) return undefined;
  return { remoteIp: plainAddress(address.toLowerCase()), remotePort: port === undefined ? undefined : Number(port) };
}
