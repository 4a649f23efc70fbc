import { redactor, scopeFunctions } from '../conversation';
import { deadline, untilAborted } from '../core/abort';
import { messageOf } from '../core/errors';
import type { Headers } from '../core/events';
import { failureOf } from '../core/failure';
import { roundedSeconds, shownUrl } from '../core/text';
import { check } from '../options/checks';
import { type ClientOptions, clientOptions } from '../options/client';
import { type Bindings, Computed } from '../options/computed';
import { ValidationIssue } from '../options/expectations';
import type { ConnectFailure, ConnectOptions } from './connect';
import { noAnswer } from './handshake';

/** Returns the URL of an attempt for a sentence or an answer: without its password, the values of its query, and the secrets of the client. */
export const shownTarget = (options: Pick<ConnectOptions, 'URL' | 'secrets'> | undefined): string =>
  options ? redactor(options.secrets ?? {})(shownUrl(options.URL)) : '';

/** The options of a client that has a URL, which may be computed. */
export type WithUrl = ClientOptions & { readonly URL: string | Computed };

/** Returns whether a value of these options is computed for each attempt. */
export const hasComputed = ({ URL, headers }: ClientOptions): boolean =>
  URL instanceof Computed || Object.values(headers).some((value) => value instanceof Computed);

/**
 * Evaluates the expressions of the URL and the headers.
 *
 * @param vars more bindings: what the flow has answered before the attempt.
 * @param seconds how long it may take.
 * @param stop ends the wait for a value.
 * @returns the options of the attempt, or its failure.
 */
export async function computed(
  options: WithUrl,
  vars: Bindings,
  seconds: number,
  stop: AbortSignal,
): Promise<ConnectOptions | ConnectFailure> {
  const limit = deadline(seconds * 1000, stop);
  const { URL: target, headers, secrets = {} } = options;
  const redact = redactor(secrets);
  const shown = typeof target === 'string' ? shownUrl(target) : undefined;
  const bindings = { ...scopeFunctions(secrets), ...vars };
  /** @param header the name of the header; absent: the URL. */
  const evaluated = async (given: string | Computed, header?: string): Promise<string> => {
    if (!(given instanceof Computed)) return given;
    const [option, place] = header === undefined ? (['URL', 'URL'] as const) : (['headers', `headers.${header}`] as const);
    let value: unknown;
    try {
      value = await untilAborted(given.evaluate(bindings), limit.signal);
    } catch (error) {
      const why = limit.isOver ? `it took more than ${roundedSeconds(seconds)} s` : redact(messageOf(error));
      throw new Fault(option, `the value of ${place} could not be computed: ${why}. Check its expression.`);
    }
    // The value is not shown, because it may contain a secret.
    const toCheck = header === undefined ? value : { [header]: value };
    if (check(clientOptions[option], toCheck) instanceof ValidationIssue)
      throw new Fault(option, `the expression of ${place} gave ${wrong[option]}`);
    return String(value);
  };
  try {
    const url = await evaluated(target);
    const own: Headers = {};
    for (const [name, value] of Object.entries(headers)) own[name] = await evaluated(value, name);
    return { ...options, URL: url.trim(), headers: own };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const sentence = `Could not connect${shown ? ` to ${shown}` : ''}: ${error.message}`;
    return { ...noAnswer, ...failureOf(sentence, { brief: 'option', option: error.option }) };
  } finally {
    limit.clear();
  }
}

const wrong = {
  URL: 'no ws:// or wss:// URL.',
  headers: 'no text that a header can hold.',
};

class Fault extends Error {
  constructor(
    readonly option: string,
    sentence: string,
  ) {
    super(sentence);
  }
}
