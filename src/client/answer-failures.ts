import type { IncomingHttpHeaders } from 'node:http';
import type { Ending, Headers } from '../core/events';
import type { Failure } from '../core/failure';
import { longestStatus, printable, quoted } from '../core/text';
import type { ClientOptions } from '../options/client';
import { failure, type Kind } from './failures';

/** The parts of an HTTP response that decide its explanation. */
export interface Answered {
  /** The name of the server in the sentence. */
  readonly shown: string;
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  readonly options: ClientOptions;
}

/** The longest text of a server in a sentence, characters. */
const longestText = 200;

/** Failures of a connection attempt that was answered. */
export const answerFailures = {
  /** An answer other than 101. */
  unexpectedStatus({ shown, status, text, headers, options }: Answered): Failure {
    const [more, option] = status === 401 ? unauthorized(headers) : status === 400 ? badRequest(options) : (advice[status] ?? otherAdvice);
    const why = `the server answered ${`${status} ${printable(text, longestStatus)}`.trim()} instead of 101 Switching Protocols. ${more}`;
    return failure(shown, why, ['status', option]);
  },

  /** An answer 101 in which Node finds no upgrade. */
  noUpgrade({ shown, headers }: Answered): Failure {
    const missing = [
      !/\bwebsocket\b/i.test(headers.upgrade ?? '') && 'Upgrade: websocket',
      !/\bupgrade\b/i.test(headers.connection ?? '') && 'Connection: Upgrade',
    ].filter(Boolean);
    const what = missing.length > 0 ? `without the header ${missing.join(' and the header ')}` : 'without a usable upgrade';
    const why = `the server answered 101 Switching Protocols ${what}. Check the server, and any proxy before it.`;
    return failure(shown, why, ['notWebSocket', 'URL']);
  },

  /** An answer 101 that `ws` rejects. @param offered the subprotocols of the request. */
  badUpgrade(shown: string, message: string, headers: Headers, offered: readonly string[], options: ClientOptions): Failure {
    const [why, ...kind] = badUpgrade(message, lowered(headers), offered, options);
    return failure(shown, why, kind);
  },

  /** A connection that ended too soon to count as a success. @param lasted in ms. */
  endedEarly(url: string, lasted: number, { code, reason }: Ending): Failure {
    const why = `${code}${reason === '' ? '' : ` ${quoted(reason, 123)}`}`;
    const sentence = `The connection to ${url} ended with ${why}, ${lasted} ms after it opened (stableAfterMs). Check the log of the server.`;
    return { errorStr: sentence, brief: 'ended' };
  },
} as const;

type Advice = readonly [sentence: string, option?: keyof ClientOptions];
const advice: Record<number, Advice> = {
  403: ['The server refused this client. Check its access rules, and the Origin header if it expects one.', 'user'],
  404: ['Check the path of the URL.', 'URL'],
  426: ['The server requires another protocol or version. Check its documentation.', 'subProtocols'],
  429: ['The server limits how often a client may connect. Try again later.'],
  503: ['The server is temporarily overloaded or down. Try again later.'],
};
const otherAdvice: Advice = ['Check that this URL is that of a WebSocket server.', 'URL'];

/** Authentication schemes that a client cannot perform. */
const unsupported = ['Digest', 'NTLM', 'Negotiate'] as const;

function unauthorized(headers: IncomingHttpHeaders): Advice {
  const challenges = (headers['www-authenticate'] ?? '').split(',').map((part) => part.trim().split(' ', 1)[0]?.toLowerCase());
  const scheme = unsupported.find((name) => challenges.includes(name.toLowerCase()));
  if (!scheme || challenges.includes('basic') || challenges.includes('bearer')) {
    return ['Check the user and password, or the Authorization header.', 'user'];
  }
  return [
    `It asks for ${scheme} authentication, which clients do not support. Enable Basic authentication or a token on the server.`,
    'user',
  ];
}

/** Servers also answer 400 to an extension offer that they cannot meet. */
function badRequest({ enablePerMessageDeflate, perMessageDeflateOptions = {} }: ClientOptions): Advice {
  if (!enablePerMessageDeflate || Object.keys(perMessageDeflateOptions).length === 0) return otherAdvice;
  return ['It may not be able to meet perMessageDeflateOptions. Remove some of them.', 'perMessageDeflateOptions'];
}

function badUpgrade(
  message: string,
  headers: Headers,
  offered: readonly string[],
  { perMessageDeflateOptions = {} }: ClientOptions,
): readonly [why: string, ...Kind] {
  const got = (name: string) => quoted(headers[name] ?? '', longestText);
  if (/Upgrade header/.test(message)) {
    return [`the server answered 101 with Upgrade: ${got('upgrade')}, not websocket. Check the URL.`, 'notWebSocket', 'URL'];
  }
  if (/Sec-WebSocket-Accept/.test(message)) {
    const why = 'the server answered 101 with a wrong Sec-WebSocket-Accept. Check the server, and any cache or proxy before it.';
    return [why, 'notWebSocket', 'URL'];
  }
  if (/subprotocol/.test(message)) return [subprotocolFault(headers, offered), 'subprotocol', 'subProtocols'];
  if (/Sec-WebSocket-Extensions|extension/.test(message)) {
    const isAsked = Object.keys(perMessageDeflateOptions).length > 0 && /Invalid Sec-WebSocket-Extensions/.test(message);
    const answered = `the server answered with the extensions ${got('sec-websocket-extensions')}`;
    if (isAsked) {
      const why = `${answered}, which does not fit perMessageDeflateOptions. Remove or change the parameters.`;
      return [why, 'notWebSocket', 'perMessageDeflateOptions'];
    }
    const why = `${answered}, an extension that was not offered or is invalid. Change enablePerMessageDeflate.`;
    return [why, 'notWebSocket', 'enablePerMessageDeflate'];
  }
  return [`the server answered 101, but the upgrade is invalid (${message}). Check the server.`, 'notWebSocket', 'URL'];
}

function subprotocolFault(headers: Headers, offered: readonly string[]): string {
  const selected = headers['sec-websocket-protocol'];
  const offers = offered.length > 0 ? `offered: ${printable(offered.join(', '), longestText)}` : 'none was offered';
  const fact = !selected?.trim() ? 'the server selected none' : `the server selected ${quoted(selected, longestText)}`;
  return `no subprotocol was negotiated: ${fact} (${offers}). Set subProtocols to those of the server, or empty it if the server has none.`;
}

const lowered = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
