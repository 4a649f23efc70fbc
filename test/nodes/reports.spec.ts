import assert from 'node:assert/strict';
import { type Item, logged, run } from '../helpers/flow';
import { wsClient } from '../helpers/peers';
import { inNodeRed, until, watchers } from './suite';

/** A server that accepts pages of one host only, and these nodes. */
async function strict(...nodes: Item[]) {
  const flow = await run([{ id: 's', type: 'ix-server', port: 0, autoStart: true, allowedOrigins: ['https://good.example'] }, ...nodes]);
  const { socket } = flow.node('s');
  await until(() => socket.listening, 'a server that listens');
  const refuse = () => assert.rejects(wsClient(socket.listening.uri, { origin: 'https://hoppscotch.io' } as never));
  return { flow, refuse };
}
/** Returns the number of occurrences of a text in the log. */
const countOf = (text: string) => logged().split(text).length - 1;
const sentence = 'The upgrade was refused with 403';

describe('what goes wrong is told without wiring', () => {
  inNodeRed();

  it('a failed command is a text in the log, and so in the debug sidebar', async () => {
    const flow = await run([{ id: 'send', type: 'ix-client-send' }]);
    const { errorStr } = (await flow.command('send', 'x')).payload;
    await until(() => logged().includes(`"msg":${JSON.stringify(errorStr)}`), 'the whole sentence, as a text');
  });

  it('with a Catch node it is not in the log, and has its code', async () => {
    const flow = await run([{ id: 'send', type: 'ix-client-send' }, ...watchers()]);
    const { errorStr } = (await flow.command('send', 'x')).payload;
    const { error } = await flow.out('caught').take();
    assert.deepEqual([error.message, error.code], [errorStr, 'ERR_NO_SOCKET']);
    assert.equal(countOf(errorStr), 0);
  });

  it('a refused upgrade is one warning a minute in the log, and a status', async () => {
    const { flow, refuse } = await strict({ id: 'e', type: 'ix-server-events', server: 's', wires: [[], [], [], []] });
    await refuse();
    await refuse();
    await until(() => countOf(sentence) === 1, 'a warning');
    await until(() => flow.statuses.some(({ id, status }) => id === 'e' && status.fill === 'red'), 'the status');
    assert.equal(countOf(sentence), 1);
  });

  for (const [title, server] of [
    ['hears the server', 's'],
    ['hears all servers', ''],
  ]) {
    it(`a refused upgrade is no warning if an events node that ${title} has its Error output wired`, async () => {
      const { flow, refuse } = await strict({ id: 'e', type: 'ix-server-events', server });
      await refuse();
      assert.match((await flow.out('e.3').take('the Error')).payload.reason, /hoppscotch/);
      assert.equal(countOf(sentence), 0);
    });
  }
});
