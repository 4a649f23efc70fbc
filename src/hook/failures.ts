import type { IncomingHttpHeaders } from 'node:http';
import { codeOf, messageOf, type SocketError } from '../core/errors';
import { type Failure, reasonOf } from '../core/failure';
import { longestStatus, oneLine, printable, quoted } from '../core/text';
import { networkErrors } from '../net/network-errors';
import { retryAfterMs } from '../net/retry-after';

/** A response without its body. */
export interface ReplyHead {
  readonly http_status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
}

/** The reason why 4D did not accept an event. */
export interface HookFailure extends Failure {
  /** 0 where there was no answer. */
  readonly http_status: number;
  /** A retry may succeed. */
  readonly retryable: boolean;
  /** 4D is away: all events wait, and none uses up a retry. */
  readonly isOutage?: boolean;
  /** The wait that the response asks for, ms. */
  readonly retryAfterMs?: number | undefined;
  /** The flow asked wrongly. */
  readonly callerError?: true;
}

type Rest = Partial<Omit<HookFailure, 'errorStr'>> & Pick<HookFailure, 'brief'>;
const failure = (why: string, rest: Rest): HookFailure => ({ http_status: 0, retryable: false, ...rest, errorStr: why });

/** The statuses of a 4D, or a proxy before it, that is away or overloaded. */
const outageStatuses: readonly number[] = [408, 429, 502, 503, 504];

function retryOf(status: number, headers: ReplyHead['headers']): Partial<HookFailure> {
  const isOutage = outageStatuses.includes(status);
  const retryable = isOutage || status >= 500;
  return { http_status: status, retryable, isOutage, ...(retryable && { retryAfterMs: retryAfterMs(headers['retry-after']) }) };
}

const advice: Readonly<Record<number, string>> = {
  400: 'Check the option Call: 4D may expect another format.',
  401: 'Check the user and password, the token, or the signing key.',
  403: 'Grant the privilege in roles.json to the user, or to unauthenticated sessions.',
  404: 'Check the URL, the method or class, and HTTPHandlers.json, which 4D reads when its web server starts.',
  413: 'The event is larger than 4D accepts. Send smaller messages, or raise the limit in 4D.',
};

/** The failures of a delivery. Each sentence follows "The event was not delivered to URL: ". */
export const hookFailures = {
  status: ({ http_status: status, statusText, headers }: ReplyHead) =>
    failure(`4D answered ${`${status} ${printable(statusText, longestStatus)}`.trim()}.${advice[status] ? ` ${advice[status]}` : ''}`, {
      brief: 'status',
      ...retryOf(status, headers),
      ...(status === 401 && { option: 'user' }),
      ...(status === 404 && { option: 'URL' }),
    }),
  redirect: (status: number) =>
    failure(`4D answered ${status}, a redirect, which is not followed. Set the URL to the address that it leads to.`, {
      brief: 'redirect',
      http_status: status,
      option: 'URL',
    }),
  timedOut: (seconds: number) =>
    failure(`4D did not answer within ${seconds} s. It may have received the event. Check that it is running and fast enough.`, {
      brief: 'timedOut',
      retryable: true,
      isOutage: true,
    }),
  filesNotRead: (seconds: number) =>
    failure(`its TLS files were not read within ${seconds} s. Check that their file system answers.`, {
      brief: 'timedOut',
      option: 'caFile',
      retryable: true,
    }),
  tooLarge: (status: number, max: number) =>
    failure(`the response of 4D has more than ${max} bytes. Return less from 4D.`, { brief: 'failed', http_status: status }),
  notJson: (status: number, type: string) =>
    failure(
      `4D answered ${status} with ${type ? `the content type ${quoted(type)}` : 'a body'} that is not JSON. ` +
        'Check the URL, or return JSON. With answerMustBeJson off, any response is accepted.',
      { brief: 'notJson', http_status: status, option: 'answerMustBeJson' },
    ),
  givenUp: (seconds: number, { errorStr, ...last }: HookFailure) =>
    failure(`4D has been away for ${seconds} s (giveUpSecs): ${errorStr}`, { ...last, isOutage: false }),
  login: (status: number, headers: ReplyHead['headers']) =>
    failure(`4D refused the login (${status}). Check the user name, the password and the datastore function authentify.`, {
      brief: 'status',
      option: 'user',
      ...retryOf(status, headers),
    }),
  full: (limit: string) =>
    failure(`${limit} are already queued. Check that 4D is running and fast enough.`, { brief: 'full', option: undefined }),
  tooLargeEvent: (bytes: number, max: number) =>
    failure(`it has ${bytes} bytes, but maxQueueBytes allows ${max} for all queued events. Raise it, or set it to 0 for no limit.`, {
      brief: 'option',
      option: 'maxQueueBytes',
    }),
  closed: (isUnderWay: boolean) =>
    failure(
      `the node was closed while the event was queued${isUnderWay ? '; the call was in progress, and 4D may have received it' : ''}.`,
      {
        brief: 'stopped',
      },
    ),
  unforeseen: () => failure('the delivery failed with an internal error. Please report it.', { brief: 'failed' }),
  callerError: (error: SocketError) => failure(error.message, { ...reasonOf(error), callerError: true }),
} as const;

/** The failures of the network that mean an outage. A lost connection is not one of them: an event can cause it. */
const outages: readonly Failure['brief'][] = ['notFound', 'refused', 'unreachable'];

const causes: readonly (readonly [RegExp, brief: Failure['brief'], why: string, option?: string])[] = [
  [networkErrors.notFound, 'notFound', 'the name could not be resolved. Check its spelling and the DNS settings of this machine', 'URL'],
  [networkErrors.refused, 'refused', 'the connection was refused. Check that the web server of 4D is running and uses this port', 'URL'],
  [networkErrors.unreachable, 'unreachable', 'it cannot be reached. Check the address, the network and firewalls', 'URL'],
  [networkErrors.closed, 'closed', 'the connection was closed before a response. 4D may have received the event'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$|^CERT_|SELF_SIGNED|^UNABLE_TO_|^INVALID_CA$/,
    'certificate',
    'its certificate is not trusted. Add the CA that issued it under Trusted CAs (caFile)',
    'caFile',
  ],
  [/^ERR_SSL|^EPROTO$/, 'tls', 'the TLS handshake failed. Check that 4D serves HTTPS on this port', 'URL'],
];

/** Converts an error of a call. The failure is retryable, since the network may recover. */
export function explain(error: unknown): HookFailure {
  const code = codeOf(error);
  const [, brief, why, option] = causes.find(([pattern]) => pattern.test(code)) ?? [undefined, 'failed' as const, messageOf(error)];
  const shownCode = code && ` (${code})`;
  return failure(`${why}${shownCode}.`, { brief, option, retryable: true, isOutage: outages.includes(brief) });
}

/** Completes the sentence with the URL and the number of tries. */
export const describeFailure = (url: string, { errorStr, ...rest }: HookFailure, tries: number): HookFailure => ({
  ...rest,
  errorStr: oneLine(`The event was not delivered to ${addressOf(url)}${tries > 1 ? ` in ${tries} attempts` : ''}: ${errorStr}`),
});

/** Returns origin and path of a URL. User, password and query may be secrets. */
function addressOf(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}
