import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that can stop forwarding without a signal to either end, like a failed network. */
export interface Proxy {
  readonly port: number;
  /** Stops reading and forwarding. Both ends stay connected. */
  cut(): void;
  /** Forwards new connections again; stopped connections remain stopped. */
  mend(): void;
  close(): Promise<void>;
}

export async function proxyTo(target: number, port = 0): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => {});
      socket.once('close', () => sockets.delete(socket));
    }
    if (isCut) return void [near, far].map((socket) => socket.pause());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend() {
      isCut = false;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
