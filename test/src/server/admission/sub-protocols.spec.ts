import assert from 'node:assert/strict';
import { offeredSubProtocols, tokenOffered, tokenPrefixes, withoutToken } from '../../../../src/server/admission/sub-protocols';

describe('offeredSubProtocols', () => {
  for (const [header, offered] of [
    [undefined, []],
    ['', []],
    ['a, b', ['a', 'b']],
    ['a,,b,', ['a', 'b']],
    ['a, a', ['a']],
  ] as const) {
    it(`${JSON.stringify(header)} offers ${offered.join(' and ') || 'none'}`, () => assert.deepEqual(offeredSubProtocols(header), offered));
  }
});

describe('the token in a subprotocol', () => {
  const own = tokenPrefixes({ auth: 'basic', tokenSubProtocol: 'bearer.' });

  it('follows the prefix of the option', () => assert.equal(tokenOffered(['chat', 'bearer.sesame'], own), 'sesame'));
  it('is absent without that prefix', () => assert.equal(tokenOffered(['chat', 'xbearer.sesame'], own), undefined));
  it('may be empty', () => assert.equal(tokenOffered(['bearer.'], own), ''));

  it('follows the prefix of Kubernetes with Bearer authentication only', () => {
    const offered = ['base64url.bearer.authorization.k8s.io.abc'];
    assert.equal(tokenOffered(offered, tokenPrefixes({ auth: 'bearer', tokenSubProtocol: '' })), 'abc');
    assert.equal(tokenOffered(offered, tokenPrefixes({ auth: 'none', tokenSubProtocol: '' } as never)), undefined);
  });

  it('is taken out of what is offered', () => assert.deepEqual(withoutToken(['chat', 'bearer.sesame'], own), ['chat']));
});
