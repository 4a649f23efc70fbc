import assert from 'node:assert/strict';
import { type Answer, type Decider, Decisions } from '../../../src/core/decisions';
import { fakeClock } from '../../helpers/clock';
import { teardown } from '../../helpers/teardown';

type Asking = Parameters<Decider['ask']>[0];

const question = { event: 'Upgrade', socket: -1, payload: {}, topic: '/' } as const;
const fine = () => undefined;

describe('decisions', () => {
  afterEach(teardown);

  const errors: unknown[] = [];
  const log = { warn: () => {}, error: (error: unknown) => void errors.push(error) };
  const open = (fails = false) => {
    const decisions = new Decisions(log as never);
    const asked: Asking[] = [];
    const node: Decider = {
      timeoutSecs: 5,
      showsCredentials: false,
      ask(one) {
        if (fails) throw new Error('broken');
        asked.push(one);
      },
    };
    const ask = (check: (answer: Answer) => string | undefined = fine) => {
      const decider = decisions.find('server', -1) ?? assert.fail('nobody asks');
      return decisions.ask(decider, question, check);
    };
    return { decisions, asked, node, ask };
  };

  it('no answer in time is undefined, and a later one is refused', async () => {
    const clock = fakeClock();
    const { decisions, asked, node, ask } = open();
    decisions.add('server', undefined, node);
    const { answer } = ask();
    clock.tick(5000);
    assert.equal(await answer, undefined);
    assert.match(decisions.answer(asked[0]?.ask, { accept: true }) ?? '', /not open/);
  });

  it('an answer that cannot be used ends the question, and is an error', async () => {
    const { decisions, asked, node, ask } = open();
    decisions.add('server', undefined, node);
    const { answer } = ask(() => 'tags must be a list of names');
    assert.throws(() => decisions.answer(asked[0]?.ask, { tags: 5 }), /cannot be used: tags must be a list of names/);
    assert.deepEqual(await answer, { tags: 5 });
  });

  it('a node that fails ends its question at once', async () => {
    const { decisions, node, ask } = open(true);
    decisions.add('server', undefined, node);
    assert.equal(await ask().answer, undefined);
    assert.match(String(errors.at(-1)), /broken/);
  });

  it('a node that is being replaced leaves its questions to the next one', async () => {
    const { decisions, asked, node, ask } = open();
    const release = decisions.hold('server', -1, node);
    const { answer } = ask();
    decisions.add('server', -1, node);
    assert.equal(asked.length, 0);
    release();
    decisions.answer(asked[0]?.ask, { accept: true });
    assert.deepEqual(await answer, { accept: true });
  });

  it('without a next one, the questions end, and nobody asks', async () => {
    const { decisions, node, ask } = open();
    const release = decisions.hold('server', -1, node);
    const { answer } = ask();
    release();
    assert.equal(await answer, undefined);
    assert.equal(decisions.find('server', -1), undefined);
  });

  it('a question that was cancelled meanwhile is not asked', () => {
    const { decisions, asked, node, ask } = open();
    const release = decisions.hold('server', -1, node);
    ask().cancel();
    decisions.add('server', -1, node);
    release();
    assert.equal(asked.length, 0);
  });
});
