/** Returns an address in its usual notation: an IPv4-mapped address, in any spelling, as IPv4. */
export function plainAddress<A extends string | undefined>(address: A): A | string {
  if (!address?.includes(':')) return address;
  const parts = parseIpv6(address);
  const isMapped = parts[5] === 0xffff && parts.slice(0, 5).every((part) => part === 0);
  if (!isMapped) return address;
  const [high = 0, low = 0] = parts.slice(6);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** Returns true if an address of a socket is a loopback address. */
export const isLoopback = (address: string | undefined) => /^(::1$|127\.)/.test(plainAddress(address) ?? '');

/** Returns the key by which an address is counted: for IPv6 its /64, because one subscriber usually owns a whole /64. */
export function addressGroup(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(':')) return plain;
  const network = parseIpv6(plain).slice(0, 4);
  return `${network.map((part) => part.toString(16)).join(':')}::/64`;
}

/** Returns the eight numbers of an IPv6 address, without its zone. */
function parseIpv6(address: string): number[] {
  const [plain = ''] = address.split('%', 1);
  const [head = [], tail] = plain.split('::', 2).map((half) => (half === '' ? [] : half.split(':').flatMap(parsePart)));
  return tail ? [...head, ...Array<number>(Math.max(8 - head.length - tail.length, 0)).fill(0), ...tail] : [...head];
}

/** Returns the numbers of one part of an IPv6 address: one, or two for an IPv4 address at the end. */
function parsePart(part: string): number[] {
  if (!part.includes('.')) return [Number.parseInt(part, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** Returns `host:port`, with an IPv6 address in brackets. */
export const authority = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Returns the host of a URL, an IPv6 address without its brackets. */
export const bareHost = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

/** Returns the port of a WebSocket URL. */
export const portOf = (url: URL) => Number(url.port) || (url.protocol === 'wss:' ? 443 : 80);

/** Returns the server of a WebSocket URL as `host:port`. */
export const peerOf = (url: URL) => authority(bareHost(url), portOf(url));
