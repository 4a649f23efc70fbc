import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { guarded, type Log } from '../core/log';
import { pathOf } from '../net/request-target';

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
  private readonly paths = new Map<string, OnUpgrade>();
  /** The server that `onUpgrade` is attached to while a path is registered. */
  private attachedServer: HttpServer | undefined;
  private readonly onUpgrade: OnUpgrade;

  constructor(
    readonly host: HttpHost,
    log: Log,
  ) {
    this.onUpgrade = guarded(log, (request, socket, head) => this.paths.get(pathOf(request.url ?? ''))?.(request, socket, head));
  }

  /** Returns the full path of a path that is relative to the root. */
  fullPath(path: string): string {
    return `/${this.host.root}/${path}`.replace(/\/{2,}/g, '/');
  }

  /** Returns the owner of a path, as the end of a sentence; `undefined` if the path is free. */
  owner(fullPath: string): string | undefined {
    return namesOf(fullPath).some((name) => this.paths.has(name)) ? 'another server of the flows' : this.host.owner(fullPath);
  }

  /** Registers a listener for the upgrades to a free path. @returns a function that unregisters it. */
  register(server: HttpServer, fullPath: string, onUpgrade: OnUpgrade): () => void {
    // Node.js warns of a leak from the eleventh listener on, so one listener serves all paths.
    if (this.paths.size === 0) this.attachedServer = server.on('upgrade', this.onUpgrade);
    const names = namesOf(fullPath);
    for (const name of names) this.paths.set(name, onUpgrade);
    return () => {
      for (const name of names) if (this.paths.get(name) === onUpgrade) this.paths.delete(name);
      if (this.paths.size === 0) this.attachedServer?.off('upgrade', this.onUpgrade);
    };
  }
}

/** Returns the spellings of a path that clients may send. A client may escape characters that need no escape. */
const namesOf = (path: string) => [...new Set([path, encodeURI(path), decode(path)])];

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
