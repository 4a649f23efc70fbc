import assert from 'node:assert/strict';
import type { Sent } from '../../../src/connection/load';
import { compileProtocol, type Incoming, type Outcome, type RequestInput, Requests } from '../../../src/conversation';
import { fakeClock } from '../../helpers/clock';
import { teardown } from '../../helpers/teardown';

const expressions = {
  compile: () => async (_: unknown, bindings: Readonly<Record<string, unknown>>) => bindings,
  contextValue: async () => undefined,
};
const request = { type: 'jsonata', value: 'all' };
const answer = { when: { ok: { exists: true } }, id: 'id', value: 'ok' };

/** The requests of a client, and a connection played by the test. */
function asking(rpc: object = {}) {
  const { rpc: compiled } = compileProtocol({ format: 'json', rpc: { request, answer, ...rpc } }, expressions);
  assert.ok(compiled);
  const errors: unknown[] = [];
  const requests = new Requests(compiled, 'client 1', (text) => text, { warn() {}, error: (error) => errors.push(error) });
  const asked: Record<string, unknown>[] = [];
  const said: Sent[] = [];
  const attach = () => {
    let number = 0;
    requests.attach({
      say: (_, more, sent) => {
        asked.push(more as Record<string, unknown>);
        said.push(sent);
      },
      send: (message) => void asked.push(message as Record<string, unknown>),
      nextNumber: () => ++number,
    });
  };
  attach();
  const ask = (input: Partial<RequestInput> = {}) => {
    const outcomes: Outcome[] = [];
    requests.request({ timeout: 30, many: false, keep: false, ...input }, (outcome) => outcomes.push(outcome));
    return outcomes;
  };
  const hear = (data: object) => requests.read({ str: JSON.stringify(data), wireSize: 1, data } as Incoming);
  return { requests, asked, said, attach, ask, hear, errors };
}
const brief = (outcomes: readonly Outcome[]) => outcomes.map(({ ms: _, ...outcome }) => outcome);

