import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { answerFailures } from '../../src/client/answer-failures';
import { failures } from '../../src/client/failures';
import { readMessage } from '../../src/commands/message';
import { callerErrors, messageOf, optionError, SocketError } from '../../src/core/errors';
import { errorPayload } from '../../src/core/events';
import { failureOf } from '../../src/core/failure';
import { describeFailure, explain, hookFailures } from '../../src/hook/failures';
import { jsonOf } from '../../src/hook/json';
import { checkNames } from '../../src/hook/wire';
import { clientOptions } from '../../src/options/client';
import { hookOptions } from '../../src/options/hook';
import { read } from '../../src/options/read';
import { serverOptions } from '../../src/options/server';
import { proxyFailures } from '../../src/proxy/failures';
import { findProxy } from '../../src/proxy/find-proxy';
import { UpgradeRules } from '../../src/server/admission/upgrade-rules';
import { listen } from '../../src/server/listen';
import { SharedHttp } from '../../src/server/shared-http';
import { certificateWords } from '../../src/tls/certificate';
import { clientTls } from '../../src/tls/context';
import { violation } from '../../src/wire/violations';
import { assertPrintable, hostile } from '../helpers/hostile';
import { TestLog } from '../helpers/sockets';

/** Longer than any part that a sentence needs. */
const long = hostile.repeat(2000);
const target = new URL('ws://127.0.0.1:1/');
const httpError = (code: string) => Object.assign(new Error(long), { code });

/** One code for each sentence, and other codes. */
const codes = [
  ...['ENOTFOUND', 'ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET', 'EPROTO', 'HPE_INVALID_CONSTANT', hostile, ''],
  ...['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_GET_ISSUER_CERT', 'ERR_SSL_WRONG_VERSION_NUMBER'],
];

/** Returns the sentence that an action throws or returns. */
async function sentenceOf(action: () => unknown): Promise<string> {
  try {
    const answer = (await action()) as { errorStr?: string } | undefined;
    return answer?.errorStr ?? assert.fail('no failure');
  } catch (error) {
    assert.ok(error instanceof SocketError, String(error));
    return error.message;
  }
}

const proxy = { url: new URL('http://127.0.0.1:3128/') };
const client = read(clientOptions, {});
const server = (given: object) => ({ ...read(serverOptions, given as never), host: '127.0.0.1' });
const shared = (holder: string | undefined) =>
  new SharedHttp({ name: 'a server', server: {} as never, root: '/', owner: () => holder }, new TestLog());
const owner = { admitted() {}, rejected() {}, warned() {} };

function judged(given: object, { url = '/', ...headers }: Record<string, string>): string {
  const request = { url, headers, rawHeaders: [], socket: { remoteAddress: '127.0.0.1' } } as unknown as IncomingMessage;
  const rules = new UpgradeRules(server(given));
  rules.enter(rules.requestInfo(request));
  const judgment = rules.check(request, rules.requestInfo(request));
  return 'why' in judgment ? judgment.why : assert.fail('granted');
}

