import { redactor } from '../conversation';
import { deadline } from '../core/abort';
import type { Answer, Decisions } from '../core/decisions';
import type { Headers } from '../core/events';
import { type Brief, failureOf } from '../core/failure';
import { guarded, type Log } from '../core/log';
import { hidden, printable, shownUrl } from '../core/text';
import { isElsewhere, withoutCredentials } from '../net/credentials';
import { clientOptions } from '../options/client';
import type { Bindings } from '../options/computed';
import { read } from '../options/read';
import type { ConnectFailure, ConnectOptions } from './connect';
import { noAnswer } from './handshake';
import { webSocketUrl } from './redirects';

/** The options of one attempt, as the flow wants them. */
export interface Prepared {
  readonly options: ConnectOptions;
  /** More bindings for the expressions of the protocol. */
  readonly vars: Bindings;
}

type OptionsWith = (vars: Bindings) => Promise<ConnectOptions | ConnectFailure>;

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

  /**
   * @param optionsWith computes the options of the client with the variables that the flow gives.
   * @param seconds the time that is left for the attempt.
   * @returns the options for this attempt or its failure; `undefined` if no node asks for the client.
   */
  async ask(optionsWith: OptionsWith, seconds: number, stop: AbortSignal): Promise<Prepared | ConnectFailure | undefined> {
    const decider = this.decisions.find('client', this.socket);
    if (!decider) return undefined;
    const began = performance.now();
    // Expressions that need what the flow answers fail here. The question then has no URL.
    const before = await optionsWith({});
    const { URL: url = '', ...known }: Partial<ConnectOptions> = 'errorStr' in before ? {} : before;
    const question = this.question(url, known);
    const asked = this.decisions.ask(decider, question, faultOf);
    const due = deadline(Math.max(seconds * 1000 - (performance.now() - began), 10), stop);
    const cancel = guarded(this.log, () => asked.cancel());
    due.signal.addEventListener('abort', cancel, { once: true });
    const answer = await asked.answer;
    due.signal.removeEventListener('abort', cancel);
    due.clear();
    if (stop.aborted) return failed(url, 'the start was aborted by stop or clear.', 'stopped');
    if (answer?.accept === false) return refused(url, answer);
    if (answer) {
      const vars = isObject(answer.vars) ? { ...answer.vars } : {};
      const options = Object.keys(vars).length > 0 ? await optionsWith(vars) : before;
      return 'errorStr' in options ? options : prepare(options, unchangedOut(answer, question.payload, options), vars);
    }
    const [limit, option] = due.isOver ? [seconds, 'timeout, handshakeTimeoutSecs'] : [decider.timeoutSecs, 'askTimeoutSecs'];
    const why = `the flow did not answer in time (${limit} s, ${option}). Wire websocket client prepare to websocket reply.`;
    return failed(url, why, 'timedOut');
  }

  /** Returns the question to the flow. Computed values may contain secrets. */
  private question(url: string, { headers = {}, subProtocols = [], secrets = {} }: Partial<ConnectOptions>) {
    const redact = redactor(secrets);
    const shownHeaders = Object.entries(shown(headers)).map(([name, value]) => [name, redact(value)]);
    const payload = {
      URL: url && redact(withoutPassword(url)),
      headers: Object.fromEntries(shownHeaders) as Headers,
      subProtocols: [...subProtocols],
      ...this.series(),
    };
    return { event: 'Connect', socket: this.socket, payload, topic: url && redact(webSocketUrl(url).pathname) } as const;
  }
}

const failed = (url: string, why: string, brief: Brief = 'failed'): ConnectFailure => ({
  ...noAnswer,
  ...failureOf(`Could not connect${url && ` to ${shownUrl(url)}`}: ${why}`, { brief, option: undefined }),
});

function refused(url: string, { reason, wait }: Answer): ConnectFailure {
  const why = typeof reason === 'string' && reason !== '' ? printable(reason, 500).replace(/\.$/, '') : 'no reason given';
  const failure = failed(url, `the flow refused the attempt: ${why}.`);
  return typeof wait === 'number' && wait >= 0 ? { ...failure, waitMs: Math.min(wait, maxWaitMs) } : failure;
}

/** The longest wait that the flow may ask for, ms. */
const maxWaitMs = 3_600_000;

/** Reads the options in an answer. @throws SocketError `ERR_OPTION` */
const changesIn = ({ URL, headers, subProtocols }: Answer) =>
  read(clientOptions, { ...defined({ URL, subProtocols }), headers: Object.fromEntries(added(headers)) });

/** Returns why an answer cannot be used, as a sentence. */
function faultOf(answer: Answer): string | undefined {
  if (answer.accept === false) return undefined;
  const { headers } = answer;
  if (headers !== undefined && headers !== null && !isObject(headers)) return 'headers must be an object.';
  try {
    changesIn(answer);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function prepare(options: ConnectOptions, answer: Answer, vars: Bindings): Prepared | ConnectFailure {
  const fault = faultOf(answer);
  if (fault !== undefined) return failed(options.URL, `the answer of the flow cannot be used: ${fault}`);
  const { URL: url, headers, subProtocols } = changesIn(answer) as Partial<ConnectOptions>;
  const [from, to] = [webSocketUrl(options.URL), webSocketUrl(url ?? options.URL)];
  const elsewhere = isElsewhere(from, to);
  // The question hides the password. A flow that changes a part of the URL gives it back hidden.
  const isUnchanged = to.password === hidden;
  if (isUnchanged) to.password = elsewhere || to.username !== from.username ? '' : from.password;
  // Another host must not get the credentials of the configured one.
  const own = elsewhere ? withoutCredentials(options) : options;
  return {
    options: {
      ...own,
      URL: isUnchanged ? to.href : (url ?? options.URL),
      headers: merged(own.headers, headers ?? {}, answer.headers),
      ...(subProtocols && { subProtocols }),
    },
    vars,
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
const defined = (values: object) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));

/**
 * Returns an answer without what it gives back as the question showed it. The question hides passwords and secrets, so these values are
 * not what the client has.
 */
function unchangedOut(answer: Answer, shown: { readonly URL: string; readonly headers: Headers }, options: ConnectOptions): Answer {
  const { URL: url, headers } = answer;
  const own = new Map(Object.entries(shown.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const isShown = (name: string, value: unknown) => own.get(name.toLowerCase()) === value || (value === hidden && secretHeaders.test(name));
  const isExtended = typeof url === 'string' && shown.URL !== '' && url.startsWith(shown.URL);
  return {
    ...answer,
    ...(isExtended && { URL: webSocketUrl(options.URL).href + url.slice(shown.URL.length) }),
    ...(isObject(headers) && { headers: Object.fromEntries(Object.entries(headers).filter(([name, value]) => !isShown(name, value))) }),
  };
}

/** Returns the headers of an answer that are new. */
const added = (headers: unknown): [string, unknown][] =>
  isObject(headers) ? Object.entries(headers).filter(([, value]) => value !== null && value !== undefined) : [];

/** Adds headers; one that is `null` is taken away. Names are the same in any case. */
function merged(own: Headers, more: Headers, given: unknown): Headers {
  const names = new Set(Object.keys(isObject(given) ? given : {}).map((name) => name.toLowerCase()));
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
