/** An address as people write it: IPv4-mapped ones as IPv4. */
export const plainAddress = (address: string | undefined) => address?.replace(/^::ffff:(?=\d+\.)/i, '');

/** `host:port`, with an IPv6 address in brackets. */
export const authority = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The server that a WebSocket URL is about, as `host:port`. */
export const peerOf = ({ hostname, port, protocol }: URL) =>
  authority(hostname.replace(/^\[|\]$/g, ''), Number(port) || (protocol === 'wss:' ? 443 : 80));
