import { errorPayload, type SocketEvent } from '../core/events';
import { guarded, type Log } from '../core/log';
import { backoff } from '../net/backoff';
import type { ConnectFailure } from './connect';
import type { Line } from './line';
import { Retries, type Retry, type RetryOptions } from './retries';

export interface RenewalOptions extends RetryOptions {
  /** The age at which a connection is renewed, s. */
  readonly maxAgeSecs?: number | undefined;
}

export interface RenewalContext {
  readonly options: () => RenewalOptions;
  readonly createLine: () => Line;
  /** Makes the attempt. @param url another URL than that of the options. */
  readonly connect: (line: Line, url: string | undefined) => Promise<ConnectFailure | undefined>;
  /** Aborts the attempt. Resolves when it has ended. */
  readonly abort: () => Promise<void>;
  /** Reports that the old connection goes on. @param retry the attempt that follows, if one does. */
  readonly failed: (failure: ConnectFailure, retry: Retry | undefined) => void;
  /** An adopted attempt has failed. */
  readonly adoptedFailed: (failure: ConnectFailure) => void;
  readonly log: Log;
}

/**
 * The renewal of a client's connection: a new one is opened, and the old one closed as soon as the new one can be used. The connection's
 * age or a rule of the protocol causes it.
 */
export class Renewal {
  /** The new connection, until it has opened. */
  line: Line | undefined;
  private adopted: Line | undefined;
  private timer: NodeJS.Timeout | undefined;
  private openedAt = 0;
  /** Renewals in a row that a rule asked for on connections that had just opened. */
  private early = 0;
  private readonly retries = new Retries();
  private readonly retiring = new Set<Line>();

  constructor(private readonly context: RenewalContext) {}

  /** Call it when a connection has opened. */
  opened(): void {
    this.line = undefined;
    this.adopted = undefined;
    this.openedAt = performance.now();
    this.retries.reset();
    this.awaitAge();
  }

  /** Renews the connection, because a rule asks for it. A renewal under way goes on. @param url where to, this once. */
  request(url: string | undefined): void {
    if (this.line) return;
    const options = this.context.options();
    this.early = performance.now() - this.openedAt < options.stableAfterMs ? this.early + 1 : 0;
    // A peer that asks for it on each new connection would otherwise cause a fast loop.
    if (this.early > 1) this.after(backoff(this.early - 1, options), () => this.make(url, false));
    else this.make(url, false);
  }

  /** Closes the old connection. */
  retire(old: Line): void {
    this.retiring.add(old);
    old
      .retire()
      .finally(() => this.retiring.delete(old))
      .catch((error) => this.context.log.error(error));
  }

  /** Returns the new connection, because the old one has ended meanwhile: the attempt is then an ordinary one. */
  adopt(): Line | undefined {
    clearTimeout(this.timer);
    this.adopted = this.line;
    this.line = undefined;
    return this.adopted;
  }

  /** Ends the renewal, and closes its connections. */
  async stop(code: number, reason: string): Promise<void> {
    clearTimeout(this.timer);
    const { line } = this;
    this.line = undefined;
    await Promise.all([this.context.abort(), ...[...this.retiring].map(({ connection }) => connection?.close(code, reason))]);
    await line?.connection?.close(code, reason);
  }

  private awaitAge(): void {
    clearTimeout(this.timer);
    const { maxAgeSecs } = this.context.options();
    if (!maxAgeSecs) return;
    const age = performance.now() - this.openedAt;
    this.after(Math.max(maxAgeSecs * 1000 - age, 0), () => this.make(undefined, true));
  }

  private after(ms: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(guarded(this.context.log, then), ms);
  }

  private make(url: string | undefined, byAge: boolean): void {
    clearTimeout(this.timer);
    const { createLine, connect, adoptedFailed, log } = this.context;
    const line = createLine();
    this.line = line;
    connect(line, url)
      .then((failure) => {
        if (!failure) return;
        if (this.adopted === line) adoptedFailed(failure);
        else if (this.line === line) this.failed(failure, byAge);
      })
      .catch((error) => log.error(error));
  }

  private failed(failure: ConnectFailure, byAge: boolean): void {
    this.line = undefined;
    const retry = byAge ? this.retries.failed({ ...this.context.options(), maxRetries: 0 }, failure) : undefined;
    if (retry?.wait === undefined) this.awaitAge();
    else this.after(retry.wait, () => this.make(undefined, true));
    this.context.failed(failure, retry);
  }
}

/** Returns the Error event of a failed renewal. */
export function notRenewed(socket: number, { errorStr, http_status }: ConnectFailure, retry: Retry | undefined): SocketEvent {
  const { retries = 0, wait = 0 } = retry ?? {};
  const sentence = `The connection was not renewed and goes on. ${errorStr}`;
  return { type: 3, socket, payload: errorPayload(sentence, { retries, wait_time: wait, http_status }) };
}
