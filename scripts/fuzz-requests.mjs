// Compares the reader of clean upgrade requests with Node's parser, on random requests: what ours accepts, Node must accept with the
// same method, target, headers and version. Run `npm run build` first.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { parseArgs } from 'node:util';
import { randomFrom } from './random.mjs';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '20000' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) } },
});
const root = join(import.meta.dirname, '..');
const { cleanRequest } = createRequire(import.meta.url)(join(root, 'dist/src/server/admission/clean-request.js'));

const random = randomFrom(Number(values.seed));
const below = (count) => Math.floor(random() * count);
const one = (list) => list[below(list.length)];
const chance = (share) => random() < share;

const targets = [
  '/',
  '/a',
  '/a/b?c=d',
  '/?x',
  '/é',
  '/a b',
  '/%20',
  '*',
  'http://h/',
  '//',
  '/a#b',
  '/"',
  '/?a?b',
  '',
  '/[x]',
  '/\\',
  '/a;b=c',
];
const versions = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'http/1.1', 'HTTP/1.1 ', 'ICE/1.0', 'HTTP/11'];
const methods = ['GET', 'GET', 'GET', 'GET', 'POST', 'get', 'CONNECT', 'HEAD', 'PRI', 'G', ' GET', '\r\nGET'];
const oddValues = [
  'websocket',
  'WebSocket',
  'Upgrade',
  'upgrade',
  'keep-alive, Upgrade',
  'close',
  'close, upgrade',
  '13',
  '0',
  '5',
  'chunked',
  'identity',
  'x',
  'a b',
  'a\tb',
  'é',
  '"q"',
  '',
  ' ',
  '  two',
  'tail ',
  'tail\t',
  '100-continue',
  'trailers',
  'a,b',
  'h2c',
  'keep-alive,Upgrade',
  'Upgrade, HTTP2-Settings',
  'localhost',
  '1'.repeat(300),
];
const names = [
  'Host',
  'Upgrade',
  'Connection',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Protocol',
  'Origin',
  'Cookie',
  'Set-Cookie',
  'Content-Length',
  'Transfer-Encoding',
  'Expect',
  'TE',
  'Trailer',
  'Proxy-Connection',
  'Keep-Alive',
  'X-A',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'Date',
  'Age',
  'User-Agent',
  'X_Y',
  'x.y',
  'X Y',
  'É',
  '',
  'HTTP2-Settings',
  'Content-Type',
  'Authorization',
  'Via',
];
const ordinary = ['Origin', 'Cookie', 'User-Agent', 'Authorization', 'X-A', 'X-B', 'Pragma', 'Accept', 'Accept-Language', 'Via', 'Date'];
const colons = [': ', ': ', ': ', ': ', ':', ':  ', ' : ', ':\t', ' ', '', '::'];
const ends = [
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\n',
  '\r',
  '\r\n ',
  '\r\n\t',
  '\r\r\n',
  '\n\r\n',
  '\r\n\r\n',
  '\0\r\n',
];
const bytes = ['\0', '\t', '\n', '\r', '\r\n', ' ', ':', '\x7f', '\x80', '\xff', '\v', '\f', '\x1b', '#', '%', ',', ';', '"', 'A', '0'];

/** Returns a usual element, or with a small chance one of a list. */
const usually = (usual, list, odd = 0.06) => (chance(odd) ? one(list) : usual);

function header(name, value) {
  const spelled = chance(0.1) ? one([name.toLowerCase(), name.toUpperCase()]) : name;
  return usually(spelled, names, 0.01) + usually(': ', colons, 0.03) + usually(value, oddValues, 0.03) + usually('\r\n', ends, 0.02);
}

