import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Answer, Asked, Decisions } from '../../core/decisions';
import type { Headers } from '../../core/events';
import { hidden, printable } from '../../core/text';
import { spelledHeaders } from '../../net/headers';
import { splitTarget } from '../../net/request-target';
import { headerValue } from '../../options/checks';
import type { Entry, RequestInfo, UpgradeRejection } from './upgrade-rules';

/** The decision of the flow to admit a client. */
export interface Accepted {
  readonly user: string | undefined;
  readonly subProtocol: string | undefined;
  readonly headers: Headers;
  readonly tags: readonly string[];
  readonly session: unknown;
}

/** Asks the flow about an upgrade. Returns `undefined` if no node asks for the server. */
export type AskUpgrade = (request: IncomingMessage, info: RequestInfo, entry: Entry, offered: readonly string[]) => Asked | undefined;

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
      subProtocols: [...offered],
      remoteIp,
      remotePort,
      ...(user !== undefined && { user }),
      ...certificateOf(request),
    };
    return decisions.ask(decider, { event: 'Upgrade', socket, payload, topic: path });
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

/** Reads the answer of the flow. */
export function readDecision(answer: Answer | undefined, offered: readonly string[]): Accepted | UpgradeRejection {
  if (!answer) return { http_status: 503, kind: 'undecided', why: 'the flow did not answer in time (askTimeoutSecs)' };
  const headers = headersOf(answer.headers);
  if (answer.accept !== true) {
    const status = Number(answer.status ?? 401);
    const http_status = Number.isInteger(status) && status >= 400 && status <= 599 ? status : 401;
    const body = typeof answer.reason === 'string' ? printable(answer.reason, 1000) : undefined;
    return { http_status, kind: 'flow', why: body ?? 'the flow refused it', headers, ...(body !== undefined && { body }) };
  }
  const wrong = faultOf(answer, offered);
  if (wrong !== undefined) return { http_status: 500, kind: 'undecided', why: `the answer of the flow cannot be used: ${wrong}` };
  return {
    user: typeof answer.user === 'string' ? answer.user : undefined,
    subProtocol: typeof answer.subProtocol === 'string' && answer.subProtocol !== '' ? answer.subProtocol : undefined,
    headers,
    tags: typeof answer.tags === 'string' ? [answer.tags] : ((answer.tags ?? []) as string[]),
    session: sessionOf(answer.session),
  };
}

function faultOf({ subProtocol, tags, session }: Answer, offered: readonly string[]): string | undefined {
  if (typeof subProtocol === 'string' && subProtocol !== '' && !offered.includes(subProtocol))
    return 'the client did not offer this subProtocol';
  const list = typeof tags === 'string' ? [tags] : (tags ?? []);
  const isTag = (tag: unknown) => typeof tag === 'string' && tag !== '' && tag.length <= 128;
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

function headersOf(given: unknown): Headers {
  if (typeof given !== 'object' || given === null) return {};
  const entries = Object.entries(given).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(
    entries.filter(([name, value]) => /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && headerValue.test(value) && !ownHeaders.test(name)),
  );
}
