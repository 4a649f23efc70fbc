import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { isProgram } from '../../../../src/server/admission/program-check';

const foreign = 'https://evil.example';

/** The headers of upgrade requests as browsers send them to an http URL, without those that every WebSocket client sends. */
const chromium = {
  pragma: 'no-cache',
  'cache-control': 'no-cache',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'accept-encoding': 'gzip, deflate',
  'accept-language': 'en-US,en;q=0.9',
};
const firefox = {
  'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:84.0) Gecko/20100101 Firefox/84.0',
  accept: '*/*',
  'accept-language': 'en-US,en;q=0.5',
  'accept-encoding': 'gzip, deflate',
  dnt: '1',
  pragma: 'no-cache',
  'cache-control': 'no-cache',
};
/** WebKit adds Pragma and Cache-Control to each upgrade, "to avoid compatibility issues" with proxies. */
const safari = {
  pragma: 'no-cache',
  'cache-control': 'no-cache',
  'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15',
  'accept-language': 'en-GB,en;q=0.9',
  'accept-encoding': 'gzip, deflate',
};
/** To a URL that counts as trustworthy, browsers add these. */
const fetchMetadata = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket', 'sec-fetch-dest': 'websocket' };

const browsers: Record<string, IncomingHttpHeaders> = { chromium, firefox, safari };

describe('isProgram', () => {
  for (const [name, headers] of Object.entries(browsers)) {
    for (const origin of [foreign, 'null', 'file://', 'chrome-extension://abc', 'capacitor://localhost']) {
      it(`takes no page of ${name} with the Origin ${origin} for a program`, () => {
        assert.equal(isProgram(headers, origin, false), false);
        assert.equal(isProgram({ ...headers, ...fetchMetadata }, origin, false), false);
      });
    }

    for (const lost of Object.keys(headers)) {
      it(`takes no page of ${name} for a program though ${lost} is lost on the way`, () => {
        assert.equal(isProgram({ ...headers, [lost]: undefined }, foreign, false), false);
      });
    }

    it(`takes no page of ${name} for a program whatever its User-Agent is`, () => {
      for (const agent of ['', 'my app/1.0', 'Amazon CloudFront']) {
        assert.equal(isProgram({ ...headers, 'user-agent': agent }, foreign, false), false);
      }
    });
  }

  for (const header of [...Object.keys(fetchMetadata), 'sec-ch-ua', 'cookie', 'sec-gpc', 'pragma', 'cache-control', 'accept-language']) {
    it(`takes no request with ${header} alone for a program`, () => {
      assert.equal(isProgram({ [header]: 'x', 'user-agent': 'esp' }, foreign, false), false);
      assert.equal(isProgram({ [header]: 'x', 'user-agent': 'esp' }, 'https://github.com/x/y', false), false);
    });
  }

  const programs: [title: string, headers: IncomingHttpHeaders, origin: string][] = [
    ['arduinoWebSockets', { 'user-agent': 'arduino-WebSocket-Client' }, 'file://'],
    ['arduinoWebSockets without its User-Agent', {}, 'file://'],
    ['ArduinoWebsockets', {}, 'https://github.com/gilmaimon/TinyWebsockets'],
    ['a library that writes its name', {}, 'ArduinoWebSocketClient'],
    ['a library that writes a host without a scheme', {}, 'esp.local:81'],
    ['a device with a User-Agent of its own', { 'user-agent': 'ESP32 Websocket Client' }, 'http://esp.local'],
  ];
  for (const [title, headers, origin] of programs) {
    it(`takes ${title} for a program`, () => assert.equal(isProgram(headers, origin, false), true));
  }

  const strangers: [title: string, headers: IncomingHttpHeaders, origin: string][] = [
    ['the origin of a page and nothing else', {}, foreign],
    ['a hidden origin and nothing else', {}, 'null'],
    ['two origins', { 'user-agent': '' }, `http://localhost, ${foreign}`],
    ['a control character', {}, 'a\u0001b'],
  ];
  for (const [title, headers, origin] of strangers) {
    it(`is not certain of ${title}`, () => assert.equal(isProgram(headers, origin, false), false));
  }

  it('takes a request for a program whose Origin is the host that it connects to, and no page', () => {
    assert.equal(isProgram({}, 'http://here.example', false, true), true);
    assert.equal(isProgram({ via: '1.1 x' }, 'http://here.example', false, true), false);
    for (const headers of Object.values(browsers)) assert.equal(isProgram(headers, 'http://here.example', false, true), false);
  });

  it('is not certain behind a proxy, which may have dropped the headers of a browser', () => {
    const agent = { 'user-agent': 'Amazon CloudFront' };
    assert.equal(isProgram({ ...agent, via: '1.1 x.cloudfront.net' }, foreign, false), false);
    assert.equal(isProgram({ ...agent, 'x-forwarded-for': '192.0.2.1' }, 'file://', false), false);
    assert.equal(isProgram(agent, foreign, true), false);
  });

  it('is certain behind a proxy too of an Origin that no browser writes', () => {
    assert.equal(isProgram({ via: '1.1 x' }, 'https://github.com/gilmaimon/TinyWebsockets', true), true);
  });
});
