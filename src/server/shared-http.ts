import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { guarded, type Log } from '../core/log';
import { pathOf } from '../net/request-target';
import { type PathPattern, parsePath, spellingsOf } from '../options/path-pattern';

/** The owner of an HTTP server whose port WebSocket servers can share. */
export interface HttpHost {
  /** The name of the server in error sentences. */
  readonly name: string;
  /** `undefined` if there is none. */
  readonly server: HttpServer | undefined;
  /** The path prefix of the WebSocket servers, for instance `/` or `/api`. */
  readonly root: string;
  /** Returns what else answers upgrades to a path, as the end of a sentence; `undefined` if nothing does. */
  owner(path: string): string | undefined;
}

export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Routes the upgrades of a shared HTTP server by path. Upgrades to paths that are not registered are left to the other listeners.
 * The owner of the HTTP server ends those that nothing answers.
 */
export class SharedHttp {
  /** The exact paths, in each spelling. */
  private readonly paths = new Map<string, OnUpgrade>();
  /** The paths with parts that vary, the most specific first. */
  private patterns: readonly { readonly pattern: PathPattern; readonly onUpgrade: OnUpgrade }[] = [];
  /** The server that `onUpgrade` is attached to while a path is registered. */
  private attachedServer: HttpServer | undefined;
  private readonly onUpgrade: OnUpgrade;

  constructor(
    readonly host: HttpHost,
    log: Log,
  ) {
    this.onUpgrade = guarded(log, (request, socket, head) => this.find(pathOf(request.url ?? ''))?.(request, socket, head));
  }

  /** Returns the listener for a path. Exact paths come first, also those of the host: a pattern leaves them alone. */
  private find(path: string): OnUpgrade | undefined {
    const exact = this.paths.get(path);
    if (exact || this.patterns.length === 0 || isOfDashboard(path) || this.host.owner(path) !== undefined) return exact;
    return this.patterns.find(({ pattern }) => pattern.match(path))?.onUpgrade;
  }

  /** Returns the full path of a path that is relative to the root. */
  fullPath(path: string): string {
    return `/${this.host.root}/${path}`.replace(/\/{2,}/g, '/');
  }

  /** Returns the owner of a path, as the end of a sentence; `undefined` if the path is free. */
  owner(fullPath: string): string | undefined {
    const own = parsePath(fullPath);
    const isTaken = own?.isExact === false ? this.patterns.some(({ pattern }) => pattern.key === own.key) : this.hasExact(fullPath);
    return isTaken ? 'another server of the flows' : this.host.owner(fullPath);
  }

  private hasExact(fullPath: string): boolean {
    return spellingsOf(fullPath).some((name) => this.paths.has(name));
  }

  /** Registers a listener for the upgrades to a free path. @returns a function that unregisters it. */
  register(server: HttpServer, fullPath: string, onUpgrade: OnUpgrade): () => void {
    // Node.js warns of a leak from the eleventh listener on, so one listener serves all paths.
    if (this.isIdle) this.attachedServer = server.on('upgrade', this.onUpgrade);
    const pattern = parsePath(fullPath);
    const names = pattern?.isExact === false ? [] : spellingsOf(fullPath);
    for (const name of names) this.paths.set(name, onUpgrade);
    if (pattern?.isExact === false) this.patterns = sorted([...this.patterns, { pattern, onUpgrade }]);
    return () => {
      for (const name of names) if (this.paths.get(name) === onUpgrade) this.paths.delete(name);
      this.patterns = this.patterns.filter((each) => each.onUpgrade !== onUpgrade);
      if (this.isIdle) this.attachedServer?.off('upgrade', this.onUpgrade);
    };
  }

  private get isIdle(): boolean {
    return this.paths.size === 0 && this.patterns.length === 0;
  }
}

/** Returns whether a path is one of Socket.IO. The dashboards of Node-RED use it, and the runtime does not know at which paths. */
const isOfDashboard = (path: string) => /\/socket\.io(\/|$)/.test(path);

const sorted = <P extends { readonly pattern: PathPattern }>(patterns: readonly P[]): readonly P[] =>
  [...patterns].sort((a, b) => (a.pattern.key < b.pattern.key ? -1 : 1));
