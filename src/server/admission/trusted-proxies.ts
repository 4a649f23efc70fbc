import { BlockList, isIP, type Socket } from 'node:net';
import { plainAddress } from '../../net/address';
import { findNetwork } from '../../options/addresses';

/** Where a client is, as far as it is known. */
export interface ClientAddress {
  readonly remoteIp: string | undefined;
  readonly remotePort: number | undefined;
}

/** The proxies whose word is taken for who their clients are: the option `trustProxy`. */
export class TrustedProxies {
  private readonly trusted = new BlockList();
  /** Is there any? A look into the list costs as much as the rest of an upgrade's rules. */
  private readonly trustsAny: boolean;

  constructor(networks: readonly string[]) {
    this.trustsAny = networks.length > 0;
    for (const text of networks) {
      const network = findNetwork(text);
      if (network) this.trusted.addSubnet(network.address, network.prefix, `ipv${network.family}`);
    }
  }

  /**
   * The client behind the proxies. Each proxy appends whom it got the request from, so the list is read from its end: the first
   * that is no proxy of ours is the client, and what stands before it is only what that client claims.
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

  /** The host that the client connects to, in its own view: a proxy may have its own word for it. */
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

/** An entry of X-Forwarded-For: an address; some proxies add the port. */
function parseClientAddress(entry: string): ClientAddress | undefined {
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const address = bracketed ?? bare ?? entry;
  if (!isIP(address)) return undefined;
  return { remoteIp: plainAddress(address.toLowerCase()), remotePort: port === undefined ? undefined : Number(port) };
}
