import assert from 'node:assert/strict';
import { type Item, type Msg, run } from '../helpers/flow';
import { wsClient } from '../helpers/peers';
import { inNodeRed, nodesOf } from './suite';

/** A server with one peer, and a send node for it. */
async function listening(more: Msg, ...others: Item[]) {
  const flow = await run([
    { id: 's', type: 'ix-server', port: 0 },
    ...nodesOf('server', 'start', 's'),
    { id: 'send', type: 'ix-server-send', server: 's', sends: 'message', ...more },
    ...others,
  ]);
  const { uri } = (await flow.command('start')).payload;
  const peer = await wsClient(uri);
  const sent = async () => JSON.parse(String((await peer.messages.take()).data));
  return { flow, peer, sent };
}

describe('the entire message, sent', () => {
  inNodeRed();

  it('is all its properties but those of Node-RED and of its origin', async () => {
    const { flow, sent } = await listening({});
    const kept = { topic: 't', payload: { message: 'm', tag: 'none' }, details: { client: 'x' }, list: [1] };
    await flow.command('send', kept.payload, { ...kept, _session: { type: 'ix' }, req: 'req', res: 'res', socket: -1 });
    assert.deepEqual(await sent(), kept);
  });

  it('has precedence over Message and Payload is', async () => {
    const { flow, sent } = await listening({ payloadIs: 'command', message: 'fixed', messageType: 'str' });
    await flow.command('send', 'p');
    assert.deepEqual(await sent(), { payload: 'p' });
  });

  it('goes to the session, and the target is that of the node', async () => {
    const { flow, sent } = await listening({ to: 'uri', target: '/', targetType: 'str' });
    await flow.command('send', 'p', { _session: { type: 'ix', id: 'gone' } });
    assert.deepEqual(await sent(), { payload: 'p' });
  });

  it('is an echo of an entire message that was received', async () => {
    const { peer, sent } = await listening(
      { to: 'session' },
      { id: 'in', type: 'ix-server-events', server: 's', output: 'message', wires: [['send'], [], [], []] },
    );
    peer.ws.send('{"topic":"a","payload":{"b":1},"socket":5,"_session":"mine"}');
    assert.deepEqual(await sent(), { topic: 'a', payload: { b: 1 } });
    peer.ws.send('no JSON');
    assert.deepEqual(await sent(), { payload: 'no JSON' });
  });

  it('is refused if it cannot be JSON', async () => {
    const { flow } = await listening({});
    const circular: Msg = {};
    circular.self = circular;
    const { payload } = await flow.command('send', 'p', { circular });
    assert.equal(payload.success, false);
    assert.equal(payload.errorCode, 'ERR_OPTION');
  });
});
