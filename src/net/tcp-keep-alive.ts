import type { Duplex } from 'node:stream';

/** TCP keep-alive of every connection. The system probes a peer after 60 s of silence. A peer that is gone is detected within minutes. */
export const tcpKeepAlive = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/** Enables keep-alive for a socket that was opened without these options. */
export function keepTcpAlive(socket: Duplex & { setKeepAlive?(on: boolean, delay: number): unknown }): void {
  socket.setKeepAlive?.(tcpKeepAlive.keepAlive, tcpKeepAlive.keepAliveInitialDelay);
}
