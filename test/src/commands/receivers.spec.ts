import assert from 'node:assert/strict';
import { readReceivers, readWhich } from '../../../src/commands/receivers';

type Choice = Parameters<typeof readReceivers>[0];
const chosen = (given: Partial<Choice>) => readReceivers({ payload: {}, ...given } as Choice);
const which = (given: Partial<Choice>) => readWhich({ payload: {}, ...given } as Choice);
const selected = (receivers: object) => Object.fromEntries(Object.entries(receivers).filter(([, value]) => value !== undefined));

describe('readReceivers', () => {
  for (const [title, given, receivers] of [
    ['everyone, for a message without a sender', {}, {}],
    ['the sender', { sender: 'a' }, { client: ['a'] }],
    ['the client that it names', { payload: { client: 'b' }, sender: 'a' }, { client: ['b'] }],
    ['nobody, if the name that it gives is empty', { payload: { client: '' }, sender: 'a' }, { client: [] }],
    ['the tags that it names', { payload: { tag: ['x', 'y'] } }, { tag: ['x', 'y'] }],
    ['everyone, if the node says so', { to: 'all', payload: { client: 'b' }, sender: 'a' }, {}],
    ['everyone but the sender', { to: 'others', sender: 'a' }, { except: ['a'] }],
    ['the session', { to: 'session', session: 's' }, { client: ['s'] }],
    ['the sender only', { to: 'sender', payload: { client: 'b' }, sender: 'a' }, { client: ['a'] }],
    ['the target of the node', { to: 'tag', target: 'x', payload: { tag: 'y' } }, { tag: ['x'] }],
    ['nobody, if the target is empty', { to: 'tag', target: '' }, { client: [] }],
    ['nobody, if the targets are empty', { to: 'client', target: [] }, { client: [] }],
  ] as [string, Partial<Choice>, object][]) {
    it(`selects ${title}`, () => assert.deepEqual(selected(chosen(given)), receivers));
  }

  it('fails for a sender that is not there', () =>
    assert.throws(() => chosen({ to: 'sender' }), { code: 'ERR_OPTION', message: /has no sender/ }));
  it('fails for a target that is not set', () =>
    assert.throws(() => chosen({ to: 'uri' }), { code: 'ERR_OPTION', message: /target is not set/ }));
});

describe('readWhich', () => {
  it('selects everyone only if `all` is true', () => assert.deepEqual(selected(which({ payload: { all: true }, sender: 'a' })), {}));
  it('selects the sender of a message that selects none', () => assert.deepEqual(selected(which({ sender: 'a' })), { client: ['a'] }));
  it('fails if none is selected', () => assert.throws(() => which({}), { code: 'ERR_OPTION', message: /No connections are selected/ }));
  it('selects nobody if the name is empty', () => assert.deepEqual(selected(which({ payload: { client: '' } })), { client: [] }));
});
