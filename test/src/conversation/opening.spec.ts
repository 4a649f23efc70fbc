import assert from 'node:assert/strict';
import type { Step } from '../../../src/conversation/description/steps';
import { Opening, type OpeningContext, type OpeningFailure } from '../../../src/conversation/opening';
import { compilePattern } from '../../../src/conversation/pattern';
import { fakeClock } from '../../helpers/clock';
import { onTeardown, teardown } from '../../helpers/teardown';

const wait = (pattern: object, { fail = undefined as object | undefined, as = undefined as string | undefined, timeout = 10 } = {}) =>
  ({
    wait: compilePattern(pattern, 'wait'),
    fail: fail && compilePattern(fail, 'fail'),
    as,
    timeout,
    awaited: JSON.stringify(pattern),
  }) as unknown as Step;
const send = (literal: string) => ({ send: { literal } }) as Step;

function opening(steps: readonly Step[], given: Partial<OpeningContext> = {}) {
  const clock = fakeClock();
  const said: unknown[] = [];
  const failures: OpeningFailure[] = [];
  const done: { kept: object; held: unknown[]; unread: unknown[] }[] = [];
  const strings = (messages: readonly { str: unknown }[]) => messages.map(({ str }) => str);
  const one = new Opening({
    steps,
    maxHeld: 0,
    redact: (text) => text.replaceAll('sesame', '***'),
    scope: (input, kept) => ({ input, bindings: kept }),
    say: (value, _scope, sent) => {
      said.push((value as { literal: unknown }).literal);
      sent(undefined);
    },
    consume: () => false,
    done: (kept, held, unread) => done.push({ kept: { ...kept }, held: strings(held), unread: strings(unread) }),
    failed: (failure) => failures.push(failure),
    log: { warn() {}, error: (error) => assert.fail(String(error)) },
    ...given,
  });
  onTeardown(() => one.cancel());
  const take = (data: object, more: object = {}) => one.take({ str: JSON.stringify(data), wireSize: 1, data, ...more });
  return { one, clock, said, failures, done, take };
}

