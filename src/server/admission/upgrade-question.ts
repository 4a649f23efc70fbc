import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Answer, Asked, Decisions } from '../../core/decisions';
import type { Headers } from '../../core/events';
import { hidden, printable, quoted } from '../../core/text';
import { spelledHeaders } from '../../net/headers';
import { splitTarget } from '../../net/request-target';
import { headerValue, token } from '../../options/checks';
import type { Entry, RequestInfo, ResponseHeaders, UpgradeRejection } from './upgrade-rules';

/** The decision of the flow to admit a client. */
export interface Accepted {
  readonly user: string | undefined;
  readonly subProtocol: string | undefined;
  readonly headers: ResponseHeaders;
  readonly tags: readonly string[];
  readonly session: unknown;
}

/** The subprotocols of a request. */
interface Offered {
  readonly names: readonly string[];
  /** The same with tokens hidden. */
  readonly shown: readonly string[];
}

/** Asks the flow about an upgrade. Returns `undefined` if no node asks for the server. */
export type AskUpgrade = (request: IncomingMessage, info: RequestInfo, entry: Entry, offered: Offered) => Asked | undefined;

/** Headers that hold credentials. */
const secretHeaders = /^(authorization|proxy-authorization|cookie)$/i;

/** Returns the function that asks about the upgrades of a server. */
export const askUpgrade =
  (decisions: Decisions, socket: number): AskUpgrade =>
  (request, { uri, headers, remoteIp, remotePort }, { user, params }, offered) => {
    const decider = decisions.find('server', socket);
    if (!decider) return undefined;
    const shows = decider.showsCredentials;
    const target = shows ? (request.url ?? '') : uri;
    const { path, query } = splitTarget(target);
    const payload = {
      uri: target,
      path,
      query,
      ...(params && { params: { ...params } }),
      headers: shows ? spelledHeaders(request.rawHeaders) : redacted(headers),
      subProtocols: [...(shows ? offered.names : offered.shown)],
      remoteIp,
      remotePort,
      ...(user !== undefined && { user }),
      ...certificateOf(request),
    };
    return decisions.ask(decider, { event: 'Upgrade', socket, payload, topic: path }, (answer) => faultOf(answer, offered.names));
  };

const redacted = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secretHeaders.test(name) ? hidden : value]));

function certificateOf({ socket }: IncomingMessage): object {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return {};
  const { subject, issuer, valid_to, fingerprint256, serialNumber } = socket.getPeerCertificate();
  if (!subject) return {};
  return { certificate: { subject: { ...subject }, issuer: { ...issuer }, validTo: valid_to, fingerprint256, serialNumber } };
}

/** The largest session, characters of JSON. */
const maxSession = 65_536;
/** Headers that belong to the handshake. */
const ownHeaders = /^(upgrade|connection|sec-websocket-.*|content-length|transfer-encoding)$/i;

const unanswered = 'the flow did not answer in time (askTimeoutSecs). Wire websocket server authorize to websocket reply';

/** Reads the answer of the flow. */
export function readDecision(answer: Answer | undefined, offered: readonly string[]): Accepted | UpgradeRejection {
  if (!answer) return { http_status: 503, kind: 'undecided', why: unanswered };
  const headers = headersOf(answer.headers);
  if (answer.accept !== true) {
    const http_status = statusOf(answer.status) ?? defaultStatus;
    const { reason } = answer;
    if (typeof reason !== 'string' || reason === '') return { http_status, kind: 'flow', why: 'the flow refused it', headers };
    const why = printable(reason, 1000).replace(/\.$/, '');
    return { http_status, kind: 'flow', why, headers, body: reason.slice(0, maxBody) };
  }
  const wrong = faultOf(answer, offered);
  if (wrong !== undefined) return { http_status: 500, kind: 'undecided', why: `the answer of the flow cannot be used: ${wrong}` };
  const { user, subProtocol } = answer;
  return {
    user: typeof user === 'number' || (typeof user === 'string' && user !== '') ? String(user) : undefined,
    subProtocol: typeof subProtocol === 'string' && subProtocol !== '' ? subProtocol : undefined,
    headers,
    tags: tagsOf(answer.tags) as string[],
    session: sessionOf(answer.session),
  };
}

const defaultStatus = 401;
/** The longest body of a refusal, characters. */
const maxBody = 65_536;

/** Returns the HTTP status of a refusal; `undefined` if it cannot be one. */
function statusOf(given: unknown): number | undefined {
  const status = Number(given ?? defaultStatus);
  return Number.isInteger(status) && status >= 300 && status <= 599 ? status : undefined;
}

const tagsOf = (given: unknown): unknown => (typeof given === 'string' ? [given] : (given ?? []));
const isTag = (tag: unknown) => typeof tag === 'string' && tag !== '' && tag.length <= 128;

/** Returns why an answer cannot be used, as the rest of a sentence. A refusal is one in any case. */
function faultOf({ accept, status, headers, subProtocol, tags, session }: Answer, offered: readonly string[]): string | undefined {
  if (typeof accept !== 'boolean') return 'accept must be true or false';
  const wrong = wrongHeader(headers);
  if (wrong !== undefined) return `headers must have names and values that HTTP allows; ${quoted(wrong, 100)} has not`;
  if (!accept) return statusOf(status) === undefined ? 'status must be 300 to 599' : undefined;
  if (subProtocol !== undefined && subProtocol !== null && subProtocol !== '' && !offered.includes(subProtocol as string))
    return 'the client did not offer this subProtocol';
  const list = tagsOf(tags);
  if (!Array.isArray(list) || list.length > 1000 || !list.every(isTag)) return 'tags must be a list of names';
  if (session !== undefined && !isSession(session)) return 'session must be a JSON value of at most 64 KiB';
  return undefined;
}

/** Returns whether a value can be the session of a connection. */
export function isSession(value: unknown): boolean {
  try {
    const json = JSON.stringify(value);
    return json !== undefined && json.length <= maxSession;
  } catch {
    return false;
  }
}

/** Returns a session as JSON has it, apart from what the flow handed in. `null` is none. */
export const sessionOf = (value: unknown): unknown =>
  value === undefined || value === null ? undefined : JSON.parse(JSON.stringify(value));

/** Returns the headers that can be sent. One that is absent or `null` is none. */
function headersOf(given: unknown): ResponseHeaders {
  const entries = headerEntries(given).filter(([name, value]) => isHeader(name, value) && !ownHeaders.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : String(value)]));
}

/** Returns the name of a header that cannot be sent. */
function wrongHeader(given: unknown): string | undefined {
  if (given !== undefined && given !== null && typeof given !== 'object') return String(given);
  return headerEntries(given).find(([name, value]) => !isHeader(name, value))?.[0];
}

const headerEntries = (given: unknown): [string, unknown][] =>
  typeof given === 'object' && given !== null ? Object.entries(given).filter(([, value]) => value !== undefined && value !== null) : [];

const isHeader = (name: string, value: unknown): boolean =>
  token.test(name) && (Array.isArray(value) ? value : [value]).every((one) => typeof one !== 'object' && headerValue.test(String(one)));
