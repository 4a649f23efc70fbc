import type { Connection } from '../connection/connection';
import type { ConnectionRef, Headers } from '../core/events';
import { splitTarget } from '../net/request-target';

/** One connection, as the server's information shows it. */
export interface ConnectionInfo {
  client: string;
  uri: string;
  /** The part of `uri` before the question mark, as received. */
  path: string;
  /** The part behind it, decoded. A name that comes more than once has a list. */
  query: Record<string, string | string[]>;
  remoteIp: string | undefined;
  remotePort: number | undefined;
  /** Who it is, if the upgrade had to say so. */
  user?: string;
  headers: Headers;
  protocol: string;
  /** When it opened: ISO 8601. */
  since: string;
  messagesIn: number;
  /** The payload bytes of these messages, before compression. */
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
  bufferedAmount: number;
  /** From the newest ping that was answered to its pong, ms; absent before there was one. */
  roundTrip?: number;
  /** The groups that it is in. */
  tags: string[];
}

/** One connection of a server. */
export interface Member {
  readonly connection: Connection;
  readonly ref: Required<ConnectionRef>;
  readonly user: string | undefined;
  readonly headers: Headers;
  readonly protocol: string;
  /** ms since 1970. */
  readonly since: number;
  readonly place: number;
  readonly tags: Set<string>;
}

/** A copy: what a flow does to it changes nothing. */
export function connectionInfo({ connection, ref, user, headers, protocol, since, tags }: Member): ConnectionInfo {
  const { traffic, bufferedAmount, roundTrip } = connection;
  return {
    ...ref,
    ...splitTarget(ref.uri),
    ...(user !== undefined && { user }),
    headers: { ...headers },
    protocol,
    since: new Date(since).toISOString(),
    ...traffic,
    bufferedAmount,
    ...(roundTrip !== undefined && { roundTrip }),
    tags: [...tags],
  };
}