describe('Opening', () => {
  afterEach(teardown);

  it('ends at once without steps', () => {
    const { one, done } = opening([]);
    one.start();
    assert.deepEqual(done, [{ kept: {}, held: [], unread: [] }]);
  });

  it('sends after the answer that a step awaits, and keeps it by name', () => {
    const { one, said, done, take } = opening([send('hello'), wait({ t: 'welcome' }, { as: 'welcome' }), send('login')]);
    one.start();
    assert.deepEqual([said, done], [['hello'], []]);
    take({ t: 'welcome', n: 1 });
    assert.deepEqual(said, ['hello', 'login']);
    assert.deepEqual(done, [{ kept: { welcome: { t: 'welcome', n: 1 } }, held: [], unread: [] }]);
  });

  it('holds the messages that no step awaits, and finds an answer among them', () => {
    const { one, done, take } = opening([wait({ t: 'a' }), wait({ t: 'b' })]);
    one.start();
    take({ t: 'b' });
    take({ t: 'news' });
    take({ t: 'a' });
    assert.deepEqual(done, [{ kept: {}, held: ['{"t":"news"}'], unread: [] }]);
  });

  it('a message that `fail` matches ends it as refused, without secrets', () => {
    const { one, failures, take } = opening([wait({ t: 'ok' }, { fail: { t: 'no' } })]);
    one.start();
    take({ t: 'no', password: 'sesame' });
    const why = 'failed at step 1 of 1, which waits for {"t":"ok"}: the peer refused: {"t":"no","password":"***"}.';
    assert.deepEqual(failures, [{ why, code: 1008, refused: true }]);
  });

  it('ends if no answer comes in time, and cites the latest message', () => {
    const { one, clock, failures, take } = opening([send('hello'), wait({ t: 'ok' }, { timeout: 2 })]);
    one.start();
    take({ t: 'news' });
    clock.tick(1_999);
    assert.equal(failures.length, 0);
    clock.tick(1);
    assert.match(failures[0]?.why ?? '', /^failed at step 2 of 2, .+: no answer came within 2 s\. The latest message was \{"t":"news"\}$/);
  });

  it('ends with 1009 if more is held than the limit', () => {
    const { one, failures, take } = opening([wait({ t: 'ok' })], { maxHeld: 100 });
    one.start();
    take({ t: 'x'.repeat(101) });
    assert.deepEqual([failures.length, failures[0]?.code], [1, 1009]);
  });

  it('does not count a message that a rule consumes', () => {
    const { one, failures, take } = opening([wait({ t: 'ok' })], { maxHeld: 100, consume: () => true });
    one.start();
    for (let i = 0; i < 20; i++) take({ t: 'ping' });
    assert.deepEqual(failures, []);
  });

  it('holds as many bytes as the limit, in any number of messages', () => {
    const { one, failures, done, take } = opening([wait({ t: 'ok' })], { maxHeld: 100 });
    one.start();
    for (let i = 0; i < 10; i++) take({ n: i }); // 7 bytes each
    take({ t: 'ok', long: 'x'.repeat(50) }); // The answer of a step is not held.
    assert.deepEqual([failures, done[0]?.held.length], [[], 10]);
  });

  it('counts bytes, not characters', () => {
    const { one, failures, take } = opening([wait({ t: 'ok' })], { maxHeld: 100 });
    one.start();
    take({ t: 'ü'.repeat(60) });
    assert.equal(failures[0]?.code, 1009);
  });

  it('counts a frame of several messages once', () => {
    const { one, failures, take } = opening([wait({ t: 'ok' })], { maxHeld: 100 });
    one.start();
    for (let i = 0; i < 20; i++) take({ n: i }, { str: 'x'.repeat(60), wireSize: i === 0 ? 66 : 0, isShared: true });
    assert.deepEqual(failures, []);
  });

  it('counts a frame as long as one of its messages may be held', () => {
    const consume = ({ data }: { data: unknown }) => (data as { n: number }).n === 0;
    const { one, failures, take } = opening([wait({ t: 'ok' })], { maxHeld: 100, consume });
    one.start();
    for (const n of [0, 1, 0, 1]) take({ n }, { str: 'x'.repeat(60), wireSize: n === 0 ? 66 : 0, isShared: true });
    assert.equal(failures[0]?.code, 1009);
  });

  it('ends with 1009 after 100,000 messages, however small', () => {
    const { one, failures, take } = opening([wait({ t: 'ok' })]);
    one.start();
    for (let i = 0; i < 100_000; i++) take({}, { wireSize: 0 });
    assert.deepEqual(failures, []);
    take({}, { wireSize: 0 });
    assert.deepEqual(
      failures.map(({ code }) => code),
      [1009],
    );
  });

  it('reports once that the connection was lost', () => {
    const { one, failures } = opening([wait({ t: 'ok' })]);
    one.start();
    one.lost('the connection ended with 1006');
    one.lost('the connection ended with 1006');
    assert.deepEqual(
      failures.map(({ why }) => why),
      ['failed at step 1 of 1, which waits for {"t":"ok"}: the connection ended with 1006.'],
    );
  });

  it('a cancelled one neither fails nor ends', () => {
    const { one, clock, failures, done, take } = opening([wait({ t: 'ok' })]);
    one.start();
    one.cancel();
    take({ t: 'ok' });
    clock.tick(60_000);
    assert.deepEqual([failures, done], [[], []]);
  });

  it('reads what arrives during an expression after it', async () => {
    let found: (value: boolean) => void = () => {};
    const evaluated = { evaluate: () => new Promise((resolve) => (found = resolve)) };
    const step = { ...(wait({}) as object), wait: evaluated } as unknown as Step;
    const { one, done, take } = opening([step]);
    one.start();
    take({ n: 1 });
    take({ n: 2 });
    assert.deepEqual(done, []);
    found(true);
    await new Promise(setImmediate);
    assert.deepEqual(done, [{ kept: {}, held: [], unread: ['{"n":2}'] }]);
  });
});
