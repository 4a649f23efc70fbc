import type { ConnectionRow, LiveAnswer, LiveClient, LiveServer, LiveTarget } from '../../../live';
import { bytesText, spanText } from '../../live/text';
import { propertyOf } from '../../properties';
import { word } from '../translate';

export type Dot = 'green' | 'yellow' | 'red' | 'grey';

/** One line of the tree. */
export interface Row {
  readonly key: string;
  readonly level: 1 | 2 | 3;
  readonly label: string;
  /** The second line. */
  readonly about: string;
  readonly dot?: Dot;
  /** Absent if it has nothing below it. */
  readonly isOpen?: boolean | undefined;
  /** Absent for a heading and a pager. */
  readonly target?: LiveTarget;
  /** The connections that a pager goes through. */
  readonly pager?: { readonly server: number; readonly offset: number; readonly count: number; readonly total: number };
}

/** The unfolded parts of the tree. */
export interface Unfolded {
  /** The folded headings. */
  readonly folded: ReadonlySet<string>;
  /** The unfolded servers, each with the offset of its connections. */
  readonly servers: ReadonlyMap<number, number>;
}

export const keyOf = ({ side, id, client }: LiveTarget): string => (client === undefined ? `${side} ${id}` : `${side} ${id} ${client}`);

/** Returns the lines of the tree. */
export function rowsOf({ servers, clients, total, now }: LiveAnswer, { folded, servers: open }: Unfolded): Row[] {
  return [
    ...heading('servers', 'live.servers', total.servers, servers.length, folded),
    ...(folded.has('servers') ? [] : servers.flatMap((server) => serverRows(server, open.has(server.id), now))),
    ...heading('clients', 'live.clients', total.clients, clients.length, folded),
    ...(folded.has('clients') ? [] : clients.map((client) => clientRow(client, now))),
  ];
}

function heading(key: string, label: string, total: number, shown: number, folded: ReadonlySet<string>): Row[] {
  if (total === 0) return [];
  const about = shown < total ? word('live.more', { count: shown, total }) : '';
  return [{ key, level: 1, label: `${word(label)} (${total})`, about, isOpen: !folded.has(key) }];
}

function serverRows(server: LiveServer, isOpen: boolean, now: number): Row[] {
  const { id, connections, matching, rows, offset = 0 } = server;
  const target = { side: 'server', id } as const;
  const found = matching === undefined || matching === connections ? '' : word('live.matching', { count: matching });
  const total = matching ?? connections;
  const own: Row = {
    ...{ key: keyOf(target), level: 2, label: labelOf(server), target },
    about: joined(stateText(server, now), found, server.waiting > 0 && word('live.waitingBytes', { size: bytesText(server.waiting) })),
    dot: dotOf(server),
    isOpen: total > 0 ? isOpen : undefined,
  };
  // The connections come with the next answer.
  if (!isOpen || !rows) return [own];
  const below = rows.map((row) => connectionRow(id, row, now));
  if (total <= rows.length) return [own, ...below];
  const pager = { server: id, offset, count: rows.length, total };
  return [own, ...below, { key: `pager ${id}`, level: 3, label: '', about: '', pager }];
}

function connectionRow(id: number, row: ConnectionRow, now: number): Row {
  const target = { side: 'server', id, client: row.client } as const;
  return {
    ...{ key: keyOf(target), level: 3, label: row.uri, target, dot: 'green' },
    about: joined(
      row.remote,
      row.user,
      word('live.since', { time: spanText(now - row.since) }),
      row.tags.map((tag) => `#${tag}`).join(' '),
      row.waiting > 0 && word('live.waitingBytes', { size: bytesText(row.waiting) }),
      row.roundTrip !== undefined && `${row.roundTrip} ms`,
    ),
  };
}

function clientRow(client: LiveClient, now: number): Row {
  const target = { side: 'client', id: client.id } as const;
  const { queued = 0, limit = 0, requests = 0, waiting, roundTrip } = client;
  return {
    ...{ key: keyOf(target), level: 2, label: labelOf(client), target, dot: dotOf(client) },
    about: joined(
      stateText(client, now),
      queued > 0 && word('status.outbox', { queued, limit }),
      requests > 0 && word('live.openRequests', { count: requests }),
      waiting > 0 && word('live.waitingBytes', { size: bytesText(waiting) }),
      roundTrip !== undefined && `${roundTrip} ms`,
    ),
  };
}

const joined = (...parts: (string | false | undefined)[]) => parts.filter(Boolean).join(' · ');

/** Returns the name of a socket: that of its node, else its label in the editor, else its address. */
export function labelOf({ name, node, url, id }: LiveServer | LiveClient): string {
  const known = RED.nodes.node(node);
  const label = known ? RED.utils.getNodeLabel(known, '') : '';
  return name || label || url || `#${id}`;
}

export function stateText(socket: LiveServer | LiveClient, now: number): string {
  const { state, failure, retryAt } = socket;
  if (state === 'waiting') {
    const seconds = Math.max(0, Math.ceil(((retryAt ?? now) - now) / 1000));
    return failure ? word('status.waiting', { why: failureText(failure), seconds }) : word('status.connecting');
  }
  if (state === 'idle') return failure ? failureText(failure) : word('status.stopped');
  if (state === 'open')
    return socket.side === 'server' ? word('status.listening', { connections: socket.connections }) : word('status.connected');
  return word(state === 'opening' ? 'status.connecting' : state === 'closing' ? 'status.closing' : 'status.cleared');
}

/** Returns a failure in a few words, as the status of a node shows it. */
export function failureText({ brief, option, http_status, code }: NonNullable<LiveClient['failure']>): string {
  return word(`failures.${brief}`, {
    ...(http_status !== undefined && { status: http_status }),
    ...(code !== undefined && { code }),
    ...(option !== undefined && { option: optionLabel(option) }),
  });
}

function optionLabel(option: string): string {
  for (const type of ['ix-client', 'ix-server']) {
    try {
      return word(`${propertyOf(type, option).key}.label`);
    } catch {
      // It is an option of the other side.
    }
  }
  return option;
}

function dotOf({ state, failure }: LiveServer | LiveClient): Dot {
  if (state === 'open') return 'green';
  if (state === 'idle') return failure ? 'red' : 'grey';
  return state === 'cleared' ? 'grey' : 'yellow';
}