/** Calls every function that builds a sentence from external texts, with hostile ones. */
const sentences: Readonly<Record<string, () => string | Promise<string>>> = {
  'the status of a server': () =>
    answerFailures.unexpectedStatus({ shown: 'ws://h/', status: 403, text: long, headers: {}, options: client }).errorStr,
  'the end of a young connection': () => answerFailures.endedEarly('ws://h/', 5, { code: 4000, reason: hostile, remote: true }).errorStr,
  'a redirect to nowhere': () => failures.badRedirect('ws://h/', `mailto:${long}`).errorStr,
  'a host that a redirect named': () =>
    failures.explain('ws://h/', new URL(`ws://${'a'.repeat(9000)}/`), httpError('ECONNREFUSED'), 'HTTP').errorStr,
  'a host that a redirect named, behind a proxy': () =>
    proxyFailures.rejected('ws://h/', proxy, 'a'.repeat(9000), { status: 502, text: '', headers: {} }).errorStr,
  'a redirect that is not followed': () => failures.redirectNotFollowed('ws://h/', 302, long, 'host').errorStr,
  'an error of ours': () => failures.unforeseen('ws://h/', new Error(long)).errorStr,
  'a handshake that `ws` refused': () => failures.invalidRequest('ws://h/', new Error(long)).errorStr,
  ...Object.fromEntries(
    ['subprotocol', 'Invalid Sec-WebSocket-Extensions header', 'Invalid Upgrade header', ''].map((message) => [
      `an answer 101 that is not right (${message})`,
      () => {
        const headers = { Upgrade: long, 'Sec-WebSocket-Protocol': long, 'Sec-WebSocket-Extensions': long };
        return answerFailures.badUpgrade('ws://h/', message || messageOf(new Error(long)), headers, ['a'.repeat(9000)], client).errorStr;
      },
    ]),
  ),
  'the status of a proxy': () => proxyFailures.rejected('ws://h/', proxy, 'h:80', { status: 599, text: long, headers: {} }).errorStr,
  'a proxy that is not a URL': () => sentenceOf(() => findProxy(target, { url: `htp:${long}` })),
  'the status of 4D': () =>
    describeFailure('http://h/', hookFailures.status({ http_status: 500, statusText: long, headers: {} }), 2).errorStr,
  'a 4D name': () => sentenceOf(() => checkNames({ form: 'rest', className: long } as never)),
  'a failure': () => failureOf(hostile, { brief: 'failed' }).errorStr,
  'an Error event': () => errorPayload(hostile).reason,
  'a violation that is not known': () => violation(new Error(long), false).reason,
  'an id': () => callerErrors.unknownId('client', long).message,
  'something unforeseen': () => callerErrors.internal(new Error(long)).message,
  'a path that is not served': () => judged({ path: '/x' }, { url: `/${long}` }),
  'an Origin': () => judged({}, { origin: `http://${long}`, host: long }),
  'an address behind a trusted proxy': () =>
    judged({ trustProxy: '127.0.0.1', maxConnectionsPerIp: 1 }, { 'x-forwarded-for': `fe80::1%${'a'.repeat(9000)}` }),
  'a secret that the environment lacks': () => sentenceOf(() => new UpgradeRules(server({ auth: 'bearer', token: `\${${long}}` }))),
  'a host': () => sentenceOf(() => listen({ ...server({}), host: `${hostile}.invalid` }, owner, new TestLog())),
  'a path without a server': () => sentenceOf(() => listen(server({ listenOn: 'node-red', path: '/\x1b[31m' }), owner, new TestLog())),
  'a path in use': () =>
    sentenceOf(() => listen(server({ listenOn: 'node-red', path: '/\x1b[31m' }), owner, new TestLog(), undefined, shared(hostile))),
  'a certificate file': () => sentenceOf(() => clientTls({ tls: true, certFile: long, keyFile: long })),
  'a CA that is not PEM': () => sentenceOf(() => clientTls({ tls: true, caFile: `-----BEGIN ${long}` })),
  ciphers: () => sentenceOf(() => clientTls({ tls: true, ciphers: long })),
  'the subject of a certificate': () => certificateWords({ subject: `CN=${long}`, validTo: '2030-01-01' } as never).subject,
  'the names of a certificate': () => certificateWords({ subjectAltName: long, validTo: '2030-01-01' } as never).subject,
  'the issuer of a certificate': () => certificateWords({ issuer: `O=${long}`, validTo: '2030-01-01' } as never).issuer,
  'a payload that is not JSON': () => sentenceOf(() => jsonOf({ toJSON: () => assert.fail(long) })),
  'a message that is not JSON': () => sentenceOf(() => readMessage({ payload: { message: { toJSON: () => assert.fail(long) } } })),
  ...Object.fromEntries(
    codes.flatMap((code) => [
      ...(['DNS/TCP', 'TLS', 'HTTP'] as const).map((phase) => [
        `${JSON.stringify(code).slice(0, 40)} of a server (${phase})`,
        () => failures.explain('ws://h/', target, httpError(code), phase).errorStr,
      ]),
      [`${JSON.stringify(code).slice(0, 40)} of a proxy`, () => proxyFailures.unreachable('ws://h/', proxy, httpError(code)).errorStr],
      [`${JSON.stringify(code).slice(0, 40)} of 4D`, () => describeFailure('http://h/', explain(httpError(code)), 2).errorStr],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries({ client: clientOptions, server: serverOptions, hook: hookOptions }).flatMap(([side, fields]) =>
      Object.entries(fields).map(([name, field]) => [
        `the option ${name} of a ${side}`,
        () => {
          // Any text is accepted; other types are refused.
          const wrong = wrongOf(field.kind, long);
          const given = ['text', 'pem', 'ca'].includes(field.kind) ? { length: 1 } : wrong;
          return sentenceOf(() => read(fields, { [name]: given }));
        },
      ]),
    ),
  ),
};

/** Returns a value from a text that the kind does not accept. */
function wrongOf(kind: string, text: string): unknown {
  if (kind === 'protocol') return [text];
  return ['headers', 'deflate'].includes(kind) ? { [text]: text } : text;
}

describe('no sentence holds a control, a line separator, a bidi control, or a text of others without end:', () => {
  for (const [name, make] of Object.entries(sentences)) {
    it(name, async () => {
      const sentence = await make();
      assertPrintable(sentence);
      assert.ok(sentence.length < 1000, `${sentence.length} characters`);
    });
  }

  it('an error of an error', () => assertPrintable(messageOf(optionError(hostile, new Error(hostile)))));
});
