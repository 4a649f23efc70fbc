import assert from 'node:assert/strict';
import { propertyOf } from '../../nodes/editor/properties';
import { asText, asValue } from '../../nodes/editor/values';

describe('a form field', () => {
  const kept: readonly [type: string, name: string, value: unknown, text: string][] = [
    ['ix-server', 'port', 8080, '8080'],
    ['ix-server', 'port', 0, '0'],
    ['ix-server', 'port', '${PORT}', '${PORT}'],
    ['ix-server', 'addressFamily', 6, '6'],
    ['ix-client', 'enablePong', false, 'false'],
    ['ix-client', 'enablePong', '${PONG}', '${PONG}'],
    ['ix-client', 'headers', { 'X-A': '1', Authorization: '${TOKEN}' }, '{"X-A":"1","Authorization":"${TOKEN}"}'],
    ['ix-client', 'subProtocols', ['a', 'b'], 'a, b'],
    ['ix-client', 'subProtocols', ['a', '${B}'], 'a, ${B}'],
    ['ix-server', 'allowedOrigins', ['same host', 'https://a.example'], 'same host, https://a.example'],
    ['ix-server', 'allowedOrigins', ['*'], '*'],
    ['ix-server', 'allowedOrigins', '${ORIGINS}', '${ORIGINS}'],
    ['ix-server', 'trustProxy', ['10.0.0.0/8', '${PROXY}'], '10.0.0.0/8, ${PROXY}'],
    ['ix-server', 'path', '/chat', '/chat'],
    ['ix-server', 'tokenParameter', 'access_token', 'access_token'],
    ['ix-client', 'perMessageDeflateOptions', { clientMaxWindowBits: 9 }, '{"clientMaxWindowBits":9}'],
    ['ix-client', 'keyFile', '-----BEGIN\na\n-----END\n', '-----BEGIN\na\n-----END\n'],
    ['ix-client-events', 'method', ' a ', ' a '],
    ['ix-client', 'URL', '', ''],
    ['ix-client', 'URL', 'ws://${HOST}:${PORT}/', 'ws://${HOST}:${PORT}/'],
    ['ix-client', 'pingInterval', '1${ZEROS}', '1${ZEROS}'],
    ['ix-client', 'subProtocols', ['a', 'v ${B}'], 'a, v ${B}'],
    ['ix-client', 'headers', { 'X-A': 'Bearer ${TOKEN}' }, '{"X-A":"Bearer ${TOKEN}"}'],
  ];
  for (const [type, name, value, text] of kept) {
    it(`shows ${name} ${JSON.stringify(value)} as ${JSON.stringify(text)}, and keeps it so`, () => {
      assert.equal(asText(value), text);
      assert.deepEqual(asValue(propertyOf(type, name), text), value);
    });
  }

  it('keeps a text that fits no number, so that it can be mended', () => {
    assert.equal(asValue(propertyOf('ix-server', 'port'), '80 80'), '80 80');
  });

  it('keeps nothing where an object or a list has nothing in it', () => {
    assert.equal(asValue(propertyOf('ix-client', 'headers'), '{}'), '');
    assert.equal(asValue(propertyOf('ix-client', 'subProtocols'), '[]'), '');
  });
});