describe('requests', () => {
  afterEach(teardown);

  it('give each answer to the request of its id, in any order', () => {
    const { ask, hear, asked } = asking();
    const all = Array.from({ length: 1000 }, (_, n) => ask({ method: `m${n}` }));
    for (const { id, method } of [...asked].reverse()) assert.equal(hear({ id, ok: method }), true);
    assert.deepEqual(
      all.map((outcomes) => outcomes[0]?.result),
      Array.from({ length: 1000 }, (_, n) => `m${n}`),
    );
  });

  it('put the id into a message at the place of the protocol, and leave the message unchanged', () => {
    const { ask, asked } = asking({ id: 'a.id' });
    const message = { a: { b: 1 } };
    ask({ message });
    assert.deepEqual([asked[0], message], [{ a: { b: 1, id: 1 } }, { a: { b: 1 } }]);
  });

  it('report the error of the peer', () => {
    const { ask, hear } = asking({ error: { when: { bad: { exists: true } }, id: 'id', value: 'bad' } });
    const outcomes = ask();
    hear({ id: 1, bad: { code: 5 } });
    const [{ errorStr = '', ...outcome } = {} as Outcome] = brief(outcomes) as Outcome[];
    assert.deepEqual(outcome, { success: false, requestId: 1, sent: true, error: { code: 5 } });
    assert.match(errorStr, /^The peer answered with an error/);
  });

  it('time out, and the late answer is not one of theirs', () => {
    const clock = fakeClock();
    const { ask, hear } = asking();
    const outcomes = ask({ timeout: 2 });
    clock.tick(2000);
    assert.equal(outcomes[0]?.success, false);
    assert.equal(outcomes[0]?.sent, true);
    assert.equal(hear({ id: 1, ok: 1 }), false);
    assert.equal(outcomes.length, 1);
  });

  it('say whether they may have been sent when the connection ends', () => {
    const { ask, requests } = asking({ concurrency: 1 });
    const [open, waiting] = [ask(), ask()];
    requests.detach();
    assert.deepEqual([open[0]?.sent, waiting[0]?.sent], [true, false]);
    assert.equal(ask()[0]?.sent, false);
  });

  it('that cannot be handed over were not sent', () => {
    const { ask, said } = asking();
    const outcomes = ask();
    said[0]?.('The message was not sent: closed.', 0, 0);
    assert.deepEqual(brief(outcomes), [{ success: false, requestId: 1, sent: false, errorStr: 'The message was not sent: closed.' }]);
  });

  it('are refused above maxPending, and with an id that is open', () => {
    const { ask } = asking({ maxPending: 2 });
    ask({ requestId: 'x' });
    assert.match(ask({ requestId: 'x' })[0]?.errorStr ?? '', /id x is open/);
    ask();
    assert.match(ask()[0]?.errorStr ?? '', /maxPending/);
  });

  it('with `many` report each part, and the last', () => {
    const { ask, hear } = asking({ more: { more: true } });
    const outcomes = ask({ many: true });
    hear({ id: 1, ok: 'a', more: true });
    hear({ id: 1, ok: 'b', more: true });
    hear({ id: 1, ok: 'c' });
    assert.deepEqual(
      outcomes.map(({ result, part, last }) => [result, part, last]),
      [
        ['a', 1, undefined],
        ['b', 2, undefined],
        ['c', 3, true],
      ],
    );
  });

  it('without `many` discard what follows the first answer, up to and with the last', () => {
    const { ask, hear } = asking({ more: { more: true } });
    const outcomes = ask();
    assert.deepEqual([hear({ id: 1, ok: 'a', more: true }), hear({ id: 1, ok: 'b', more: true })], [true, true]);
    assert.deepEqual([hear({ id: 1, ok: 'c' }), hear({ id: 1, ok: 'd' })], [true, false]);
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      ['a'],
    );
  });

  it('that are kept are asked again after each Open, with a new id', () => {
    const { ask, hear, requests, attach, asked } = asking({ more: { more: true } });
    ask();
    const outcomes = ask({ many: true, keep: true, method: 'subscribe' });
    hear({ id: 2, ok: 'a', more: true });
    requests.detach();
    attach();
    assert.deepEqual(asked.at(-1)?.id, 1);
    hear({ id: 1, ok: 'b', more: true });
    const [first, second] = outcomes;
    assert.deepEqual([first?.renewed, second?.renewed, second?.part, second?.requestId], [undefined, 1, 1, 1]);
    assert.equal(requests.cancel(1), undefined);
    assert.deepEqual([outcomes[2]?.errorStr, outcomes[2]?.last], ['cancelled', true]);
  });

  describe('that are kept and have one answer', () => {
    const kept = (rpc: object = {}) => {
      const made = asking(rpc);
      const outcomes: [Outcome, (boolean | undefined)?][] = [];
      const end = made.requests.request({ timeout: 30, many: false, keep: true, method: 'subscribe' }, (...args) => outcomes.push(args));
      made.hear({ id: 1, ok: 'a' });
      return { ...made, outcomes, end };
    };
    const shown = (outcomes: readonly (readonly [Outcome, (boolean | undefined)?])[]) =>
      outcomes.map(([{ success, result, renewed, errorStr }, goesOn]) => [success, result ?? errorStr, renewed, goesOn]);

    it('are asked again after each Open', () => {
      const { outcomes, requests, attach, asked, hear } = kept();
      for (const [n, ok] of ['b', 'c'].entries()) {
        requests.detach();
        attach();
        assert.deepEqual([asked.length, asked.at(-1)?.method], [n + 2, 'subscribe']);
        hear({ id: 1, ok });
      }
      assert.deepEqual(shown(outcomes), [
        [true, 'a', undefined, true],
        [true, 'b', 1, true],
        [true, 'c', 2, true],
      ]);
      assert.equal(requests.size, 0);
    });

    it('end when they are cancelled, and the peer is told', () => {
      const { outcomes, requests, attach, asked } = kept({ cancel: { type: 'jsonata', value: 'all' } });
      assert.equal(requests.cancel(1), undefined);
      assert.deepEqual(shown(outcomes).at(-1), [false, 'cancelled', undefined, false]);
      assert.equal(asked.length, 2);
      requests.detach();
      attach();
      assert.equal(asked.length, 2);
      assert.match(requests.cancel(1) ?? '', /No request/);
    });

    it('end with their socket', () => {
      const { outcomes, requests } = kept();
      requests.end('Client 1 was stopped.');
      assert.deepEqual(shown(outcomes).at(-1), [false, 'Client 1 was stopped.', undefined, false]);
    });

    it('end with their node', () => {
      const { outcomes, requests, attach, asked, end } = kept();
      end();
      assert.equal(outcomes.at(-1)?.[1], false);
      requests.detach();
      attach();
      assert.equal(asked.length, 1);
    });

    it('end if they fail on a later connection', () => {
      const clock = fakeClock();
      const { outcomes, requests, attach, asked } = kept();
      requests.detach();
      attach();
      clock.tick(30_000);
      assert.match(outcomes.at(-1)?.[0].errorStr ?? '', /timed out/);
      requests.detach();
      attach();
      assert.equal(asked.length, 2);
    });

    it('keep their id for themselves', () => {
      const { ask } = kept();
      assert.match(ask({ requestId: 1 })[0]?.errorStr ?? '', /id 1 is open/);
    });
  });

  it('wait for a place where the protocol limits how many are open', () => {
    const { ask, hear, asked } = asking({ concurrency: 2 });
    const all = [ask(), ask(), ask()];
    assert.equal(asked.length, 2);
    hear({ id: 2, ok: 2 });
    assert.equal(asked.length, 3);
    hear({ id: 3, ok: 3 });
    assert.deepEqual(
      all.map((outcomes) => outcomes[0]?.result),
      [undefined, 2, 3],
    );
  });

  it('without ids belong to the oldest, and a timed-out one keeps its place', () => {
    const clock = fakeClock();
    const { ask, hear, asked } = asking({ order: true, answer: { when: { ok: { exists: true } }, value: 'ok' } });
    const [first, second] = [ask({ timeout: 1 }), ask({ timeout: 5 })];
    clock.tick(1000);
    assert.equal(first[0]?.success, false);
    assert.equal(asked.length, 1);
    assert.equal(hear({ ok: 'for the first' }), false);
    assert.equal(asked.length, 2);
    hear({ ok: 'for the second' });
    assert.equal(second[0]?.result, 'for the second');
  });

  it('all end with their socket', () => {
    const { ask, requests } = asking();
    const all = [ask({ keep: true, many: true }), ask()];
    requests.end('Client 1 was stopped.');
    assert.deepEqual(
      all.map((outcomes) => [outcomes[0]?.errorStr, outcomes[0]?.last]),
      [
        ['Client 1 was stopped.', true],
        ['Client 1 was stopped.', undefined],
      ],
    );
    assert.equal(requests.size, 0);
  });
});
