import assert from 'node:assert/strict';
import { SocketError } from '../../../../src/core/errors';
import { read } from '../../../../src/options/read';
import { serverOptions } from '../../../../src/options/server';
import { type AuthenticationResult, authentication } from '../../../../src/server/admission/authentication';

const check = (options: object) => authentication(read(serverOptions, options as never));
const basicOf = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const isRejected = (result: AuthenticationResult) => ('why' in result ? result.why : undefined);

describe('authentication', () => {
  it('none asks for nothing', () => {
    assert.deepEqual(check({})({ authorization: undefined, parameter: undefined }), {});
    assert.deepEqual(check({ auth: 'none', user: 'ann', password: 'x' })({ authorization: 'Basic eDp5', parameter: 'x' }), {});
  });

  describe('basic', () => {
    const ann = { auth: 'basic', user: 'ann', password: 'sésame:öffne dich' };
    const asked = (authorization: string | undefined, options: object = ann) =>
      check(options)({ authorization, parameter: 'sésame:öffne dich' });

    for (const right of [
      basicOf('ann:sésame:öffne dich'),
      basicOf('ann:sésame:öffne dich').replace('Basic', 'bAsIc'),
      basicOf('ann:sésame:öffne dich').replace(' ', '   '),
    ]) {
      it(`accepts ${right}, and reports the user`, () => assert.deepEqual(asked(right), { user: 'ann' }));
    }

    const wrong: [title: string, authorization: string | undefined, why: RegExp][] = [
      ['nothing', undefined, /shows no user and password/],
      ['an empty header', '', /shows no user and password/],
      ['the scheme alone', 'Basic', /shows no user and password/],
      ['another scheme', basicOf('ann:sésame:öffne dich').replace('Basic', 'Bearer'), /shows no user and password/],
      ['another password', basicOf('ann:sesame'), /user or its password is wrong/],
      ['another user', basicOf('bob:sésame:öffne dich'), /user or its password is wrong/],
      ['a password that begins alike', basicOf('ann:sésame:öffne dich!'), /is wrong/],
      ['a password that is a part', basicOf('ann:sésame'), /is wrong/],
      ['no password', basicOf('ann:'), /is wrong/],
      ['no user', basicOf(':sésame:öffne dich'), /is wrong/],
      ['nothing in it', `Basic ${Buffer.from('').toString('base64')}=`, /is wrong/],
      ['what is no base64', 'Basic ***', /is wrong/],
    ];
    for (const [title, authorization, why] of wrong) {
      it(`refuses who shows ${title}, and asks for Basic`, () => {
        const result = asked(authorization);
        assert.match(isRejected(result) ?? '', why);
        assert.equal('challenge' in result && result.challenge, 'Basic realm="WebSocket", charset="UTF-8"');
      });
    }
  });

  describe('bearer', () => {
    const token = { auth: 'bearer', token: 's3cr3t.töken' };
    const asked = (authorization: string | undefined, parameter?: string) => check(token)({ authorization, parameter });
    /** UTF-8, as Node.js passes it on. */
    const bearer = (text: string) => `Bearer ${Buffer.from(text).toString('latin1')}`;

    const right: [title: string, authorization: string | undefined, parameter?: string][] = [
      ['the header', bearer('s3cr3t.töken')],
      ['the header, in other letters', bearer('s3cr3t.töken').replace('Bearer', 'BEARER  ')],
      ['the parameter', undefined, 's3cr3t.töken'],
      ['the parameter, beside what a proxy asked for', basicOf('ann:x'), 's3cr3t.töken'],
      ['the header, beside another parameter', bearer('s3cr3t.töken'), 'old'],
    ];
    for (const [title, ...shown] of right) it(`lets in who shows it in ${title}`, () => assert.deepEqual(asked(...shown), {}));

    const wrong: [title: string, authorization: string | undefined, parameter: string | undefined, why: RegExp][] = [
      ['nothing', undefined, undefined, /shows no token/],
      ['an empty parameter', undefined, '', /shows no token/],
      ['Basic', basicOf('ann:s3cr3t.töken'), undefined, /shows no token/],
      ['another token', bearer('other'), undefined, /token is wrong/],
      ['another token in the parameter', undefined, 'other', /token is wrong/],
      ['a part', bearer('s3cr3t'), undefined, /token is wrong/],
    ];
    for (const [title, authorization, parameter, why] of wrong) {
      it(`refuses who shows ${title}, and asks for Bearer`, () => {
        const result = asked(authorization, parameter);
        assert.match(isRejected(result) ?? '', why);
        const challenge = 'challenge' in result ? result.challenge : '';
        assert.equal(challenge, `Bearer realm="WebSocket"${/wrong/.test(why.source) ? ', error="invalid_token"' : ''}`);
      });
    }
  });

  describe('is refused itself, with ERR_OPTION, where a secret is', () => {
    const rows: [title: string, options: object, option: string, sentence: RegExp][] = [
      ['missing: the user', { auth: 'basic', password: 'x' }, 'user', /option user is required because auth is basic/],
      ['missing: the password', { auth: 'basic', user: 'ann' }, 'password', /option password is required/],
      ['empty: the password', { auth: 'basic', user: 'ann', password: '' }, 'password', /option password is required/],
      ['missing: the token', { auth: 'bearer', user: 'ann', password: 'x' }, 'token', /option token is required because auth is bearer/],
      ['empty: the token', { auth: 'bearer', token: '' }, 'token', /option token is required/],
      ['a variable that is not set', { auth: 'bearer', token: '${IX_TOKEN}' }, 'token', /is not set: \$\{IX_TOKEN\}/],
      ['a variable that is not set', { auth: 'basic', user: 'ann', password: '${IX_WORD}' }, 'password', /is not set: \$\{IX_WORD\}/],
      ['a user with a colon', { auth: 'basic', user: 'ann:b', password: 'x' }, 'user', /must not contain a colon/],
    ];
    for (const [title, options, option, sentence] of rows) {
      it(title, () => {
        assert.throws(
          () => check(options),
          (error) => {
            assert.equal(error instanceof SocketError && error.code, 'ERR_OPTION');
            assert.equal((error as SocketError).option, option);
            assert.match((error as SocketError).message, sentence);
            return true;
          },
        );
      });
    }
  });
});
