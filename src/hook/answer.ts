import type { IncomingHttpHeaders } from 'node:http';
import type { HookOptions } from '../options/hook';
import { type HookFailure, hookFailures } from './failures';
import type { Reply } from './transport';

/** The answer of 4D to an event. */
export interface Answer {
  readonly http_status: number;
  readonly headers: IncomingHttpHeaders;
  /** The value of a JSON body; the text of any other body. */
  readonly payload: unknown;
  /** Actions to carry out. */
  readonly actions: readonly unknown[];
}

/** Returns the answer in a 2xx response, or a failure if it must be JSON and is not. An empty body counts as `{}`. */
export function answerOf(
  { form, answerMustBeJson }: Pick<HookOptions, 'form' | 'answerMustBeJson'>,
  { http_status, headers, text }: Reply,
): Answer | HookFailure {
  const type = headers['content-type'] ?? '';
  const body = text.trim() === '' ? '{}' : text;
  let payload = parse(body, answerMustBeJson || /\bjson\b/i.test(type));
  if (payload === notJson) {
    if (answerMustBeJson) return hookFailures.notJson(http_status, type);
    payload = body;
  }
  // REST wraps what the function returns, which is the text of an object where the function declares a text.
  if (form === 'rest' && isRecord(payload) && 'result' in payload) {
    const { result } = payload;
    const inner = typeof result === 'string' ? parse(result, false) : result;
    payload = inner === notJson ? result : inner;
  }
  const actions = isRecord(payload) && Array.isArray(payload.actions) ? payload.actions : [];
  return { http_status, headers, payload, actions };
}

const notJson = Symbol('not JSON');

/** A 4D method that answers with `WEB SEND TEXT` says seldom that its text is JSON. */
function parse(text: string, isJson: boolean): unknown {
  if (!isJson && !/^\s*[{[]/.test(text)) return notJson;
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
