import { codeOf, messageOf, type SocketError } from '../core/errors';
import { type Failure, reasonOf } from '../core/failure';
import { longestStatus, oneLine, printable } from '../core/text';
import { networkErrors } from '../net/network-errors';

/** The reason why 4D did not accept an event. */
export interface HookFailure extends Failure {
  /** 0 where there was no answer. */
  readonly http_status: number;
  /** A retry may succeed. */
  readonly retryable: boolean;
  /** The flow asked wrongly. */
  readonly callerError?: true;
}

type Rest = Partial<Omit<HookFailure, 'errorStr'>> & Pick<HookFailure, 'brief'>;
const failure = (why: string, rest: Rest): HookFailure => ({ http_status: 0, retryable: false, ...rest, errorStr: why });

const advice: Readonly<Record<number, string>> = {
  400: 'Check the option Call: 4D may expect another format.',
  401: 'Check the user and password, the token, or the signing key.',
  403: 'Grant the privilege in roles.json to the user, or to unauthenticated sessions.',
  404: 'Check the URL, the method or class, and HTTPHandlers.json, which 4D reads when its web server starts.',
  413: 'The event is larger than 4D accepts. Send smaller messages, or raise the limit in 4D.',
};

/** The failures of a delivery. Each sentence follows "The event was not delivered to URL: ". */
export const hookFailures = {
  status: (status: number, text: string) =>
    failure(`4D answered ${`${status} ${printable(text, longestStatus)}`.trim()}.${advice[status] ? ` ${advice[status]}` : ''}`, {
      brief: 'status',
      http_status: status,
      retryable: status >= 500,
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
    }),
  filesNotRead: (seconds: number) =>
    failure(`its TLS files were not read within ${seconds} s. Check that their file system answers.`, {
      brief: 'timedOut',
      option: 'caFile',
      retryable: true,
    }),
  tooLarge: (status: number, max: number) =>
    failure(`the response of 4D has more than ${max} bytes. Return less from 4D.`, { brief: 'failed', http_status: status }),
  login: (status: number) =>
    failure(`4D refused the login (${status}). Check the user name, the password and the datastore function authentify.`, {
      brief: 'status',
      http_status: status,
      option: 'user',
      retryable: status >= 500,
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
  return failure(`${why}${shownCode}.`, { brief, option, retryable: true });
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
