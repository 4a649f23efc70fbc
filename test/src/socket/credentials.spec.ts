import assert from 'node:assert/strict';
import type { ClientOptions } from '../../../src/options/client';
import { withoutCredentials } from '../../../src/socket/credentials';

const stripped = (options: Partial<ClientOptions>) => withoutCredentials({ headers: {}, ...options } as ClientOptions);

describe('withoutCredentials', () => {
  const kept = ['User-Agent', 'Origin', 'Accept-Language', 'X-Plain', 'X-Request-Id', 'Sec-WebSocket-Protocol'];
  const dropped = [
    'Authorization',
    'PROXY-AUTHORIZATION',
    'Cookie',
    'X-Api-Key',
    'ApiKey',
    'X-Auth',
    'X-Access-Token',
    'X-Secret',
    'X-Password',
    'X-Session-Id',
    'X-Amz-Signature',
    'X-Credential',
    'Host',
  ];
  for (const name of kept) it(`keeps ${name}`, () => assert.deepEqual(stripped({ headers: { [name]: 'x' } }).headers, { [name]: 'x' }));
  for (const name of dropped) it(`drops ${name}`, () => assert.deepEqual(stripped({ headers: { [name]: 'x' } }).headers, {}));

  it('drops user, password, certificate, key and passphrase, and keeps whom to trust', () => {
    const { user, password, certFile, keyFile, passphrase, caFile } = stripped({
      user: 'a',
      password: 'b',
      certFile: 'c',
      keyFile: 'd',
      passphrase: 'e',
      caFile: 'NONE',
    });
    assert.deepEqual(
      [user, password, certFile, keyFile, passphrase, caFile],
      [undefined, undefined, undefined, undefined, undefined, 'NONE'],
    );
  });

  it('leaves of a tlsConfig what proves nothing', () => {
    const addTLSOptions = (options: object) => ({
      ...options,
      cert: 'c',
      key: 'k',
      pfx: 'p',
      passphrase: 's',
      servername: 'n',
      ca: 'ca',
      rejectUnauthorized: false,
    });
    assert.deepEqual(stripped({ tlsConfig: { addTLSOptions } }).tlsConfig?.addTLSOptions({}), { ca: 'ca', rejectUnauthorized: false });
  });

  it('changes nothing of what it was given', () => {
    const options = { headers: Object.freeze({ Cookie: 'x' }), user: 'a' };
    stripped(Object.freeze(options));
    assert.deepEqual(options, { headers: { Cookie: 'x' }, user: 'a' });
  });
});
