import { Inspector, type Registry } from '../../../src/index';
import { type LiveTarget, livePermissions, liveRoutes } from '../../live';
import { adminGet, adminPost, fail, type Query, runtimeLog } from '../admin-route';
import type { RED } from '../red';
import { act, askedAction } from './actions';
import { liveSockets } from './sockets';

/**
 * Adds the HTTP endpoints of the sidebar *WebSockets*. The editor polls them while the sidebar is visible. Frames are kept only for what
 * was polled within the last seconds.
 */
export function serveLive(RED: RED, registry: Registry): void {
  const log = runtimeLog(RED);
  const inspector = new Inspector(registry, log);
  adminGet(RED, liveRoutes.sockets, livePermissions.read, (query, reply) => reply.json(liveSockets(registry, query)));
  adminGet(RED, liveRoutes.frames, livePermissions.read, (query, reply) => {
    const target = targetOf(query);
    if (!target) return reply.status(400).end();
    const answer = inspector.frames(target, Number(query.after) || 0, query.whole ? Number.MAX_SAFE_INTEGER : undefined);
    if (answer === 'gone') return reply.status(404).end();
    if (answer === 'full') return reply.status(429).end();
    reply.json(answer);
  });
  adminGet(RED, liveRoutes.frame, livePermissions.read, (query, reply) => {
    const target = targetOf(query);
    const frame = target && inspector.frame(target, Number(query.seq));
    if (frame) reply.json(frame);
    else reply.status(404).end();
  });
  adminPost(RED, liveRoutes.act, livePermissions.write, (body, reply) => {
    const asked = askedAction(body);
    if (!asked) return reply.status(400).end();
    act(registry, asked)
      .then((answer) => (answer ? reply.json(answer) : reply.status(404).end()))
      .catch((error) => fail(log, reply, error))
      .catch((error) => log.error(error));
  });
}

function targetOf({ side, id, client }: Query): LiveTarget | undefined {
  if ((side !== 'client' && side !== 'server') || !Number.isSafeInteger(Number(id))) return undefined;
  return { side, id: Number(id), ...(typeof client === 'string' && { client }) };
}
