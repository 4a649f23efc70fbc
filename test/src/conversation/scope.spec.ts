import assert from 'node:assert/strict';
import { scopeFunctions, scopeOf } from '../../../src/conversation/scope';

type Functions = Record<'secret' | 'hash' | 'hmac' | 'uuid' | 'next', (...args: unknown[]) => unknown>;
const functions = (secrets: Record<string, string> = {}) => scopeFunctions(secrets) as unknown as Functions;

describe('the functions of expressions', () => {
  it('$secret returns a secret, otherwise the default', () => {
    const { secret } = functions({ token: 'sesame' });
    assert.deepEqual([secret('token'), secret('user', 'guest')], ['sesame', 'guest']);
  });

  for (const name of ['user', 'toString', '__proto__', 7]) {
    it(`$secret fails for ${name}, which is not set`, () => {
      assert.throws(() => functions({ token: 'sesame' }).secret(name), { message: `The secret ${name} is not set` });
    });
  }

  it('$next counts from 1 for each name', () => {
    const { next } = functions();
    assert.deepEqual([next(), next(), next('a'), next()], [1, 2, 1, 3]);
  });

  it('$hash and $hmac are those of RFC 6234 and RFC 4231', () => {
    const { hash, hmac } = functions();
    assert.equal(hash('sha256', 'abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.equal(
      hmac('sha256', 'Jefe', 'what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    assert.equal(hash('sha1', 'abc', 'base64'), 'qZk+NkcGgWq6PiVxeFDCbJzQ2J0=');
  });

  it('$hash fails for an encoding that it does not know', () => {
    assert.throws(() => functions().hash('sha256', 'abc', 'latin1'), { message: /^The encoding latin1 is not one of hex, base64/ });
  });
});

describe('scopeOf', () => {
  it('more bindings come before the functions', () => {
    assert.deepEqual(scopeOf(1, { a: 1, b: 1 }, { b: 2 }), { input: 1, bindings: { a: 1, b: 2 } });
  });
});
