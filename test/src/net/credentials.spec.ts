import assert from 'node:assert/strict';
import { withoutCredentials } from '../../../src/net/credentials';
import type { ClientOptions } from '../../../src/options/client';

const stripped = (options: Partial<ClientOptions>) => withoutCredentials({ headers: {}, ...options } as ClientOptions);

describe('withoutCredentials', () => {
  const kept = ['User-Agent', 'user-agent', 'Accept', 'Accept-Language', 'ACCEPT-ENCODING'];
  const dropped = [
    ...['Authorization', 'PROXY-AUTHORIZATION', 'Cookie', 'X-Api-Key', 'X-Access-Token', 'X-Amz-Signature', 'Host'],
    ...['Ocp-Apim-Subscription-Key', 'X-Functions-Key', 'X-JWT', 'X-Plain', 'Origin', 'Referer', 'Sec-WebSocket-Protocol'],
    ...['X-Accept', 'Accept-', 'User-Agent-Token', 'Acceptance'],
  ];
  for (const name of kept) it(`keeps ${name}`, () => assert.deepEqual(stripped({ headers: { [name]: 'x' } }).headers, { [name]: 'x' }));
  for (const name of dropped) it(`drops ${name}`, () => assert.deepEqual(stripped({ headers: { [name]: 'x' } }).headers, {}));

  it('drops the subprotocols: a token may be among them', () => {
    assert.equal(stripped({ subProtocols: ['graphql-ws', 'bearer.abc'] }).subProtocols, undefined);
  });

  it('drops user, password, certificate, key and passphrase, and keeps the trusted CAs', () => {
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
