import type { Connection } from '../connection/connection';
import type { ConnectionRef, Headers } from '../core/events';
import { splitTarget } from '../net/request-target';
import type { Speaking } from './dialogues';

/** One connection in the information about a server. */
export interface ConnectionInfo {
  client: string;
  uri: string;
  /** The part of `uri` before the question mark, as received. */
  path: string;
  /** The part after it, decoded. A name that occurs more than once has a list. */
  query: Record<string, string | string[]>;
  remoteIp: string | undefined;
  remotePort: number | undefined;
  /** The parts of the path that the option `path` names. */
  params?: Record<string, string> | undefined;
  /** The authenticated user, if `auth` requires one. */
  user?: string;
  headers: Headers;
  protocol: string;
  /** The time at which it opened, in ISO 8601. */
  since: string;
  messagesIn: number;
  /** The payload bytes of these messages, before compression. */
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
  bufferedAmount: number;
  /** The time from the latest answered ping to its pong, ms; absent before the first pong. */
  roundTrip?: number;
  /** The groups that it is in. */
  tags: string[];
  /** The JSON value that the flow has given to the connection. */
  session?: unknown;
}

/** One connection of a server. */
export interface Member {
  readonly connection: Connection;
  readonly ref: Required<Omit<ConnectionRef, 'params' | 'session'>> & Pick<ConnectionRef, 'params'>;
  readonly user: string | undefined;
  readonly headers: Headers;
  readonly protocol: string;
  /** The time at which it opened, ms since 1970. */
  readonly since: number;
  readonly place: number;
  tags: Set<string>;
  /** A JSON value that the flow has given to the connection. */
  session: unknown;
  /** Set if the server has a protocol. */
  readonly speaking: Speaking | undefined;
}

/** Returns the information about a connection. It is a copy, so a flow can change it without effect on the connection. */
export function connectionInfo({ connection, ref, user, headers, protocol, since, tags, session }: Member): ConnectionInfo {
  const { traffic, bufferedAmount, roundTrip } = connection;
  return {
    ...ref,
    ...(ref.params && { params: { ...ref.params } }),
    ...splitTarget(ref.uri),
    ...(user !== undefined && { user }),
    headers: { ...headers },
    protocol,
    since: new Date(since).toISOString(),
    ...traffic,
    bufferedAmount,
    ...(roundTrip !== undefined && { roundTrip }),
    tags: [...tags],
    ...(session !== undefined && { session: structuredClone(session) }),
  };
}

/** A connection that is closing is neither listed nor sent to. */
export const isOpen = ({ connection }: Member) => connection.isOpen;
