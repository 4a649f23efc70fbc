import assert from 'node:assert/strict';
import { examplesForMany } from './examples';

type Store = { get(name: string): unknown; set(name: string, value: unknown): void };
// biome-ignore lint/suspicious/noExplicitAny: a message is what a flow makes of it.
type Msg = any;

const store = (): Store & { readonly values: Map<string, Msg> } => {
  const values = new Map<string, Msg>();
  return { values, get: (name) => values.get(name), set: (name, value) => void values.set(name, value) };
};

/** A function node of the scale-out examples, with its own contexts. */
function functionNode(id: string) {
  const node = examplesForMany.flatMap(({ items }) => items).find((item) => item.id === id);
  const [context, flow] = [store(), store()];
  const body = new Function('msg', 'context', 'flow', 'env', 'node', String(node?.func));
  const env = { get: () => 'here' };
  return { context, flow, run: (msg: Msg): Msg => body(msg, context, flow, env, { warn() {} }) };
}

describe('what others can fill in the flows for many Node-REDs has a bound:', () => {
  it('the publishers that are remembered, of which the one that was silent longest goes', () => {
    const { context, run } = functionNode('ixs1-fresh');
    const publish = (instance: string, id: string) => run({ topic: 'ix/all', payload: { instance, id, message: 'x' } });
    publish('first', 'run-1');
    publish('second', 'run-1');
    for (let i = 0; i < 998; i++) publish(`other ${i}`, 'run-1');
    publish('first', 'run-2');
    publish('x'.repeat(1_000_000), `${'y'.repeat(1000)}-1`);
    const seen = context.values.get('seen');
    assert.equal(Object.keys(seen).length, 1000);
    assert.ok(JSON.stringify(seen).length < 100_000);
    assert.equal(publish('first', 'run-2'), null, 'it is remembered');
    assert.notEqual(publish('second', 'run-1'), null, 'it is not remembered');
  });

  it('the instances that are there, and the length of their names', () => {
    const { flow, run } = functionNode('ixs1-instances');
    for (let i = 0; i < 1100; i++) run({ topic: `ix/here/${i}`, payload: 'here' });
    run({ topic: `ix/here/${'x'.repeat(101)}`, payload: 'here' });
    assert.equal(flow.values.get('instances').length, 1000);
    run({ topic: 'ix/here/5', payload: '' });
    assert.equal(flow.values.get('instances').length, 999);
  });

  it('the questions that are open, and the clients in an answer', () => {
    const { context, flow, run } = functionNode('ixs1-gather');
    flow.set('instances', ['a', 'b']);
    for (let i = 0; i < 100; i++) assert.equal(run({ client: 'c' })[0].topic, 'ix/ask');
    assert.match(run({ client: 'c' })[2].payload.message.error, /Too many questions/);
    assert.equal(Object.keys(context.values.get('questions')).length, 100);
    const many = new Array(200_000).fill({ address: 'a/1' });
    assert.equal(run({ payload: { to: 'question-1', instance: 'a', clients: many } }), null);
    assert.equal(run({ payload: { to: 'question-1', instance: 'b', clients: 'not a list' } })[2].payload.message.clients.length, 10_000);
    assert.equal(run({ client: 'c' })[0].topic, 'ix/ask', 'an answered question makes room');
  });
});
