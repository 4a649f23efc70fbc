import assert from 'node:assert/strict';
import { carryOut, endpointOf, type Source } from '../../../src/hook/actions';
import { CommandHarness } from '../../helpers/commands';
import { teardown } from '../../helpers/teardown';

interface Result {
  readonly success: boolean;
  readonly errorStr: string;
  readonly errorCode: string;
}

/** A client and a server that are not started, and the actions of an event of one of them. */
function acting() {
  const { registry, create } = new CommandHarness();
  const [client, server] = [create('client', { URL: 'ws://127.0.0.1:9/' }), create('server', { port: 0 })];
  const source = (socket: number, name?: string): Source => ({ socket, client: name, endpoint: endpointOf(registry, socket) });
  const run = async (from: Source, ...actions: unknown[]) => (await carryOut(registry, from, actions)) as unknown as Result[];
  return { registry, client, server, source, run };
}

describe('carryOut', () => {
  afterEach(teardown);

  for (const [title, action] of Object.entries({ 'no verb': {}, 'an unknown verb': { do: 'toString' }, 'a text': 'send', null: null })) {
    it(`rejects ${title}, and says what is known`, async () => {
      const { client, source, run } = acting();
      const [status] = await run(source(client), action);
      assert.deepEqual([status?.success, status?.errorCode], [false, 'ERR_OPTION']);
      assert.match(status?.errorStr ?? '', /do of an action must be send or close, since the event is of a client/);
    });
  }

  it('a client has no tags', async () => {
    const { client, server, source, run } = acting();
    assert.equal((await run(source(client), { do: 'tag', add: 'x' }))[0]?.errorCode, 'ERR_OPTION');
    assert.match((await run(source(server, 'a'), { do: 'x' }))[0]?.errorStr ?? '', /send, close or tag/);
  });

  it('an action of a server whose event belongs to no connection must select some', async () => {
    const { server, source, run } = acting();
    for (const action of [
      { do: 'send', message: 'x' },
      { do: 'send', message: 'x', client: '' },
      { do: 'close', tag: [''] },
    ]) {
      assert.match((await run(source(server), action))[0]?.errorStr ?? '', /^The action selects no connection/);
    }
  });

  it('an action does not reach another socket with the same id, nor one that it names', async () => {
    const { client, server, source, run } = acting();
    const stale = { ...source(client), endpoint: undefined };
    assert.equal((await run(stale, { do: 'send', message: 'x' }))[0]?.errorCode, 'ERR_NO_SOCKET');
    const [status] = await run(source(client), { do: 'close', id: server });
    assert.notEqual(status?.errorCode, 'ERR_NO_SOCKET');
  });

  it('returns a status for each action, in order', async () => {
    const { client, source, run } = acting();
    const statuses = await run(source(client), { do: 'send', message: 'x' }, { do: 'nothing' });
    assert.deepEqual([statuses.length, statuses[1]?.errorCode], [2, 'ERR_OPTION']);
    assert.equal(statuses[0]?.success, false);
  });

  it('carries out 1000 actions, and reports that there were more', async () => {
    const { client, source, run } = acting();
    const statuses = await run(source(client), ...Array.from({ length: 1005 }, () => ({ do: 'nothing' })));
    assert.equal(statuses.length, 1001);
    assert.match(statuses[1000]?.errorStr ?? '', /^A response may contain 1000 actions; got 1005\./);
  });
});
