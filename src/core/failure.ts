import { type ErrorCode, SocketError } from './errors';
import { oneLine } from './text';

/** Short descriptions of failures for a status line. The other languages use the same keys. Pure, because the editor reads it too. */
export const briefs = {
  notFound: 'name not found',
  refused: 'refused',
  unreachable: 'unreachable',
  timedOut: 'timed out',
  certificate: 'bad certificate',
  tls: 'TLS failed',
  closed: 'connection closed',
  notWebSocket: 'not a WebSocket server',
  notJson: 'response is not JSON',
  status: 'HTTP __status__',
  redirect: 'bad redirect',
  proxy: 'proxy failed',
  proxyStatus: 'proxy: HTTP __status__',
  subprotocol: 'no subprotocol',
  stopped: 'stopped',
  portInUse: 'port in use',
  pathInUse: 'path in use',
  noServer: 'no HTTP server',
  noAddress: 'no such address',
  notAllowed: 'not allowed',
  opening: 'login failed',
  ended: 'closed: __code__',
  full: 'queue full',
  option: 'check __option__',
  options: 'check the options',
  nothing: 'nothing to send',
  noSocket: 'no such socket',
  state: 'not possible now',
  failed: 'failed',
} as const;
export type Brief = keyof typeof briefs;

/** Short descriptions of refused upgrades for the status line of a server, by the kind of refusal. */
export const refusals = {
  origin: 'origin __detail__',
  path: 'path __detail__',
  loginMissing: 'no credentials',
  loginWrong: 'wrong credentials',
  blocked: 'address blocked',
  perAddress: 'too many from one address',
  full: 'no place left',
  protocol: 'bad handshake',
  upgrade: 'not a WebSocket',
} as const;
export type RefusalBrief = keyof typeof refusals;

/** The failure that a status line shows. */
export interface Reason {
  readonly brief: Brief;
  /** The option to check first, if one can help. */
  readonly option?: string | undefined;
  readonly http_status?: number;
  /** The code of the Close event that ended the connection. */
  readonly code?: number;
}

/** An operational failure of a start. */
export interface Failure extends Reason {
  /** A sentence with the attempt, the failure and the remedy. */
  readonly errorStr: string;
}

/** Returns a failure whose sentence is on one line, whatever external text it contains. */
export const failureOf = (errorStr: string, { brief, option }: Pick<Reason, 'brief' | 'option'>): Failure => ({
  errorStr: oneLine(errorStr),
  brief,
  option,
});

const byCode: Record<ErrorCode, Brief> = { ERR_NO_SOCKET: 'noSocket', ERR_OPTION: 'options', ERR_STATE: 'state', ERR_INTERNAL: 'failed' };

/** Returns the reason for a thrown value. */
export function reasonOf(error: unknown): Reason {
  if (!(error instanceof SocketError)) return { brief: 'failed' };
  const { code, option, brief } = error;
  if (brief !== undefined && brief in briefs) return { brief: brief as Brief };
  return option === undefined ? { brief: byCode[code] } : { brief: 'option', option };
}
