/** An address as people write it: IPv4-mapped ones as IPv4. */
export const plainAddress = (address: string | undefined) => address?.replace(/^::ffff:(?=\d+\.)/i, '');

/** Returns whether an address of a socket is a loopback address. */
export const isLoopback = (address: string | undefined) => /^(::1$|127\.)/.test(plainAddress(address) ?? '');

/** `host:port`, with an IPv6 address in brackets. */
export const authority = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The host of a URL, an IPv6 address without its brackets. */
export const bareHost = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

/** The server that a WebSocket URL is about, as `host:port`. */
export const peerOf = (url: URL) => authority(bareHost(url), Number(url.port) || (url.protocol === 'wss:' ? 443 : 80));
