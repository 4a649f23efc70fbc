import assert from 'node:assert/strict';
import type { ProxySource } from '../../../src/options/kinds';
import { findProxy, nameOf } from '../../../src/proxy/find-proxy';

const found = (url: string, environment: Record<string, string>, source?: ProxySource) => {
  const proxy = findProxy(new URL(url), source, environment);
  return proxy && nameOf(proxy);
};
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('which proxy', () => {
  describe('the environment names by the scheme', () => {
    const [plain, secure] = ['http://plain.example:3128', 'http://secure.example:3129'];
    const rows: [string, Record<string, string>, string, string | undefined][] = [
      ['no variable is no proxy', {}, 'ws://a.example/', undefined],
      ['HTTP_PROXY is for ws://', { HTTP_PROXY: plain, HTTPS_PROXY: secure }, 'ws://a.example/', plain],
      ['HTTPS_PROXY is for wss://', { HTTP_PROXY: plain, HTTPS_PROXY: secure }, 'wss://a.example/', secure],
      ['HTTP_PROXY is not for wss://', { HTTP_PROXY: plain }, 'wss://a.example/', undefined],
      ['HTTPS_PROXY is not for ws://', { HTTPS_PROXY: secure }, 'ws://a.example/', undefined],
      ['lower case counts too', { http_proxy: plain }, 'ws://a.example/', plain],
      ['and goes first', { http_proxy: plain, HTTP_PROXY: secure }, 'ws://a.example/', plain],
      ['an empty one is none', { HTTP_PROXY: '', http_proxy: '' }, 'ws://a.example/', undefined],
      ['blanks around it do not count', { HTTP_PROXY: ` ${plain} ` }, 'ws://a.example/', plain],
      ['without a scheme it is http://', { HTTPS_PROXY: 'secure.example:3129' }, 'wss://a.example/', secure],
      ['a proxy that speaks TLS', { HTTP_PROXY: 'https://tls.example:8443' }, 'ws://a.example/', 'https://tls.example:8443'],
    ];
    for (const [title, environment, url, expected] of rows) {
      it(title, () => assert.equal(found(url, environment), expected));
    }
  });

  describe('NO_PROXY, and the list of an HTTP proxy node, except', () => {
    const rows: [string, string, boolean][] = [
      ['a.example', 'ws://a.example/', true],
      ['A.Example', 'ws://a.example/', true],
      ['a.example', 'ws://b.a.example/', false],
      ['a.example', 'ws://xa.example/', false],
      ['.example', 'ws://a.example/', true],
      ['*.example', 'ws://a.example/', true],
      ['.a.example', 'ws://a.example/', false],
      ['*', 'ws://a.example/', true],
      ['b.example, a.example', 'ws://a.example/', true],
      ['b.example,,', 'ws://a.example/', false],
      ['b.example a.example', 'ws://a.example/', true],
      ['a.example:81', 'ws://a.example:81/', true],
      ['a.example:81', 'ws://a.example/', false],
      ['a.example:80', 'ws://a.example/', true],
      ['a.example:443', 'wss://a.example/', true],
      ['a.example:80', 'wss://a.example/', false],
      ['*:443', 'wss://a.example/', true],
      ['127.0.0.1', 'ws://127.0.0.1:1880/', true],
      ['localhost', 'ws://127.0.0.1:1880/', false],
      ['[::1]', 'ws://[::1]:1880/', true],
      ['[::1]:1880', 'ws://[::1]:1880/', true],
      ['', 'ws://a.example/', false],
    ];
    for (const [list, url, excepted] of rows) {
      const expected = excepted ? undefined : 'http://proxy.example:3128';
      it(`${JSON.stringify(list)}: ${url} goes ${excepted ? 'directly' : 'through the proxy'}`, () => {
        const all = { HTTP_PROXY: 'http://proxy.example:3128', HTTPS_PROXY: 'http://proxy.example:3128' };
        assert.equal(found(url, { ...all, NO_PROXY: list }), expected);
        assert.equal(found(url, { ...all, no_proxy: list, NO_PROXY: 'x.example' }), list ? expected : 'http://proxy.example:3128');
        assert.equal(found(url, {}, { url: 'http://proxy.example:3128', noproxy: list.split(/[, ]/) }), expected);
      });
    }
  });

  describe('a node', () => {
    const everywhere = { HTTP_PROXY: 'http://other.example:1', NO_PROXY: '*' };
    it('goes before the environment, NO_PROXY included', () => {
      assert.equal(found('ws://a.example/', everywhere, { url: 'http://proxy.example:3128' }), 'http://proxy.example:3128');
      assert.equal(found('wss://a.example/', everywhere, { url: 'http://proxy.example:3128', noproxy: [] }), 'http://proxy.example:3128');
    });
    for (const url of ['', ' ', undefined]) {
      it(`whose URL is ${JSON.stringify(url)} goes directly, whatever the environment says`, () => {
        assert.equal(found('ws://a.example/', { HTTP_PROXY: 'http://other.example:1' }, { ...(url !== undefined && { url }) }), undefined);
      });
    }
  });

  describe('credentials', () => {
    const of = (source: ProxySource) => findProxy(new URL('ws://a.example/'), source, {});
    const rows: [string, ProxySource, string | undefined][] = [
      ['none', { url: 'http://proxy.example:3128' }, undefined],
      ['those of the URL, decoded', { url: 'http://ann:s%40e%3Acret@proxy.example:3128' }, 'ann:s@e:cret'],
      ['those of the URL, as they are where they cannot be decoded', { url: 'http://ann:100%@proxy.example:3128' }, 'ann:100%'],
      ['a user alone', { url: 'http://ann@proxy.example:3128' }, 'ann:'],
      ['those of the node', { url: 'http://proxy.example:3128', credentials: { username: 'bob', password: 'ünï' } }, 'bob:ünï'],
      ["the node's before the URL's", { url: 'http://ann:x@proxy.example:3128', credentials: { username: 'bob', password: 'y' } }, 'bob:y'],
      [
        "the URL's where the node has empty ones",
        { url: 'http://ann:x@p.example:1', credentials: { username: '', password: '' } },
        'ann:x',
      ],
    ];
    for (const [title, source, expected] of rows) {
      it(`${title}: they become Basic, and the URL that is shown has none`, () => {
        const proxy = of(source);
        assert.equal(proxy?.authorization, expected === undefined ? undefined : basic(expected));
        assert.doesNotMatch(proxy?.url.href ?? '', /@/);
      });
    }
  });

  describe('a program that is not an HTTP proxy is refused with a sentence that names where it is, and no password', () => {
    const rows: [string, Record<string, string>, ProxySource | undefined, RegExp][] = [
      [
        'socks',
        { HTTP_PROXY: 'socks5://ann:secret@proxy.example:1080' },
        undefined,
        /environment variable HTTP_PROXY names .*socks5:\/\/ann:\*\*\*@/,
      ],
      [
        'no URL',
        {},
        { url: 'http://ann:secret@' },
        /HTTP proxy node names must be the URL of an HTTP proxy, for instance .*; got the string/,
      ],
      ['a port that is none', {}, { url: 'proxy.example:port' }, /HTTP proxy node/],
    ];
    for (const [title, environment, source, sentence] of rows) {
      it(title, () => {
        assert.throws(
          () => found('ws://a.example/', environment, source),
          (error: Error & { code?: string; option?: string }) => {
            assert.deepEqual([error.code, error.option], ['ERR_OPTION', 'proxy']);
            assert.match(error.message, sentence);
            assert.doesNotMatch(error.message, /secret/);
            return true;
          },
        );
      });
    }
  });
});
