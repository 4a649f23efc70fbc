import assert from 'node:assert/strict';

/** Colours, a window title, a forged log line, C1 controls, line separators, reversed reading order, and half a character. */
export const hostile =
  '\x1b[31mRED\x1b[0m\x1b]0;pwned\x07\r\n28 Nov 01:00:00 - [error] forged\t\0\x7f\x85\x9b2J\u061c\u200f\u2028\u2029\u202egnp.exe\u2066\ufeff\ud800';

/** Characters that a sentence must not contain. `\t`, `\n` and `\r` are among the controls. */
const forbidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]|\p{Cs}/u;

export function assertPrintable(sentence: unknown): void {
  assert.equal(typeof sentence, 'string');
  const found = forbidden.exec(sentence as string);
  assert.equal(found && `U+${found[0].charCodeAt(0).toString(16)} in ${JSON.stringify(sentence)}`, null);
}

/** Objects that throw, or return invalid values, on each access. */
export const hostileObjects: readonly (readonly [name: string, make: () => unknown])[] = [
  ['a revoked proxy', () => revoked({})],
  ['a revoked proxy of a list', () => revoked([])],
  ['a revoked proxy of an error', () => revoked(new Error('x'))],
  ['a proxy that always throws', () => new Proxy({}, new Proxy({}, { get: () => () => assert.fail('trapped') }))],
  ['an error whose message throws', () => Object.defineProperty(new Error(), 'message', { get: () => assert.fail('trapped') })],
  ['an error whose code throws', () => Object.defineProperty(new Error(), 'code', { get: () => assert.fail('trapped') })],
  ['an error whose message is an object', () => Object.assign(new Error(), { message: { toString: () => assert.fail('trapped') } })],
  ['an error whose message is a symbol', () => Object.assign(new Error(), { message: Symbol('x') })],
  ['an error without a class', () => Object.assign(Object.create(Error.prototype), { constructor: undefined })],
  ['an error whose class has no name', () => Object.assign(new Error(), { constructor: { name: Symbol('x') } })],
  ['several errors that hold themselves', () => selfHolding()],
  ['several errors that are not a list', () => Object.assign(new AggregateError([]), { errors: 7 })],
  ['an object whose text throws', () => ({ toString: () => assert.fail('trapped'), [Symbol.toPrimitive]: () => assert.fail('trapped') })],
  ['an object without a prototype', () => Object.create(null)],
  ['a symbol', () => Symbol(hostile)],
  ['a function with a throwing name', () => Object.defineProperty(() => {}, 'name', { get: () => assert.fail('trapped') })],
  ['a big integer', () => 7n],
];

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function selfHolding(): AggregateError {
  const error = new AggregateError([]);
  error.errors = [error, error, error];
  return error;
}