function randomRequest() {
  const headers = [
    ['Host', one(['localhost', '127.0.0.1:8080', '[::1]:80', 'h'])],
    ['Upgrade', one(['websocket', 'websocket', 'WebSocket', 'WEBSOCKET'])],
    ['Connection', one(['Upgrade', 'upgrade', 'keep-alive, Upgrade', 'keep-alive,Upgrade'])],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['Sec-WebSocket-Version', '13'],
  ].filter(() => chance(0.99));
  for (let i = below(6); i > 0; i--) headers.push([usually(one(ordinary), names, 0.1), usually(`v${below(1000)}`, oddValues, 0.2)]);
  if (chance(0.01)) for (let i = below(120); i > 0; i--) headers.push([`X-${i}`, 'v'.repeat(below(200))]);
  if (chance(0.3)) headers.sort(() => random() - 0.5);
  const line = `${usually('GET', methods, 0.03)} ${usually(one(['/', '/a/b?c=d', '/x']), targets, 0.2)} ${usually('HTTP/1.1', versions, 0.05)}`;
  let text = `${line}${usually('\r\n', ends, 0.02)}${headers.map(([name, value]) => header(name, value)).join('')}${usually('\r\n', ends, 0.03)}`;
  if (chance(0.03)) text += one(['x', '\r\n', 'GET / HTTP/1.1\r\n\r\n', '\x81\x80aaaa']);
  for (let i = chance(0.25) ? 1 + below(3) : 0; i > 0; i--) text = mutated(text);
  return text;
}

function mutated(text) {
  const at = below(text.length + 1);
  const size = one([0, 1, 1, 2, 10]);
  const put = chance(0.5) ? one(bytes) : chance(0.5) ? String.fromCharCode(below(256)) : '';
  return text.slice(0, at) + put + text.slice(at + size);
}

/** Node's parser. A request is read synchronously: its data are emitted, not written. */
const heard = [];
const node = createServer({ requestTimeout: 0, headersTimeout: 0 });
node.on('upgrade', ({ method, url, headers, rawHeaders, httpVersion }, _socket, head) => {
  heard.push({ method, url, headers, rawHeaders, httpVersion, head: head.length });
});
node.on('request', () => heard.push('a request without upgrade'));
node.on('clientError', (error, socket) => {
  heard.push(error.message);
  socket.destroy();
});

function readByNode(chunk) {
  heard.length = 0;
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(), final: (done) => done() });
  socket.on('error', () => {});
  node.emit('connection', socket);
  socket.emit('data', chunk);
  const result = heard.length === 1 ? heard[0] : heard.length === 0 ? 'nothing, it waits for more' : `${heard.length} requests`;
  socket.destroy();
  return result;
}

const counts = { requests: 0, ours: 0, upgradesOfNode: 0, compared: 0, slowestMs: 0 };
const plain = (headers) => Object.entries(headers);

function compare(text) {
  const chunk = Buffer.from(text, 'latin1');
  const start = performance.now();
  const ours = cleanRequest(Buffer.from(chunk), undefined);
  counts.slowestMs = Math.max(counts.slowestMs, performance.now() - start);
  counts.requests++;
  if (!ours) {
    // Shows how many of the requests that Node accepts take the slow path. A sample is enough.
    if (counts.requests % 10 === 0) {
      counts.compared++;
      if (typeof readByNode(chunk) === 'object') counts.upgradesOfNode++;
    }
    return;
  }
  counts.ours++;
  const { method, url, headers, rawHeaders, httpVersion } = ours;
  const mine = { method, url, headers: plain(headers), rawHeaders, httpVersion, head: 0 };
  const theirs = readByNode(chunk);
  const shown = typeof theirs === 'string' ? theirs : { ...theirs, headers: plain(theirs.headers) };
  assert.deepEqual(shown, mine, `Node's parser reads this request differently: ${JSON.stringify(text)}`);
}

const total = Number(values.count);
const start = performance.now();
for (let i = 0; i < total; i++) {
  compare(randomRequest());
  // Lets the destroyed sockets end.
  if (i % 1000 === 999) await new Promise(setImmediate);
}
assert.ok(counts.ours > total / 10, `only ${counts.ours} requests were accepted, so the comparison shows little`);
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(
  `${counts.requests} requests in ${seconds} s (seed ${values.seed}): ${counts.ours} accepted by our reader, all of them by Node's parser with the same meaning. ` +
    `Of ${counts.compared} that our reader left to it, Node's parser accepted ${counts.upgradesOfNode}. The slowest took ${counts.slowestMs.toFixed(2)} ms.`,
);
node.close();
