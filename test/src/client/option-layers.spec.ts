import assert from 'node:assert/strict';
import { clientOptionStore } from '../../../src/client/option-layers';
import type { Layer } from '../../../src/options/read';

const secrets = {
  user: 'bank',
  password: 'of the bank',
  certFile: 'bank.pem',
  keyFile: 'bank-key.pem',
  passphrase: 'of the key',
  headers: { 'X-JWT': 'of the bank', 'X-Station': 'line 3', 'User-Agent': 'mine' },
  subProtocols: ['bearer.of-the-bank'],
};
const home = 'wss://bank.example.com/orders';
const held = (given: Layer, base: Layer = { URL: home, ...secrets }) => clientOptionStore(() => base, given).values;
/** Returns the secrets that the options still contain. */
const kept = ({ user, password, certFile, keyFile, passphrase, headers, subProtocols }: ReturnType<typeof held>) => ({
  ...{ user, password, certFile, keyFile, passphrase, headers, subProtocols },
});
const none = Object.fromEntries(Object.keys(secrets).map((name) => [name, undefined]));
const stripped = { ...none, headers: { 'User-Agent': 'mine' } };

describe('the credentials of a config node', () => {
  const same = [home, 'wss://bank.example.com/other?x=1', 'wss://BANK.example.com:443/', 'https://bank.example.com/', undefined];
  for (const URL of same) it(`go along to ${URL ?? 'its own URL'}`, () => assert.deepEqual(kept(held({ URL })), secrets));

  const others = [
    ...['wss://evil.example.com/', 'wss://bank.example.com:8443/', 'wss://bank.example.com.evil.org/'],
    ...['ws://bank.example.com/', 'ws://bank.example.com:443/', 'http://bank.example.com/', 'wss://bank.example.com@evil.org/'],
  ];
  for (const URL of others) it(`stay behind on the way to ${URL}`, () => assert.deepEqual(kept(held({ URL })), stripped));

  it('stay behind if the value is not a URL', () => assert.deepEqual(kept(held({ URL: home }, { ...secrets, URL: 'bank' })), stripped));

  it('go along anywhere where it has no URL of its own: they are for whatever is given', () =>
    assert.deepEqual(kept(held({ URL: 'ws://evil.example.com/' }, secrets)), secrets));

  it('go along from ws to wss, as redirects do', () =>
    assert.deepEqual(kept(held({ URL: 'wss://plc/' }, { ...secrets, URL: 'ws://plc/' })), secrets));

  it('are those of the message where it brings its own', () => {
    const brought = { user: 'guest', headers: { Authorization: 'Bearer mine', 'X-Own': '1' }, subProtocols: ['mine'] };
    assert.deepEqual(kept(held({ URL: 'wss://other.example.com/', ...brought })), { ...none, ...brought });
  });

  it('are there again when the URL is that of the config node again', () => {
    const store = clientOptionStore(() => ({ URL: home, ...secrets }), {}).with({ URL: 'ws://evil.example.com/' });
    assert.deepEqual(kept(store.values), stripped);
    assert.deepEqual(kept(store.with({ URL: home }).values), secrets);
  });

  it('stay behind with the certificate of a TLS configuration node, whom to trust goes along', () => {
    const tlsConfig = { addTLSOptions: (options: object) => ({ ...options, cert: 'c', key: 'k', ca: 'ca' }) };
    const values = held({ URL: 'wss://other.example.com/' }, { URL: home, tlsConfig });
    assert.deepEqual(values.tlsConfig?.addTLSOptions({}), { ca: 'ca' });
  });
});
