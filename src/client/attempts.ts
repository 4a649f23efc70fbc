import type { Dialogue } from '../conversation';
import { isElsewhere, withoutCredentials } from '../net/credentials';
import { clientOptions } from '../options/client';
import type { Bindings } from '../options/computed';
import type { OptionStore } from '../options/option-store';
import { read } from '../options/read';
import { computed, hasComputed } from './computed-options';
import type { ConnectFailure, ConnectOptions } from './connect';
import type { Line } from './line';
import { optionFailure, withUrl } from './option-layers';
import type { Preparation, Prepared } from './preparation';
import { type AllowsUrl, webSocketUrl } from './redirects';

type Store = OptionStore<typeof clientOptions>;

/** The most connections of one attempt whose openings a rule ends to ask for another one. */
const maxMoves = 5;

/** The attempts of a client to connect, one at a time. */
export class Attempts {
  /** The options of the latest attempt. */
  tried: ConnectOptions | undefined;
  private trying: AbortController | undefined;
  private attempted: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly id: number,
    private readonly dialogue: Dialogue,
    private readonly allows: AllowsUrl | undefined,
    /** Asks the flow before each attempt. */
    private readonly preparation: Preparation | undefined,
  ) {}

  /**
   * Performs one opening handshake, and the opening conversation of the protocol.
   *
   * @param seconds one deadline for both.
   * @param url another URL than that of the options, this once.
   * @returns the failure, or `undefined`.
   */
  make(line: Line, store: Store, seconds: number, url?: string): Promise<ConnectFailure | undefined> {
    const trying = new AbortController();
    this.trying = trying;
    const attempt = this.open(line, store, seconds, url, trying.signal);
    this.attempted = attempt.catch(() => undefined);
    return attempt;
  }

  /** Makes an attempt that no start command waits for. Options that cannot be used are a failure of it. */
  async again(line: Line, store: Store, url?: string): Promise<ConnectFailure | undefined> {
    try {
      return await this.make(line, store, store.values.handshakeTimeoutSecs, url);
    } catch (error) {
      return optionFailure(error);
    }
  }

  /** Aborts the current attempt. Resolves when it has ended. */
  async abort(): Promise<void> {
    this.trying?.abort();
    await this.attempted;
  }

  private async open(
    line: Line,
    store: Store,
    seconds: number,
    url: string | undefined,
    stop: AbortSignal,
  ): Promise<ConnectFailure | undefined> {
    const end = performance.now() + seconds * 1000;
    let remaining = seconds;
    let to = url;
    for (let moves = 0; ; moves++) {
      const prepared = await this.prepare(store, to, remaining, stop);
      if ('errorStr' in prepared) return prepared;
      const own = prepared.options;
      this.tried = own;
      // Without something to prepare, the whole time is left.
      if (this.preparation || hasComputed(store.values)) remaining = secondsUntil(end);
      const ready = own.protocol === undefined ? undefined : await this.dialogue.prepare(own);
      const speaking = ready && { ready, requests: this.dialogue.requestsOf(ready), vars: prepared.vars };
      const failure = await line.open(own, speaking, remaining, stop);
      const { moved } = line;
      line.moved = undefined;
      remaining = Math.round(end - performance.now()) / 1000;
      if (!failure || !moved || moves === maxMoves || stop.aborted || remaining <= 0) return failure;
      to = moved.url ?? to;
    }
  }

  /** Computes the options of an attempt, and asks the flow. */
  private async prepare(store: Store, url: string | undefined, seconds: number, stop: AbortSignal): Promise<Prepared | ConnectFailure> {
    const own = withUrl(store.values, this.id);
    const end = performance.now() + seconds * 1000;
    const optionsWith = async (vars: Bindings) => {
      const known = hasComputed(own) ? await computed(own, vars, secondsUntil(end), stop) : (own as ConnectOptions);
      return 'errorStr' in known ? known : { ...movedTo(known, url), allows: this.allows };
    };
    const prepared = await this.preparation?.ask(optionsWith, seconds, stop);
    if (prepared) return prepared;
    const options = await optionsWith({});
    return 'errorStr' in options ? options : { options, vars: {} };
  }
}

/** Returns the seconds until a point in time, and a little if it has passed. */
const secondsUntil = (end: number) => Math.max(Math.round(end - performance.now()) / 1000, 0.01);

/** Returns the options for another URL. Credentials do not go to another host, because a peer may have chosen the URL. */
function movedTo(own: ConnectOptions, url: string | undefined): ConnectOptions {
  if (url === undefined) return own;
  const moved = { ...own, URL: read(clientOptions, { URL: url }).URL as string };
  return isElsewhere(webSocketUrl(own.URL), webSocketUrl(moved.URL)) ? withoutCredentials(moved) : moved;
}
