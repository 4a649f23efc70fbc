import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { listening } from '../helpers/peers';
import { ask, askMany, presetClient } from '../helpers/presets';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'graphql-transport-ws';
const schema = buildSchema('type Query { hello(name: String): String, boom: String } type Subscription { count(to: Int): Int }');

async function* count({ to }: { to: number }) {
  for (let i = 1; i <= to; i++) yield { count: i };
}
async function* forever() {
  for (let i = 1; ; i++) {
    yield { count: i };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Starts a server of the library `graphql-ws` that accepts one token. */
async function graphqlServer(subscription: (params: { to: number }) => AsyncGenerator = count): Promise<string> {
  const http = createServer();
  const roots = {
    query: {
      hello: ({ name }: { name: string }) => `hello ${name}`,
      boom: () => {
        throw new Error('no boom');
      },
    },
    subscription: { count: subscription },
  };
  const onConnect = ({ connectionParams }: { connectionParams?: Record<string, unknown> }) => connectionParams?.token === 'open sesame';
  const disposable = useServer({ schema, roots, onConnect } as never, new WebSocketServer({ server: http, path: '/graphql' }));
  onTeardown(() => void disposable.dispose());
  return `ws://127.0.0.1:${await listening(http)}/graphql`;
}

describe('the preset graphql-transport-ws, against graphql-ws', () => {
  afterEach(teardown);

  it('logs in, asks, and reports the errors of a query', async () => {
    const client = await presetClient(preset, { URL: await graphqlServer(), secrets: { token: 'open sesame' } }).open();
    const params = { query: 'query Q($n: String) { hello(name: $n) }', variables: { n: 'you' }, operationName: 'Q' };
    const { success, result, sent } = await ask(client, { params });
    assert.deepEqual({ success, result, sent }, { success: true, result: { data: { hello: 'hello you' } }, sent: true });
    const failed = await ask(client, { params: { query: '{ boom }' } });
    assert.match(JSON.stringify(failed.result), /no boom/);
    const invalid = await ask(client, { params: { query: '{ nothing }' } });
    assert.equal(invalid.success, false);
    assert.match(JSON.stringify(invalid.error), /Cannot query field/);
  });

  it('cannot start with a wrong token', async () => {
    const { success, errorStr = '' } = await presetClient(preset, { URL: await graphqlServer(), secrets: { token: 'wrong' } }).start();
    assert.equal(success, false);
    assert.match(errorStr, /step 2 of 2.*4403/);
  });

  it('takes a token that is the whole payload', async () => {
    await presetClient(preset, { URL: await graphqlServer(), secrets: { token: '{"token":"open sesame"}' } }).open();
  });

  it('subscribes: each value is a part, and the last says so', async () => {
    const client = await presetClient(preset, { URL: await graphqlServer(), secrets: { token: 'open sesame' } }).open();
    const parts = askMany(client, { params: { query: 'subscription { count(to: 2) }' } });
    const found = [await parts.take(), await parts.take(), await parts.take()];
    assert.deepEqual(
      found.map(({ part, last, result }) => [part, last, result]),
      [
        [1, undefined, { data: { count: 1 } }],
        [2, undefined, { data: { count: 2 } }],
        [3, true, null],
      ],
    );
  });

  it('cancels a subscription', async () => {
    const client = await presetClient(preset, { URL: await graphqlServer(forever), secrets: { token: 'open sesame' } }).open();
    const parts = askMany(client, { params: { query: 'subscription { count(to: 1) }' }, requestId: 's1' });
    await parts.take();
    assert.equal(client.socket.requests?.cancel('s1'), undefined);
    for (;;) {
      const { last, success, errorStr } = await parts.take();
      if (!last) continue;
      assert.deepEqual([success, errorStr], [false, 'cancelled']);
      break;
    }
    const after = await ask(client, { params: { query: '{ hello(name: "again") }' } });
    assert.equal(after.success, true);
    assert.equal(client.names.includes('Message'), false, 'what came after the cancel was discarded');
  });
});
