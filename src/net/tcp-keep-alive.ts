import type { Duplex } from 'node:stream';

/** TCP keep-alive of every connection: the system probes a peer after 60 s of silence, so that one that died without a word is noticed within minutes. */
export const tcpKeepAlive = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/** Switches it on for a socket that was opened without these options. */
export function keepTcpAlive(socket: Duplex & { setKeepAlive?(on: boolean, delay: number): unknown }): void {
  socket.setKeepAlive?.(tcpKeepAlive.keepAlive, tcpKeepAlive.keepAliveInitialDelay);
}
