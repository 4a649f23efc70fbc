import assert from 'node:assert/strict';
import { type Input, next, type ReadyState, readyStates, type State } from '../../../src/core/lifecycle';

const inputs: readonly Input[] = ['start', 'opened', 'lost', 'retry', 'stop', 'closed', 'clear'];

/** Transitions that are not listed do not happen: the input is refused or ignored. */
const table: readonly [State, Input, State, string][] = [
  ['idle', 'start', 'opening', 'an idle socket that is started opens'],
  ['idle', 'stop', 'idle', 'an idle socket that is stopped stays idle'],
  ['idle', 'clear', 'cleared', 'an idle socket can be cleared'],
  ['opening', 'opened', 'open', 'an opening that succeeds is open'],
  ['opening', 'lost', 'idle', 'an opening that fails is idle'],
  ['opening', 'stop', 'closing', 'an opening can be stopped'],
  ['opening', 'clear', 'cleared', 'an opening can be cleared'],
  ['open', 'lost', 'idle', 'an open connection that is lost is idle'],
  ['open', 'stop', 'closing', 'an open connection that is stopped closes'],
  ['open', 'clear', 'cleared', 'an open connection can be cleared'],
  ['waiting', 'retry', 'opening', 'a wait ends in another try'],
  ['waiting', 'stop', 'idle', 'a wait that is stopped is idle at once'],
  ['waiting', 'clear', 'cleared', 'a wait can be cleared'],
  ['closing', 'lost', 'closing', 'a closing whose connection ends is still closing'],
  ['closing', 'stop', 'closing', 'a closing that is stopped again goes on closing'],
  ['closing', 'closed', 'idle', 'a closing that has ended is idle'],
  ['closing', 'clear', 'cleared', 'a closing can be cleared'],
  ['cleared', 'clear', 'cleared', 'what is cleared stays cleared'],
];

describe('lifecycle', () => {
  for (const [state, input, following, sentence] of table) {
    it(sentence, () => assert.equal(next(state, input), following));
  }

  for (const state of Object.keys(readyStates) as State[]) {
    const refused = inputs.filter((input) => !table.some(([from, by]) => from === state && by === input));
    it(`${state} refuses ${refused.join(', ')}`, () => {
      assert.deepEqual(
        refused.map((input) => next(state, input)),
        refused.map(() => undefined),
      );
    });
  }

  for (const state of ['opening', 'open'] as const) {
    it(`${state} that is lost waits where it is tried again`, () => assert.equal(next(state, 'lost', true), 'waiting'));
  }

  it('a closing that is lost is not tried again', () => assert.equal(next('closing', 'lost', true), 'closing'));

  it('only a loss asks whether it is tried again', () => {
    for (const [state, input, following] of table) {
      if (input !== 'lost') assert.equal(next(state, input, true), following, `${state}, ${input}`);
    }
  });

  const words: Record<State, ReadyState> = {
    idle: 'closed',
    opening: 'connecting',
    open: 'open',
    waiting: 'connecting',
    closing: 'closing',
    cleared: 'closed',
  };
  for (const [state, word] of Object.entries(words)) {
    it(`the readyState of ${state} is ${word}`, () => assert.equal(readyStates[state as State], word));
  }
});
