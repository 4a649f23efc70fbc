import { type Log, messageOf } from '../../src/index';
import type { RED } from './red';

/** The parts of Express that the routes use. */
export interface Reply {
  status(code: number): Reply;
  json(body: unknown): void;
  end(): void;
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): void;
}
export type Query = Readonly<Record<string, unknown>>;

/** Returns a log that writes to Node-RED's log. */
export const runtimeLog = (RED: RED): Log => ({
  warn: (sentence) => RED.log.warn(sentence),
  error: (cause) => RED.log.error(messageOf(cause)),
});

/** Adds a route of the admin API that takes JSON. Other bodies get 400: a page of another site can make a browser post a form, but not JSON. */
export function adminPost(RED: RED, route: string, permission: string, take: (body: unknown, reply: Reply) => void): void {
  const log = runtimeLog(RED);
  RED.httpAdmin.post(`/${route}`, RED.auth.needsPermission(permission), (request, response) => {
    if (!request.is('json')) return void response.status(400).end();
    safely(log, response as Reply, () => take(request.body, response as Reply));
  });
}

/** Adds a route of the admin API that only reads. Browsers must not keep what it returns. */
export function adminGet(RED: RED, route: string, permission: string, give: (query: Query, reply: Reply) => void): void {
  const log = runtimeLog(RED);
  RED.httpAdmin.get(`/${route}`, RED.auth.needsPermission(permission), (request, response) => {
    response.set('Cache-Control', 'no-store');
    safely(log, response as Reply, () => give(request.query as Query, response as Reply));
  });
}

function safely(log: Log, reply: Reply, run: () => void): void {
  try {
    run();
  } catch (error) {
    fail(log, reply, error);
  }
}

/** Answers 500, if nothing was answered yet. */
export function fail(log: Log, reply: Reply, error: unknown): void {
  log.error(error);
  if (!reply.headersSent) reply.status(500).end();
}
