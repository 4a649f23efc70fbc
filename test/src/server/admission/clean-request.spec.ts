import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { cleanRequest } from '../../../../src/server/admission/clean-request';
import { lines } from '../../../helpers/peers';

const socket = {} as Socket;
const usual = ['Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
const read = (text: string) => cleanRequest(Buffer.from(text, 'latin1'), socket);
const withHeaders = (...headers: string[]) => read(lines('GET / HTTP/1.1', ...usual, ...headers));
const withLine = (line: string) => read(lines(line, ...usual));
const without = (name: string, ...headers: string[]) =>
  read(lines('GET / HTTP/1.1', ...usual.filter((line) => !line.startsWith(name)), ...headers));

describe('cleanRequest', () => {
  it('reads method, target, version, and headers in lower case and as spelled', () => {
    assert.deepEqual(read(lines('GET /chat?q=%20a&b=(1) HTTP/1.1', ...usual, 'X-One:1', 'X-Two: a, b  c')), {
      method: 'GET',
      url: '/chat?q=%20a&b=(1)',
      httpVersion: '1.1',
      headers: {
        host: 'localhost',
        upgrade: 'websocket',
        connection: 'Upgrade',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'x-one': '1',
        'x-two': 'a, b  c',
      },
      rawHeaders: [...usual.flatMap((line) => line.split(': ')), 'X-One', '1', 'X-Two', 'a, b  c'],
      socket,
    });
  });

  it('reads the requests of browsers, of ws and of small devices', () => {
    const browser = [
      'Pragma: no-cache',
      'Origin: https://a.example',
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64) "x"',
      'Cookie: a=b; c=d',
    ];
    assert.ok(withHeaders(...browser, 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits', 'Sec-WebSocket-Version: 13'));
    assert.ok(without('Connection', 'Connection: keep-alive, Upgrade'));
    assert.ok(without('Upgrade', 'upgrade: WebSocket'));
    assert.ok(without('Connection', 'connection: upgrade'));
  });

  describe('leaves to Node', () => {
    const bytes = {
      'an incomplete request': lines('GET / HTTP/1.1', ...usual).slice(0, -1),
      'a request with data behind it': `${lines('GET / HTTP/1.1', ...usual)}\x81`,
      'two requests': lines('GET / HTTP/1.1', ...usual).repeat(2),
      'a line end without its first byte': lines('GET / HTTP/1.1', ...usual).replace('localhost\r', 'localhost'),
      'a line end without its second byte': lines('GET / HTTP/1.1', ...usual).replace('localhost\r\n', 'localhost\r'),
      'an empty line at the beginning': `\r\n${lines('GET / HTTP/1.1', ...usual)}`,
      'a request without headers': 'GET / HTTP/1.1\r\n\r\n',
      nothing: '',
    };
    for (const [what, text] of Object.entries(bytes)) it(what, () => assert.equal(read(text), undefined));

    const first = ['POST / HTTP/1.1', 'get / HTTP/1.1', 'GET / HTTP/1.0', 'GET / HTTP/1.1 ', 'GET  / HTTP/1.1', 'GET / http/1.1'];
    const targets = ['*', 'http://h/', '/a b', '/#a', '/é', '/"', '/<', '/\\', '', '/\0', '/\t'];
    for (const line of [...first, ...targets.map((target) => `GET ${target} HTTP/1.1`)]) {
      it(`the first line ${JSON.stringify(line)}`, () => assert.equal(withLine(line), undefined));
    }

    const headers = [
      'X-A : 1',
      ' X-A: 1',
      'X_A: 1',
      'X-A',
      ': 1',
      'X-A:  1',
      'X-A:\t1',
      'X-A: 1 ',
      'X-A: 1\t',
      'X-A: a\tb',
      'X-A:',
      'X-A: ',
      'X-A: \x7f',
      'X-A: é',
      'X-A: \0',
      '__proto__: 1',
      'constructor: 1',
      'Content-Length: 0',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'TE: trailers',
      'Trailer: X',
      'Proxy-Connection: close',
      'Set-Cookie: a=b',
      'Host: other',
      'hOST: localhost',
      'Connection: close',
    ];
    for (const header of headers) it(`the header ${JSON.stringify(header)}`, () => assert.equal(withHeaders(header), undefined));

    it('a request without Host, Upgrade or Connection, or for something else', () => {
      for (const name of ['Host', 'Upgrade', 'Connection']) assert.equal(without(name), undefined, name);
      assert.equal(without('Upgrade', 'Upgrade: h2c'), undefined);
      for (const value of ['close', 'close, Upgrade', 'Upgrade, HTTP2-Settings', 'upgraded'])
        assert.equal(without('Connection', `Connection: ${value}`), undefined, value);
    });

    it('a request of more than 8 KiB, or of more than 64 headers', () => {
      const many = Array.from({ length: 61 }, (_, i) => `X-${i}: 1`);
      assert.ok(withHeaders(...many.slice(1)));
      assert.equal(withHeaders(...many), undefined);
      const bare = lines('GET / HTTP/1.1', ...usual, 'X: ').length;
      assert.ok(withHeaders(`X: ${'x'.repeat(8192 - bare)}`));
      assert.equal(withHeaders(`X: ${'x'.repeat(8193 - bare)}`), undefined);
    });
  });
});
