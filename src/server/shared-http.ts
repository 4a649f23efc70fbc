import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { guarded, type Log } from '../core/log';
import { pathOf } from '../net/request-target';

/** Whoever has an HTTP server that ours may share. */
export interface HttpHost {
  /** What sentences call the server. */
  readonly name: string;
  /** `undefined` where there is none. */
  readonly server: HttpServer | undefined;
  /** Where the paths that are ours begin, for instance `/` or `/api`. */
  readonly root: string;
  /** Who answers the upgrades to a path, of those that are none of ours: the end of a sentence. */
  owner(path: string): string | undefined;
}

export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * The upgrades of an HTTP server that is not ours alone. Those to paths that nobody here has asked for are left as they are, for the others
 * that listen: the server's owner ends what nobody answers.
 */
export class SharedHttp {
  private readonly paths = new Map<string, OnUpgrade>();
  /** Where `onUpgrade` listens, while there is a path. */
  private attachedServer: HttpServer | undefined;
  private readonly onUpgrade: OnUpgrade;

  constructor(
    readonly host: HttpHost,
    log: Log,
  ) {
    this.onUpgrade = guarded(log, (request, socket, head) => this.paths.get(pathOf(request.url ?? ''))?.(request, socket, head));
  }

  /** The whole path of one that is given from the root on. */
  fullPath(path: string): string {
    return `/${this.host.root}/${path}`.replace(/\/{2,}/g, '/');
  }

  /** Who has a path: the end of a sentence. */
  owner(fullPath: string): string | undefined {
    return namesOf(fullPath).some((name) => this.paths.has(name)) ? 'another server of the flows' : this.host.owner(fullPath);
  }

  /** Takes the upgrades to a path that nobody has; call what comes back to leave them to others. */
  register(server: HttpServer, fullPath: string, onUpgrade: OnUpgrade): () => void {
    // One listener for all paths: from the eleventh on Node.js would warn of a leak.
    if (this.paths.size === 0) this.attachedServer = server.on('upgrade', this.onUpgrade);
    const names = namesOf(fullPath);
    for (const name of names) this.paths.set(name, onUpgrade);
    return () => {
      for (const name of names) if (this.paths.get(name) === onUpgrade) this.paths.delete(name);
      if (this.paths.size === 0) this.attachedServer?.off('upgrade', this.onUpgrade);
    };
  }
}

/** How clients may write a path: they may have escaped what need not be. */
const namesOf = (path: string) => [...new Set([path, encodeURI(path), decode(path)])];

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
