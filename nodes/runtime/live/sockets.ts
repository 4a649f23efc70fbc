import { clientRow, type Registry, serverRow } from '../../../src/index';
import { type LiveAnswer, type LiveClient, type LiveServer, maxRows, type Owner } from '../../live';
import type { Query } from '../admin-route';
import type { Socket } from '../red';
import { ownerOf } from '../sockets';

/** The most servers that are unfolded at once, the fewest rows of each, and the longest filter. */
const maxOpen = 10;
const minRows = 20;
const maxFilter = 200;

/** Answers which sockets exist, by the filter and the unfolded servers of a query: `q=text&open=-1:0,-2:200`. */
export function liveSockets(registry: Registry, query: Query): LiveAnswer {
  const filter = String(query.q ?? '')
    .slice(0, maxFilter)
    .trim()
    .toLowerCase();
  const open = unfolded(query.open);
  const limit = Math.max(minRows, Math.floor(maxRows / (open.size || 1)));
  const clients = registry.client
    .all()
    .map((socket): LiveClient => ({ ...clientRow(socket), ...owner(socket) }))
    .filter((row) => hasText(row, filter));
  const servers = registry.server.all().flatMap((socket): LiveServer[] => {
    const offset = open.get(socket.id);
    const part = offset === undefined ? undefined : { offset, limit };
    const row = { ...serverRow(socket, { filter, part }), ...owner(socket) };
    if (filter === '' || (row.matching ?? 0) > 0) return [row];
    // The server itself matches, so it is shown with all its connections.
    return hasText(row, filter) ? [{ ...serverRow(socket, { filter: '', part }), ...owner(socket) }] : [];
  });
  return {
    run: registry.run,
    now: Date.now(),
    servers: servers.slice(0, maxRows),
    clients: clients.slice(0, maxRows),
    total: { servers: servers.length, clients: clients.length },
  };
}

const hasText = ({ id, name, url, node, state }: LiveClient | LiveServer, filter: string) =>
  filter === '' || `${name}\n${url}\n${node}\n${state}\n${id}`.toLowerCase().includes(filter);

function owner(socket: Socket): Owner {
  const node = ownerOf(socket);
  return { node: node?._alias ?? node?.id ?? '', type: node?.type ?? '', name: node?.name ?? '' };
}

/** Returns the offset of each unfolded server. */
function unfolded(text: unknown): Map<number, number> {
  const open = new Map<number, number>();
  for (const part of String(text ?? '').split(',', maxOpen)) {
    const [id, offset = '0'] = part.split(':');
    if (id && Number.isSafeInteger(Number(id))) open.set(Number(id), Math.max(0, Math.trunc(Number(offset)) || 0));
  }
  return open;
}
