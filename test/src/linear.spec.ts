import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { readPaste } from '../../nodes/editor/paste/paste';
import { propertiesOf } from '../../nodes/editor/properties';
import { asValue, isEnv } from '../../nodes/editor/values';
import { expand } from '../../nodes/runtime/environment';
import { Secrets } from '../../nodes/runtime/probe/secrets';
import { answerFailures } from '../../src/client/answer-failures';
import { failures } from '../../src/client/failures';
import { readMessage } from '../../src/commands/message';
import { codeOf, messageOf, show } from '../../src/core/errors';
import { oneLine, printable, quoted, shownUrl } from '../../src/core/text';
import { answerOf } from '../../src/hook/answer';
import { explain } from '../../src/hook/failures';
import { checkNames } from '../../src/hook/wire';
import { spelledHeaders } from '../../src/net/headers';
import { parameterOf, pathOf, splitTarget } from '../../src/net/request-target';
import { retryAfterMs } from '../../src/net/retry-after';
import { canonicalOrigin, findNetwork } from '../../src/options/addresses';
import { check, checks } from '../../src/options/checks';
import { clientOptions } from '../../src/options/client';
import { fill } from '../../src/options/expectations';
import type { Kind } from '../../src/options/kinds';
import { parsePath } from '../../src/options/path-pattern';
import { read } from '../../src/options/read';
import { findProxy } from '../../src/proxy/find-proxy';
import { authentication } from '../../src/server/admission/authentication';
import { hiding } from '../../src/server/admission/hiding';
import { isAllowedOrigin } from '../../src/server/admission/origin-check';
import { isProgram } from '../../src/server/admission/program-check';
import { shownHeaders, withoutParameter } from '../../src/server/admission/redaction';
import { agreed, offeredSubProtocols } from '../../src/server/admission/sub-protocols';
import { TrustedProxies } from '../../src/server/admission/trusted-proxies';
import { certificateWords } from '../../src/tls/certificate';
import { acceptableOffers } from '../../src/wire/deflate-offers';
import { violation } from '../../src/wire/violations';
import { bestOf, type Evil, evilTexts, Matcher, maxMs } from '../helpers/evil';
import { eachNode } from '../helpers/source';

interface Found {
  readonly file: string;
  readonly pattern: RegExp;
}

/** Returns the regular expressions below a folder, and the files that build some at run time. */
function regularExpressions(folder: string): { literals: Found[]; built: string[] } {
  const literals: Found[] = [];
  const built: string[] = [];
  eachNode(folder, (node, file) => {
    if (node.type === 'Literal' && node.regex) literals.push({ file, pattern: new RegExp(node.regex.pattern, node.regex.flags) });
    const isCall = node.type === 'NewExpression' || node.type === 'CallExpression';
    if (isCall && node.callee.type === 'Identifier' && node.callee.name === 'RegExp') built.push(file);
  });
  return { literals, built };
}

