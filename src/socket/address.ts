/** An address as people write it: IPv4-mapped ones as IPv4. */
export const plainAddress = (address: string | undefined) => address?.replace(/^::ffff:(?=\d+\.)/i, '');

/** `host:port`, with an IPv6 address in brackets. */
export const authority = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
