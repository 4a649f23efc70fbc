import type { OpenSocket } from '../connection/open-socket';
import type { ConnectionRef, Headers } from '../core/events';
import type { ServerOptions } from '../options/server';
import type { ServerTls } from '../tls/context';
import type { RefusalKind } from './admission/upgrade-rules';

export interface Listener {
  /** Where it really listens. */
  readonly uri: string;
  readonly port: number;
  /** On a server that is shared: our path of it. */
  readonly path?: string;
  /** Stops listening and drops whoever has not been let in yet. The port is free when it settles. */
  close(): Promise<void>;
}

/** A connection that was let in. */
export interface Admitted extends OpenSocket {
  readonly request: Required<Omit<ConnectionRef, 'client'>> & {
    readonly headers: Headers;
    /** Who it is, if the upgrade had to say so. */
    readonly user?: string | undefined;
  };
}

/** Why an upgrade was refused. */
export interface Rejection {
  readonly reason: string;
  /** What it was answered; 0 where it was just closed. */
  readonly http_status: number;
  /** Refusals of one status, kind and address are reported together. */
  readonly kind: RefusalKind;
}

/** A connection that was not let in, and why. */
export interface RejectedConnection extends ConnectionRef, Rejection {}

export interface ListenerOwner {
  /** Called in the turn of the upgrade, before any frame is read. */
  admitted(admitted: Admitted): void;
  rejected(rejected: RejectedConnection): void;
  /** The server's TLS was read, before it listens. */
  certified?(tls: ServerTls): void;
  /** Something is wrong, or will be, that concerns no single connection: a sentence. */
  warned(sentence: string): void;
}

export interface ListenOptions extends ServerOptions {
  host: string;
}