describe('time that grows with the length of a text, and no faster:', () => {
  const matcher = new Matcher();
  after(() => matcher.end());

  describe('regular expressions', () => {
    for (const [folder, atLeast, built] of [
      ['src', 40, []],
      // Values of the user's own form, and the build of the documentation.
      ['nodes', 15, ['nodes/editor/build/readme.ts', 'nodes/runtime/probe/secrets.ts']],
    ] as const) {
      const found = regularExpressions(folder);
      it(`are found in ${folder}, and none is built of a text of others`, () => {
        assert.ok(found.literals.length >= atLeast, `${found.literals.length} regular expressions`);
        assert.deepEqual(found.built.sort(), built);
      });
      for (const { file, pattern } of found.literals) {
        it(`${pattern} of ${file}`, async () => {
          const slow = await matcher.slowOf(pattern);
          assert.equal(slow && JSON.stringify(slow), undefined, 'a text of 100,000 repetitions takes too long');
        }).timeout(30_000);
      }
    }

    for (const pattern of [
      /\s+$/,
      /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/,
      /(\d+)$/,
      /^(?:.*?: )?(.*?)(?: \(|[.;] |\.$|$)/,
      /^(\w+\s?)*$/,
      /a.*b.*c/,
    ]) {
      it(`${pattern} would be reported`, async () => {
        const impatient = new Matcher(500);
        assert.notEqual(await impatient.slowOf(pattern), undefined);
        await impatient.end();
      });
    }
  });

  const request = { rawHeaders: [], socket: { remoteAddress: '127.0.0.1' } };
  const proxies = new TrustedProxies(['127.0.0.1', '10.0.0.0/8']);
  const basic = authentication({ auth: 'basic', user: 'a', password: 'b' } as never);
  const hide = hiding('S3CRET a+b%25/é');
  const repeated = hiding('aaaaaaab');
  const secrets = new Secrets();
  for (const secret of ['S3CRET', 'a', 'aaaaaaab', '((a+)+)+$']) secrets.add(secret, '***');
  const functions: Readonly<Record<string, (text: string) => unknown>> = {
    show,
    messageOf: (text) => messageOf(new Error(text)),
    codeOf: (text) => codeOf(Object.assign(new Error(), { code: text })),
    shownUrl,
    quoted,
    printable,
    oneLine,
    hiding: (text) => [hide(text), repeated(text)],
    withoutParameter: (text) => withoutParameter(text, 'token'),
    parameterOf: (text) => parameterOf(text, 'token'),
    shownHeaders: (text) => shownHeaders({ a: text, 'Sec-WebSocket-Protocol': text }, true, 'token', ['a']),
    splitTarget,
    pathOf,
    canonicalOrigin,
    findNetwork,
    isAllowedOrigin: (text) => isAllowedOrigin(text, text, ['same host']),
    'Proxies.client': (text) => proxies.client(request.socket as IncomingMessage['socket'], text),
    'Proxies.host': (text) => proxies.host(request.socket as IncomingMessage['socket'], text, text),
    isProgram: (text) => isProgram({ 'user-agent': text }, text, false),
    agreed: (text) => agreed(offeredSubProtocols(text), { auth: 'bearer', subProtocols: ['a'], subProtocolFallback: 'none' }),
    parsePath: (text) => [parsePath(`/${text}`), parsePath('/:a/b/*')?.match(`/${text}`), parsePath('/*')?.match(text)],
    findProxy: (text) => refused(() => findProxy(new URL('ws://h/'), { url: text, noproxy: [text] })),
    authentication: (text) => [basic({ authorization: text, parameter: text }), basic({ authorization: `Basic ${text}`, parameter: '' })],
    acceptableOffers: (text) => acceptableOffers(text.slice(0, 16_384), {}),
    spelledHeaders: (text) => spelledHeaders(Array.from({ length: 4000 }, (_, i) => (i % 2 ? text.slice(0, 99) : `Set-Cookie${i % 3}`))),
    certificateWords: (text) => certificateWords({ subject: text, issuer: text, subjectAltName: text, validTo: text } as never),
    violation: (text) => violation(Object.assign(new Error(text), { code: 'WS_ERR_INVALID_CLOSE_CODE' }), false),
    'failures.explain': (text) => failures.explain('ws://h/', new URL('ws://h/'), new Error(`EPROTO${text}`), 'TLS'),
    'answerFailures.unexpectedStatus': (text) =>
      answerFailures.unexpectedStatus({
        ...{ shown: 'ws://h/', status: 401, text, options: read(clientOptions, {}) },
        headers: { 'www-authenticate': text },
      }),
    'answerFailures.noUpgrade': (text) =>
      answerFailures.noUpgrade({
        ...{ shown: 'ws://h/', status: 101, text, options: read(clientOptions, {}) },
        headers: { upgrade: text, connection: text },
      }),
    retryAfterMs: (text) => retryAfterMs(text),
    'failures.badRedirect': (text) => failures.badRedirect('ws://h/', text),
    explained: (text) => explain(new Error(text)),
    answerOf: (text) =>
      answerOf({ form: 'rest', answerMustBeJson: true }, { http_status: 200, statusText: '', headers: { 'content-type': text }, text }),
    checkNames: (text) => refused(() => checkNames({ form: 'rest', className: text } as never)),
    readMessage: (text) => readMessage({ payload: { message: text } }),
    fill: (text) => fill(text, { a: 1 }),
    isEnv,
    readPaste: (text) => [readPaste(`curl ${text.slice(0, 32_000)}`), readPaste(`curl -H ${text.slice(0, 32_000)}`), readPaste(text)],
    expand: (text) => expand({ util: { getSetting: () => undefined } } as never, undefined, { text: [text] }),
    'Secrets.hide': (text) => secrets.hide(text),
    'every kind of option': (text) => (Object.keys(checks) as Kind[]).map((kind) => check({ kind, label: '', help: '' }, text)),
    'every field of the forms': (text) =>
      ['ix-client', 'ix-server'].map((type) => propertiesOf(type).map((property) => asValue(property, text))),
  };

  const units = [
    ...[
      ' ',
      '\xa0',
      '\t',
      '\n',
      '1',
      'a',
      'aaaaaaaa',
      '%',
      '%4',
      '%41',
      '%2',
      '%25',
      '+',
      '&',
      '=',
      '&a=',
      '?',
      '#',
      '/',
      '//',
      ':',
      '@',
      ':@',
    ],
    ...[
      ',',
      ', ',
      ';',
      '"',
      '\\',
      '.',
      '-',
      '_',
      '::',
      '[',
      '{',
      '(',
      '\r\n',
      '://',
      'ws://',
      'a: ',
      '${',
      '%zz',
      '€',
      '\ud83d',
      '\x1b',
      'CN=\n',
    ],
    ...['__', '__a__', 'permessage-deflate,', 'token=', '&token=', '?token=%', '&%zzzzz', 'SSL routines:', '-----BEGIN', 'S3CRET'],
  ];
  const evils: Evil[] = units.flatMap((unit) => [
    ['', unit, '!\x00'],
    ['ws://a:', unit, '@'],
    ['/?token=', unit, ''],
  ]);
  describe('functions', () => {
    for (const [name, read] of Object.entries(functions)) {
      it(name, () => {
        for (const [before, unit, after] of evils) {
          const text = `${before}${unit.repeat(100_000 / unit.length)}${after}`;
          const took = bestOf(() => void read(text));
          assert.ok(took < maxMs, `${took} ms for ${JSON.stringify([before, unit, after])}`);
        }
      }).timeout(60_000);
    }
  });

  it('the matcher knows the characters of classes', () => {
    const texts = evilTexts(/^[a-f]\s\d\p{L}$/u).map(([before, unit]) => before + unit);
    for (const text of ['a', '\xa0', '0', 'a ', 'a 0', 'a 0a']) assert.ok(texts.includes(text), text);
  });
});

function refused(action: () => unknown): void {
  try {
    action();
  } catch {
    // It throws for input that it cannot use.
  }
}
