import type { ClientSocket } from '../client/client';
import type { Traffic } from '../connection/connection';
import type { Reason } from '../core/failure';
import { shownUrl } from '../core/text';
import { pathOf } from '../net/request-target';
import { isOpen, type Member } from '../server/connection-info';
import type { ServerSocket } from '../server/server';
import type { ClientRow, ConnectionRow, Counters, ServerRow } from './answers';

/** The most tags of a connection, and the most characters of other texts, that a row has. */
const maxTags = 20;
const maxText = 300;

export interface ServerView {
  /** A part of the text of a connection, in lower case; `''` for all. */
  readonly filter: string;
  /** The connections to list; absent for none. */
  readonly part?: { readonly offset: number; readonly limit: number } | undefined;
}

/** Returns the state of a client. It reads counters that exist anyway. */
export function clientRow(client: ClientSocket): ClientRow {
  const { id, state, status, line, outbox, attempts } = client;
  const { connection, opened } = line ?? {};
  const { latest } = client.retries;
  return {
    side: 'client',
    id,
    state,
    url: shownUrl(attempts.tried?.URL ?? ''),
    protocol: opened?.ws.protocol || undefined,
    traffic: connection ? copy(connection.traffic) : none,
    waiting: connection?.bufferedAmount ?? 0,
    roundTrip: connection?.roundTrip,
    queued: outbox?.size,
    limit: outbox?.limit,
    requests: client.requests?.size,
    retryAt: state === 'waiting' ? latest?.next : undefined,
    failure: status.failure && reason(status.failure),
    error: sentenceOf(status.failure) ?? (latest?.errorStr ? { text: latest.errorStr, at: latest.at } : undefined),
  };
}

/** Returns the state of a server, and a part of its connections. */
export function serverRow(server: ServerSocket, { filter, part }: ServerView): ServerRow {
  const { id, state, status, listening } = server;
  const traffic = { ...server.setup.ended };
  let waiting = 0;
  const members = server.members.choose();
  for (let i = 0; i < members.length; i++) {
    const { connection } = members[i] as Member;
    traffic.messagesIn += connection.traffic.messagesIn;
    traffic.bytesIn += connection.traffic.bytesIn;
    traffic.messagesOut += connection.traffic.messagesOut;
    traffic.bytesOut += connection.traffic.bytesOut;
    waiting += connection.bufferedAmount;
  }
  const matching = filter === '' ? members : members.filter((member) => textOf(member).includes(filter));
  return {
    side: 'server',
    id,
    state,
    url: listening ? shownUrl(listening.uri) : '',
    connections: members.length,
    matching: filter === '' ? undefined : matching.length,
    ...(part && {
      offset: part.offset,
      rows: matching
        .slice(part.offset, part.offset + part.limit)
        .filter(isOpen)
        .map(connectionRow),
    }),
    traffic,
    waiting,
    retryAt: state === 'waiting' ? server.retries.next : undefined,
    failure: status.failure && reason(status.failure),
    error: sentenceOf(status.failure),
  };
}

function connectionRow({ connection, ref, user, since, tags, session: given, speaking }: Member): ConnectionRow {
  const first: string[] = [];
  for (const tag of tags) if (first.push(tag.slice(0, maxText)) === maxTags) break;
  const session = given === undefined ? undefined : JSON.stringify(given).slice(0, maxText);
  return {
    client: ref.client,
    uri: shownUrl(ref.uri).slice(0, maxText),
    remote: addressOf(ref),
    user,
    since,
    tags: first,
    tagCount: tags.size,
    session,
    traffic: copy(connection.traffic),
    waiting: connection.bufferedAmount,
    roundTrip: connection.roundTrip,
    requests: speaking?.requests?.size,
  };
}

/** Returns the text that a filter searches, in lower case. */
function textOf({ ref, user = '', tags }: Member): string {
  return [ref.client, pathOf(ref.uri), addressOf(ref), user, ...tags].join('\n').toLowerCase();
}

const addressOf = ({ remoteIp = '', remotePort = 0 }: Member['ref']) =>
  remoteIp.includes(':') ? `[${remoteIp}]:${remotePort}` : `${remoteIp}:${remotePort}`;

const none: Counters = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 };
const copy = ({ messagesIn, bytesIn, messagesOut, bytesOut }: Traffic): Counters => ({ messagesIn, bytesIn, messagesOut, bytesOut });

const reason = ({ brief, option, http_status, code }: Reason): Reason => ({
  brief,
  option,
  ...(http_status !== undefined && { http_status }),
  ...(code !== undefined && { code }),
});

/** Returns the sentence of a failure, if it has one. */
function sentenceOf(failure: (Reason & { readonly errorStr?: unknown }) | undefined): ClientRow['error'] {
  return typeof failure?.errorStr === 'string' && failure.errorStr !== '' ? { text: failure.errorStr } : undefined;
}
