import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { guarded, type Log } from '../../src/index';
import type { RED } from './red';

/** Answers a request below a path. @param rest the path below it, without slashes around it. */
type Handler = (request: IncomingMessage, response: ServerResponse, rest: string, query: URLSearchParams) => void;

/**
 * Takes requests below certain paths from Node-RED's HTTP server before Node-RED sees them. An express route would come after
 * `httpNodeAuth`, and a body parser would have read the body before the token was checked.
 */
export class HttpIntercept {
  private readonly handlers = new Map<string, Handler>();
  private restore: (() => void) | undefined;

  constructor(
    private readonly RED: RED,
    private readonly log: Log,
  ) {}

  /** Returns the full path of a path below `httpNodeRoot`. */
  fullPath(path: string): string {
    const { httpNodeRoot } = this.RED.settings as unknown as { httpNodeRoot?: string | false };
    return trimmed(`/${httpNodeRoot || ''}/${path}`.replace(/\/{2,}/g, '/'));
  }

  /** Registers a handler. @returns a function that removes it, or `undefined` if the path is taken. */
  register(fullPath: string, handler: Handler): (() => void) | undefined {
    if (this.handlers.has(fullPath)) return undefined;
    this.handlers.set(fullPath, handler);
    this.restore ??= this.attach();
    return () => {
      if (this.handlers.get(fullPath) === handler) this.handlers.delete(fullPath);
      if (this.handlers.size > 0) return;
      this.restore?.();
      this.restore = undefined;
    };
  }

  /** Wraps the `request` event. Listeners that others add later are not affected. */
  private attach(): () => void {
    const server = this.RED.server as Server;
    const { emit } = server;
    const take = (request: IncomingMessage, response: ServerResponse) => this.take(request, response);
    const wrapped = function (this: Server, name: string | symbol, ...args: unknown[]): boolean {
      const [request, response] = args as [IncomingMessage, ServerResponse];
      if (name === 'request' && take(request, response)) return true;
      return Reflect.apply(emit, this, [name, ...args]);
    };
    server.emit = wrapped as typeof emit;
    return () => {
      // Another package may have wrapped it since. Then ours stays, and takes nothing.
      if (server.emit === (wrapped as typeof emit)) server.emit = emit;
    };
  }

  private take(request: IncomingMessage, response: ServerResponse): boolean {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    for (const [fullPath, handler] of this.handlers) {
      if (path !== fullPath && !path.startsWith(`${fullPath}/`)) continue;
      guarded(this.log, handler)(request, response, trimmed(path.slice(fullPath.length)).slice(1), new URLSearchParams(query));
      return true;
    }
    return false;
  }
}

/** Returns a path without slashes at its end. */
function trimmed(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end--;
  return path.slice(0, end);
}
