import assert from 'node:assert/strict';
import { readPaste } from '../../../nodes/editor/paste/paste';
import { propertyOf } from '../../../nodes/editor/properties';
import { problemOf } from '../../../nodes/editor/values';

/** The command that Chromium copies for a WebSocket request. */
const fromChromium = `curl 'wss://echo.example.com/socket?room=1' \\
  -H 'Upgrade: websocket' \\
  -H 'Origin: https://example.com' \\
  -H 'Cache-Control: no-cache' \\
  -H 'Accept-Language: de-DE,de;q=0.9' \\
  -H 'Pragma: no-cache' \\
  -H 'Connection: Upgrade' \\
  -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \\
  -H 'User-Agent: Mozilla/5.0' \\
  -H 'Sec-WebSocket-Version: 13' \\
  -b 'sid=1; theme=dark' \\
  -H 'Sec-WebSocket-Protocol: chat, superchat' \\
  -H 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'`;

describe('what is pasted into the URL of a client', () => {
  const rows: readonly [title: string, text: string, options: object, notTaken?: string[]][] = [
    [
      'a URL with a login',
      ' wss://al%20ice:p%40ss@host:8443/a?b=1#c\n',
      { URL: 'wss://host:8443/a?b=1#c', user: 'al ice', password: 'p@ss' },
    ],
    ['a URL with a user alone', 'ws://alice@host/', { URL: 'ws://host/', user: 'alice' }],
    ['curl with nothing but the URL', 'curl https://host/ws', { URL: 'wss://host/ws' }],
    ['curl without a scheme', 'curl localhost:8080/ws', { URL: 'ws://localhost:8080/ws' }],
    [
      'curl as Chromium copies it',
      fromChromium,
      {
        URL: 'wss://echo.example.com/socket?room=1',
        headers: {
          Origin: 'https://example.com',
          'Cache-Control': 'no-cache',
          'Accept-Language': 'de-DE,de;q=0.9',
          Pragma: 'no-cache',
          'User-Agent': 'Mozilla/5.0',
          Cookie: 'sid=1; theme=dark',
        },
        subProtocols: ['chat', 'superchat'],
      },
    ],
    [
      'curl as Chromium copies it for cmd.exe',
      'curl ^"wss://h/a?b=1^&c=2^" ^\r\n  -H ^"Origin: https://x^" ^\r\n  -H ^"X-Json: ^{\\^"a\\^":1^}^"',
      { URL: 'wss://h/a?b=1&c=2', headers: { Origin: 'https://x', 'X-Json': '{"a":1}' } },
    ],
    [
      'curl with joined short options',
      'curl -sSNik -ualice:se:cret -HX-A:\\ 1 --url ws://h',
      { URL: 'ws://h', user: 'alice', password: 'se:cret', headers: { 'X-A': '1' }, caFile: 'NONE' },
    ],
    [
      'curl with certificates',
      'curl --cacert ca.pem -E client.pem:pass --key client.key --ciphers AES128-SHA wss://h/',
      { URL: 'wss://h/', caFile: 'ca.pem', certFile: 'client.pem', passphrase: 'pass', keyFile: 'client.key', ciphers: 'AES128-SHA' },
    ],
    [
      'curl with a certificate of Windows',
      'curl -E C:\\c\\a.pem:pw wss://h/',
      { URL: 'wss://h/', certFile: 'C:\\c\\a.pem', passphrase: 'pw' },
    ],
    ['curl that trusts a CA and checks nothing', 'curl -k --cacert ca.pem wss://h/', { URL: 'wss://h/', caFile: 'NONE' }],
    [
      'curl with a Basic header, as a login',
      `curl -H 'authorization: Basic ${Buffer.from('jürgen:a:b').toString('base64')}' ws://h/`,
      { URL: 'ws://h/', user: 'jürgen', password: 'a:b' },
    ],
    [
      'curl with a Basic header that is none, as it is',
      "curl -H 'Authorization: Basic bm8=' ws://h/",
      { URL: 'ws://h/', headers: { Authorization: 'Basic bm8=' } },
    ],
    ['curl with a bearer token', 'curl --oauth2-bearer $TOKEN ws://h/', { URL: 'ws://h/', headers: { Authorization: 'Bearer ${TOKEN}' } }],
    [
      'curl with an empty and a removed header',
      "curl -H 'X-A;' -H 'Accept:' -H 'X-B: 1' -H 'x-b: 2' ws://h/",
      { URL: 'ws://h/', headers: { 'X-A': '', 'X-B': '1, 2' } },
    ],
    [
      'curl with what a client lacks',
      "curl -x http://proxy:3128 -d 'secret' --max-time 5 -b jar.txt -H @headers.txt --tlsv1.3 -4 --frobnicate it ws://h/",
      { URL: 'ws://h/' },
      ['-x', '-d', '--max-time', '-b', '-H', '--tlsv1.3', '-4', '--frobnicate'],
    ],
    ['curl whose token only a shell knows', 'curl -u "me:$(pass show x)" ws://h/', { URL: 'ws://h/' }, ['-u']],
    ['curl behind a prompt and a pipe', '$ echo hi | curl --http1.1 -T . ws://h/', { URL: 'ws://h/' }],
    ['curl with a path and variables before it', 'TOKEN=x sudo /usr/bin/curl.exe ws://h/', { URL: 'ws://h/' }],
    [
      'wscat',
      `wscat -c wss://h/a -H "X-A: 1" -H x-b:2 -s v1 -s v2 --auth alice:secret --cert c.pem --key k.pem --ca ca.pem --passphrase pw -o https://o`,
      {
        URL: 'wss://h/a',
        headers: { 'X-A': '1', 'x-b': '2', Origin: 'https://o' },
        subProtocols: ['v1', 'v2'],
        user: 'alice',
        password: 'secret',
        certFile: 'c.pem',
        keyFile: 'k.pem',
        caFile: 'ca.pem',
        passphrase: 'pw',
      },
    ],
    ['wscat by npx', 'npx -y wscat@6 --connect=localhost:8080 --no-check -P', { URL: 'ws://localhost:8080', caFile: 'NONE' }],
    ['wscat that runs a command', `wscat -c ws://h -x '{"a":1}' -w 2 -p 8`, { URL: 'ws://h' }, ['-p']],
    [
      'websocat',
      "websocat -t -H='X-A: 1' --basic-auth alice:secret --protocol chat --origin https://o --ping-interval 20 -k - autoreconnect:wss://h/a",
      {
        URL: 'wss://h/a',
        headers: { 'X-A': '1', Origin: 'https://o' },
        user: 'alice',
        password: 'secret',
        subProtocols: ['chat'],
        pingInterval: 20,
        caFile: 'NONE',
      },
    ],
    [
      'websocat in a container',
      'docker run --rm -ti ghcr.io/vi/websocat:nightly ws://h/ --ping-timeout 5',
      { URL: 'ws://h/' },
      ['--ping-timeout'],
    ],
  ];
  for (const [title, text, options, notTaken = []] of rows) {
    it(`may be ${title}`, () => {
      const pasted = readPaste(text);
      assert.deepEqual(pasted, { options, notTaken });
      for (const [name, value] of Object.entries(pasted.options)) {
        assert.equal(problemOf(propertyOf('ix-client', name), value), undefined, name);
      }
    });
  }

  const plain = [
    'ws://host/a',
    'host:8080',
    '',
    'wscat',
    'curl --help',
    'use curl with ws://h/',
    'http -v ws://h',
    `curl ws://h/${'a'.repeat(32_768)}`,
  ];
  for (const text of plain) {
    it(`is left as it is: ${text.slice(0, 30)}`, () => assert.equal(readPaste(text), undefined));
  }
});
