import type { OpenSocket } from '../connection/open-socket';
import type { ConnectionRef, Headers } from '../core/events';
import type { ServerOptions } from '../options/server';
import type { ServerTls } from '../tls/context';
import type { AskUpgrade } from './admission/upgrade-question';
import type { RefusalKind } from './admission/upgrade-rules';

export interface Listener {
  /** The URL of the bound address. */
  readonly uri: string;
  readonly port: number;
  /** The path on a shared HTTP server. */
  readonly path?: string;
  /** Stops listening, and drops the connections that are not admitted yet. The port is free when it settles. */
  close(): Promise<void>;
}

/** An admitted connection. */
export interface Admitted extends OpenSocket {
  readonly request: Required<Omit<ConnectionRef, 'client' | 'params' | 'session'>> & {
    readonly params: ConnectionRef['params'];
    readonly headers: Headers;
    /** The authenticated user, if `auth` requires one. */
    readonly user?: string | undefined;
    /** The subprotocols that the client offered, if none was agreed. */
    readonly notTaken: readonly string[];
    /** The groups and the session that the flow has given it. */
    readonly tags: readonly string[];
    readonly session: unknown;
  };
}

/** The reason why an upgrade was rejected. */
export interface Rejection {
  readonly reason: string;
  /** The HTTP status of the response; 0 if the connection was closed without one. */
  readonly http_status: number;
  /** Rejections of one status, kind and address are reported together. */
  readonly kind: RefusalKind;
  /** The origin or the path that was refused, for a status line. */
  readonly detail?: string | undefined;
}

/** A rejected connection, and the reason. */
export interface RejectedConnection extends ConnectionRef, Rejection {}

export interface ListenerOwner {
  /** Called in the event-loop turn of the upgrade, before any frame is read. */
  admitted(admitted: Admitted): void;
  rejected(rejected: RejectedConnection): void;
  /** Asks the flow about an upgrade. Absent: nobody is asked. */
  ask?: AskUpgrade | undefined;
  /** Called when the TLS files are loaded, before the server listens. */
  certified?(tls: ServerTls): void;
  /** Reports a present or future fault that concerns the whole server, as a sentence. */
  warned(sentence: string): void;
}

export interface ListenOptions extends ServerOptions {
  host: string;
}
