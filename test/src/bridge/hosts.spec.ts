import assert from 'node:assert/strict';
import { parseHosts } from '../../../src/bridge/hosts';

describe('parseHosts', () => {
  const hosts = parseHosts(' PLC.example.com, 10.0.0.7:8080 ,[::1]:81,');
  for (const url of [
    'ws://plc.example.com/',
    'wss://plc.example.com:4443/path',
    'http://Plc.Example.Com/',
    ' ws://plc.example.com ',
    'ws://10.0.0.7:8080/',
    'ws://[::1]:81/',
    new URL('wss://plc.example.com/'),
  ]) {
    it(`allows ${JSON.stringify(url)}`, () => assert.equal(hosts.allows(url), true));
  }
  for (const url of [
    'ws://example.com/',
    'ws://plc.example.com.evil.example/',
    'ws://evil.example/?plc.example.com',
    'ws://plc.example.com@evil.example/',
    'ws://10.0.0.7/',
    'ws://10.0.0.7:80801/',
    'ws://[::1]/',
    'plc.example.com',
    '',
    7,
    undefined,
  ]) {
    it(`does not allow ${JSON.stringify(url)}`, () => assert.equal(hosts.allows(url), false));
  }

  it('compares the default port of the scheme', () => {
    const secure = parseHosts('a.example:443');
    assert.deepEqual([secure.allows('wss://a.example/'), secure.allows('ws://a.example/')], [true, false]);
  });

  it('an empty list allows none', () => assert.equal(parseHosts('').allows('ws://a.example/'), false));
});
