import type { Answer, Decisions } from '../core/decisions';
import type { Headers } from '../core/events';
import { failureOf } from '../core/failure';
import { guarded, type Log } from '../core/log';
import { hidden, printable, shownUrl } from '../core/text';
import { isElsewhere, withoutCredentials } from '../net/credentials';
import { clientOptions } from '../options/client';
import { read } from '../options/read';
import type { ConnectFailure, ConnectOptions } from './connect';
import { noAnswer } from './handshake';
import { webSocketUrl } from './redirects';

/** The options of one attempt, as the flow wants them. */
export interface Prepared {
  readonly options: ConnectOptions;
  /** More bindings for the expressions of the protocol. */
  readonly vars: Readonly<Record<string, unknown>>;
}

/** The failures so far, as a question shows them. */
export interface Series {
  readonly retries: number;
  readonly reason: string;
}

/** Headers that hold credentials. */
const secretHeaders = /^(authorization|proxy-authorization|cookie)$/i;

/** Asks the flow before each attempt of a client. */
export class Preparation {
  constructor(
    private readonly decisions: Decisions,
    private readonly socket: number,
    private readonly series: () => Series,
    private readonly log: Log,
  ) {}

  /** @returns the options for this attempt or its failure; `undefined` if no node asks for the client. */
  async ask(options: ConnectOptions, stop: AbortSignal): Promise<Prepared | ConnectFailure | undefined> {
    const decider = this.decisions.find('client', this.socket);
    if (!decider) return undefined;
    const { URL: url, headers, subProtocols = [] } = options;
    const payload = { URL: withoutPassword(url), headers: shown(headers), subProtocols: [...subProtocols], ...this.series() };
    const asked = this.decisions.ask(decider, { event: 'Connect', socket: this.socket, payload, topic: webSocketUrl(url).pathname });
    const cancel = guarded(this.log, () => asked.cancel());
    stop.addEventListener('abort', cancel, { once: true });
    const answer = await asked.answer;
    stop.removeEventListener('abort', cancel);
    if (stop.aborted) return failed(url, 'the start was aborted by stop or clear.');
    if (!answer) return failed(url, 'the flow did not answer in time (askTimeoutSecs). Wire websocket client prepare to websocket reply.');
    return answer.accept === false ? refused(url, answer) : prepare(options, answer);
  }
}

const failed = (url: string, why: string): ConnectFailure => ({
  ...noAnswer,
  ...failureOf(`Could not connect to ${shownUrl(url)}: ${why}`, { brief: 'failed', option: undefined }),
});

function refused(url: string, { reason, wait }: Answer): ConnectFailure {
  const why = typeof reason === 'string' && reason !== '' ? printable(reason, 500) : 'no reason given';
  const failure = failed(url, `the flow refused the attempt: ${why}.`);
  return typeof wait === 'number' && wait >= 0 ? { ...failure, retryAfterMs: Math.min(wait, maxWaitMs) } : failure;
}

/** The longest wait that the flow may ask for, ms. */
const maxWaitMs = 3_600_000;

function prepare(options: ConnectOptions, { URL: url, headers, subProtocols, vars }: Answer): Prepared | ConnectFailure {
  const given = { ...(url !== undefined && { URL: url }), ...(subProtocols !== undefined && { subProtocols }) };
  let changed: ReturnType<typeof read<typeof clientOptions>>;
  try {
    changed = read(clientOptions, { ...given, headers: added(headers) });
  } catch (error) {
    return failed(options.URL, `the answer of the flow cannot be used: ${(error as Error).message}`);
  }
  const URL = changed.URL ?? options.URL;
  // Another host must not get the credentials of the configured one.
  const own = isElsewhere(webSocketUrl(options.URL), webSocketUrl(URL)) ? withoutCredentials(options) : options;
  return {
    options: {
      ...own,
      URL,
      headers: merged(own.headers, changed.headers, headers),
      ...(changed.subProtocols && { subProtocols: changed.subProtocols }),
    },
    vars: typeof vars === 'object' && vars !== null && !Array.isArray(vars) ? { ...vars } : {},
  };
}

/** Returns the headers that are not taken away. */
const added = (headers: unknown): object =>
  typeof headers === 'object' && headers !== null ? Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null)) : {};

/** Adds headers; one that is `null` is taken away. Names are the same in any case. */
function merged(own: Headers, more: Headers, given: unknown): Headers {
  const names = new Set(Object.keys(typeof given === 'object' && given !== null ? given : {}).map((name) => name.toLowerCase()));
  const kept = Object.entries(own).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...more };
}

const shown = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secretHeaders.test(name) ? hidden : value]));

function withoutPassword(text: string): string {
  const url = webSocketUrl(text);
  if (url.password) url.password = hidden;
  return url.href;
}
