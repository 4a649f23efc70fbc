/** Malformed upgrade requests, and the expected response of each. */
import { type Request, rightHeaders, upgrade, withHeaders } from './attack';
import type { Random } from './random';

/** The allowed results: an HTTP status, or the end of the connection. */
export type Answer = number | 'cut';

export interface BadRequest {
  readonly bytes: Buffer;
  readonly answers: readonly Answer[];
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const text = (random: Random, length: number) => Array.from({ length }, () => letters[random.int(0, 63)]).join('');

const refused = (answers: readonly Answer[], request: (random: Random) => Request) => (random: Random) => ({
  bytes: upgrade(request(random)),
  answers,
});
/** Returns the valid headers, some of them changed. */
const headers = (answers: readonly Answer[], changes: (random: Random) => Record<string, string | undefined>) =>
  refused(answers, (random) => ({ headers: withHeaders(changes(random)) }));

const raw = (answers: readonly Answer[], bytes: (random: Random) => string | Buffer) => (random: Random) => ({
  bytes: Buffer.from(bytes(random) as string, 'latin1'),
  answers,
});

const right = upgrade().toString('latin1');
/** Returns a valid request in which a line that is not HTTP replaces a header. */
const withLine = (random: Random, line: string) => {
  const lines = right.split('\r\n');
  lines.splice(random.int(1, lines.length - 3), 1, line);
  return lines.join('\r\n');
};

export const requestKinds: Record<string, (random: Random) => BadRequest> = {
  'no key': headers([400], () => ({ 'Sec-WebSocket-Key': undefined })),
  'a key of another length': headers([400], (random) => ({ 'Sec-WebSocket-Key': text(random, random.pick([0, 1, 20, 21, 23, 24, 100])) })),
  'a key that is no Base64': headers([400], (random) => ({
    'Sec-WebSocket-Key': `${text(random, 20)}${random.pick(['*', ' ', '\u00e9', '='])}a==`,
  })),
  'two keys': refused([400], (random) => ({ headers: [...rightHeaders, ['Sec-WebSocket-Key', `${text(random, 22)}==`]] })),
  'no version': headers([400], () => ({ 'Sec-WebSocket-Version': undefined })),
  'another version': headers([400], (random) => ({ 'Sec-WebSocket-Version': String(random.pick([-13, 0, 1, 7, 9, 12, 14, 99, 1e21])) })),
  'a version that is no number': headers([400], (random) => ({ 'Sec-WebSocket-Version': text(random, 5).replace(/^\d/, 'v') })),
  'another method': refused([405], (random) => ({ method: random.pick(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE']) })),
  'a request for a tunnel': raw(['cut'], () => right.replace('GET / ', 'CONNECT 127.0.0.1:80 ')),
  'no method of HTTP': refused([400], (random) => ({ method: random.pick(['', 'get', 'GETT', 'G T', 'HELLO', text(random, 8)]) })),
  'another protocol': headers([426], (random) => ({
    Upgrade: random.pick(['h2c', 'WebSockets', 'TLS/1.0', 'websocket2', text(random, 9)]),
  })),
  'no Connection: Upgrade': headers([426], (random) => ({ Connection: random.pick([undefined, 'close', 'keep-alive', 'Upgrades']) })),
  'no Upgrade': headers([426], () => ({ Upgrade: undefined })),
  'subprotocols that are no list': headers([400], (random) => ({
    'Sec-WebSocket-Protocol': random.pick(['a b', '(x)', 'a;b', '"a"']),
  })),
  'extensions that are no list': headers([400], (random) => ({
    'Sec-WebSocket-Extensions': random.pick([
      ',',
      ';',
      'permessage-deflate;',
      'permessage-deflate; =1',
      'permessage-deflate; client_max_window_bits="',
      'permessage-deflate; client_max_window_bits=',
      'permessage-deflate,,x',
      'per message deflate',
      '=',
    ]),
  })),
  'another version of HTTP': refused([400, 505], (random) => ({
    version: random.pick(['HTTP/9.9', 'HTTP/1.', 'HTTP/', 'HTTQ/1.1', 'http/1.1', '1.1']),
  })),
  'no target': raw([400], () => right.replace('GET / ', 'GET ')),
  'a target with a control character': raw([400], (random) => right.replace('GET / ', `GET /${String.fromCharCode(random.int(1, 8))} `)),
  'a header without a colon': raw([400], (random) => withLine(random, text(random, 10))),
  'a header without a name': raw([400], (random) => withLine(random, `: ${text(random, 10)}`)),
  'a header name with a space': raw([400], (random) => withLine(random, `X ${text(random, 4)}: 1`)),
  'a header with a NUL': raw([400], (random) => withLine(random, `X-Nul: ${text(random, 3)}\0`)),
  'a bare carriage return': raw([400], (random) => withLine(random, `X-Return: ${text(random, 3)}\rX`)),
  'two lengths': raw([400], (random) => withLine(random, `Content-Length: ${random.int(1, 9)}\r\nContent-Length: ${random.int(10, 99)}`)),
  'a length that is no number': raw([400], (random) =>
    withLine(random, `Content-Length: ${random.pick(['-1', 'x', '1e3', '99999999999999999999999'])}`),
  ),
  'a length and chunks': raw([400], (random) => withLine(random, `Content-Length: ${random.int(1, 9)}\r\nTransfer-Encoding: chunked`)),
  'a target that is too long': refused([431], (random) => ({ target: `/${text(random, random.int(17_000, 20_000))}` })),
  'a header that is too long': headers([431], (random) => ({ 'X-Long': text(random, random.int(17_000, 20_000)) })),
  'the preface of HTTP/2': raw([400, 'cut'], () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'a request of TLS': raw([400], (random) => Buffer.concat([Buffer.from([0x16, 3, random.int(0, 3), 2, 0, 1]), random.bytes(200)])),
  'an end before its time': raw([400, 'cut'], (random) => right.slice(0, random.int(1, right.length - 1))),
  'random bytes': raw([400, 'cut'], (random) => random.bytes(random.int(1, 400))),
  // Most of these invalidate it; some change a place where any byte is valid.
  'a right request with wrong bytes': raw([101, 400, 405, 426, 431, 505, 'cut'], (random) => {
    const bytes = Buffer.from(right, 'latin1');
    for (let i = random.int(1, 4); i > 0; i--) bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
    return bytes;
  }),
};
