import type { IncomingHttpHeaders } from 'node:http';
import type { HookForm } from '../options/hook';
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

export function answerOf(form: HookForm, { http_status, headers, text }: Reply): Answer {
  let payload = parse(text, /\bjson\b/i.test(headers['content-type'] ?? ''));
  // REST wraps what the function returns, which is the text of an object where the function declares a text.
  if (form === 'rest' && isRecord(payload) && 'result' in payload) {
    payload = typeof payload.result === 'string' ? parse(payload.result, false) : payload.result;
  }
  const actions = isRecord(payload) && Array.isArray(payload.actions) ? payload.actions : [];
  return { http_status, headers, payload, actions };
}

/** A 4D method that answers with `WEB SEND TEXT` says seldom that its text is JSON. */
function parse(text: string, isJson: boolean): unknown {
  if (!isJson && !/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
