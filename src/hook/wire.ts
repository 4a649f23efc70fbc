import { optionError, show } from '../core/errors';
import type { HookForm, HookOptions } from '../options/hook';

/** An event for 4D: the three parameters of the callback, and its identity. */
export interface HookEvent {
  readonly type: number;
  readonly event: string;
  readonly socket: number;
  /** The connection of a server. */
  readonly client: string | undefined;
  /** JSON text. */
  readonly message: string;
  /** The method that was set when the event occurred. */
  readonly method: string;
  /** Changes with each deploy; `seq` counts up within it. Together they identify an event, so that 4D can ignore a repeat. */
  readonly run: string;
  readonly seq: number;
  /** ISO 8601. */
  readonly time: string;
}

/** An HTTP call. */
export interface Wire {
  readonly url: URL;
  readonly contentType: string;
  readonly body: string;
}

/** The options that select the address of a call. */
export type Target = Pick<HookOptions, 'method' | 'className' | 'functionName' | 'eventsPerCall'> & { URL: string; form: HookForm };

const json = 'application/json; charset=utf-8';

/**
 * Returns the call for these events: one event unless `eventsPerCall` allows more. With `eventsPerCall` above 1 even one event is
 * sent as a list, so that 4D reads one form.
 *
 * @throws SocketError `ERR_OPTION` if there is no 4D method to call.
 */
export function wireOf(target: Target, events: readonly HookEvent[]): Wire {
  const first = events[0] as HookEvent;
  const isList = target.eventsPerCall > 1;
  const list = () => `[${events.map(objectOf).join()}]`;
  switch (target.form) {
    case 'handler':
      return { url: new URL(target.URL), contentType: json, body: isList ? `{"events":${list()}}` : objectOf(first) };
    case '4DACTION': {
      const fields = isList ? { events: list() } : fieldsOf(first);
      const url = below(target.URL, `4DACTION/${encodeURIComponent(methodOf(target, first))}`);
      return { url, contentType: 'application/x-www-form-urlencoded; charset=utf-8', body: String(new URLSearchParams(fields)) };
    }
    case 'rest': {
      const { type, socket, message } = first;
      const body = isList ? `[${list()}]` : JSON.stringify([type, socket, message]);
      return { url: below(target.URL, `rest/$singleton/${target.className}/${target.functionName}`), contentType: json, body };
    }
  }
}

/** Returns the 4D method that an event calls, or `''`. Events of different methods do not share a call. */
export const calledBy = ({ form, method }: Target, event: HookEvent) => (form === '4DACTION' ? method || event.method : '');

/** Characters that 4D allows in the name of a method, a class or a function. None of them changes the path of a URL. */
const name4D = /^[\p{L}_][\p{L}\p{N}_ ]{0,30}$/u;

/** @throws SocketError `ERR_OPTION` if 4D does not allow a name. */
export function checkNames({ form, method, className, functionName }: Target): void {
  const names = form === '4DACTION' ? { method } : form === 'rest' ? { className, functionName } : {};
  for (const [option, name] of Object.entries(names)) if (name) checkName(option, name);
}

function checkName(option: string, name: string): string {
  if (name4D.test(name)) return name;
  const constraint = 'a name in 4D: a letter, then letters, digits, blanks and underscores, at most 31';
  throw optionError(`The option ${option} must be ${constraint}; got ${show(name)}.`, undefined, option);
}

function methodOf(target: Target, event: HookEvent): string {
  const name = calledBy(target, event);
  if (name === '') throw optionError('No 4D method is selected. Set one in the node, or with set method.', undefined, 'method');
  return checkName('method', name);
}

/** A path below a URL, whose own query and fragment are dropped. */
export function below(base: string, path: string): URL {
  const url = new URL(base);
  const { pathname } = url;
  let end = pathname.length;
  while (pathname[end - 1] === '/') end--;
  url.pathname = `${pathname.slice(0, end)}/${path}`;
  url.search = '';
  url.hash = '';
  return url;
}

/** The JSON of an event. Its message is JSON already. */
function objectOf({ type, event, socket, client, message, method, run, seq, time }: HookEvent): string {
  const rest = JSON.stringify({ type, event, socket, client, method, run, seq, time });
  return `${rest.slice(0, -1)},"message":${message}}`;
}

function fieldsOf({ type, socket, message, event, client, run, seq, time }: HookEvent): Record<string, string> {
  return { type: String(type), socket: String(socket), message, event, ...(client && { client }), run, seq: String(seq), time };
}
