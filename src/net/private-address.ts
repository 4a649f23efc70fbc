import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { guardWith } from '../core/log';
import { bareHost } from './address';

/** The IPv4 networks of this machine and of private networks (RFC 6890). */
const networks = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const;

const known = new BlockList();
for (const [network, bits] of networks) {
  known.addSubnet(network, bits, 'ipv4'); // IPv4-mapped addresses too.
  known.addSubnet(`::${network}`, 96 + bits, 'ipv6'); // IPv4-compatible addresses, including `::` and `::1`.
  known.addSubnet(`64:ff9b::${network}`, 96 + bits, 'ipv6'); // NAT64 (RFC 6052).
}
known.addSubnet('fc00::', 7, 'ipv6');
known.addSubnet('fe80::', 10, 'ipv6');
known.addSubnet('fec0::', 10, 'ipv6');

/** Returns true if an IP address belongs to this machine, or to a network that is not reachable from the internet. */
export function isPrivateAddress(address: string): boolean {
  const [plain = ''] = address.split('%'); // Removes the zone of a link-local address.
  return known.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/** Returns true if the host of a URL is a private address or localhost (RFC 6761). DNS is not queried. */
export function isPrivateHost(url: URL): boolean {
  const host = bareHost(url);
  return isIP(host) > 0 ? isPrivateAddress(host) : /(^|\.)localhost\.?$/.test(host);
}

/** The error for a name that has only private addresses. */
export class PrivateAddressError extends Error {
  constructor(readonly address: string) {
    super(`${address} is a private address`);
  }
}

/**
 * `lookup` without private addresses. Node connects to an address that this function returns. A name whose address changes between a check
 * and the connection is therefore still rejected.
 */
export const lookupPublic: LookupFunction = (host, options, callback) => {
  const guard = guardWith((cause) => callback(cause as Error, '', 0));
  const found = (error: Error | null, addresses: LookupAddress[] = []) => {
    const open = addresses.filter(({ address }) => !isPrivateAddress(address));
    const [first] = open;
    if (error || !first) return callback(error ?? new PrivateAddressError(addresses[0]?.address ?? ''), '', 0);
    if (options.all) callback(null, open);
    else callback(null, first.address, first.family);
  };
  lookup(host, { ...options, all: true }, guard(found));
};
