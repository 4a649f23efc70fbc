import assert from 'node:assert/strict';
import { SocketError } from '../../../src/core/errors';
import { fields } from '../../../src/options/field';
import { pick, read } from '../../../src/options/read';

const some = fields({
  port: { kind: 'number', label: '', help: '', default: 8080, min: 0, max: 65535, integer: true },
  host: { kind: 'text', label: '', help: '' },
  URL: { kind: 'url', label: '', help: '' },
  headers: { kind: 'headers', label: '', help: '', default: {} },
  keyFile: { kind: 'pem', label: '', help: '' },
  password: { kind: 'text', label: '', help: '', credential: 'password' },
  deflate: { kind: 'deflate', label: '', help: '' },
  tlsConfig: { kind: 'tlsConfig', label: '', help: '', formOnly: true },
});

const refusal = (layer: Record<string, unknown>): string => {
  try {
    read(some, layer);
  } catch (error) {
    assert.ok(error instanceof SocketError, String(error));
    assert.equal(error.code, 'ERR_OPTION');
    return error.message;
  }
  assert.fail('it was accepted');
};

describe('read', () => {
  it('gives the default where no layer has the option, and undefined where there is none', () => {
    const { port, host, headers } = read(some, {}, { host: undefined });
    assert.deepEqual({ port, host, headers }, { port: 8080, host: undefined, headers: {} });
  });

  it('gives the value of the last layer that has it', () => {
    assert.equal(read(some, { port: 1 }, { port: 2 }, { host: 'x' }).port, 2);
  });

  it('undefined in a layer is not given', () => {
    assert.equal(read(some, { port: 1 }, { port: undefined }).port, 1);
  });

  it('null in a layer is given, and wrong', () => {
    assert.match(refusal({ port: null }), /got null\.$/);
  });

  it('looks at no value that another layer hides', () => {
    assert.equal(read(some, { port: 'bad' }, { port: 5 }).port, 5);
  });

  it('reads nothing that a layer has inherited', () => {
    assert.equal(read(some, Object.create({ port: 5 })).port, 8080);
  });

  it('ignores what the fields do not know', () => {
    assert.ok(!('other' in read(some, { other: 1 })));
  });

  describe('the sentence of a refusal names the option, what it must be and what came', () => {
    const rows: [Record<string, unknown>, string][] = [
      [{ port: 70000 }, 'The option port must be a whole number from 0 to 65535; got the number 70000.'],
      [{ port: 'many' }, 'The option port must be a whole number from 0 to 65535; got the string "many".'],
      [{ host: 5 }, 'The option host must be a string; got the number 5.'],
      [{ host: [1, 2] }, 'The option host must be a string; got a list of 2.'],
      [
        { URL: 'ftp://x' },
        'The option URL must be a URL that begins with ws:// or wss://, e.g. ws://127.0.0.1:8080/; got the string "ftp://x".',
      ],
      [
        { deflate: { clientMaxWindowBits: 16 } },
        'The option deflate.clientMaxWindowBits must be a whole number from 8 to 15; got the number 16.',
      ],
    ];
    for (const [layer, sentence] of rows) it(sentence, () => assert.equal(refusal(layer), sentence));
  });

  describe('a refusal shows no secret', () => {
    const rows: [string, Record<string, unknown>][] = [
      ['a password in a URL', { URL: 'ftp://ann:SECRET@host/' }],
      ['a password in a URL with a blank', { URL: 'ws://ann:SECRET@ho st/' }],
      ['a password in a URL whose host is missing', { URL: 'ws://ann:SECRET@' }],
      ['a password with an unescaped slash in a URL', { URL: 'ws://ann:SEC/RET@host/' }],
      ['a password with an unescaped question mark in a URL', { URL: 'ws://ann:SEC?RET@host/' }],
      ['a password with an unescaped hash in a URL', { URL: 'ws://ann:SEC#RET@host/' }],
      ['a header value', { headers: { Authorization: 'SECRET\r\n' } }],
      ['headers as a text', { headers: 'Authorization: SECRET' }],
      ['a key', { headers: '-----BEGIN PRIVATE KEY-----\nSECRET' }],
      ['a password of the wrong type', { password: ['SECRET'] }],
      ['a password as an object', { password: { is: 'SECRET' } }],
      ['a password as a number', { password: 5327387 }],
    ];
    for (const [title, layer] of rows) it(title, () => assert.doesNotMatch(refusal(layer), /SEC|RET|5327387/));
  });

  it('pick keeps what is given and known, and leaves out what only a form may set', () => {
    assert.deepEqual(pick(some, { port: '5', host: undefined, other: 1, tlsConfig: { addTLSOptions: () => ({}) } }), { port: '5' });
  });
});
