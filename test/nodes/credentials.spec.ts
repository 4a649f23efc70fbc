import assert from 'node:assert/strict';
import { type Msg, run } from '../helpers/flow';
import { wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf } from './suite';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

/** A config node with credentials for `home`, and the headers that a start or create sends to another server. */
async function flowWith(more: object) {
  const other = await wsServer();
  const flow = await run(
    [
      { id: 'c', type: 'ix-client', headers: { 'X-Api-Key': 'of the bank', 'X-Station': 'line 3', 'User-Agent': 'plant' }, ...more },
      ...nodesOf('client', 'start stop'),
      { id: 'create', type: 'ix-client-create', client: 'c' },
    ],
    { c: { user: 'bank', password: 'of-the-bank' } },
  );
  const shown = async (id: number, given: Msg) => {
    assert.equal((await flow.command('start', { id, ...given })).payload.success, true);
    const { headers } = (await other.peers.take()).request ?? assert.fail('no request');
    await flow.command('stop', { id });
    return [headers.authorization, headers['x-api-key'], headers['x-station'], headers['user-agent']];
  };
  return { flow, other, shown };
}

describe("a config node's user, password and headers", () => {
  inNodeRed();
  const everything = [basic('bank:of-the-bank'), 'of the bank', 'line 3', 'plant'];
  const home = 'ws://127.0.0.1:1/';

  it('are not shown to another host that a start names', async () => {
    const { other, shown } = await flowWith({ URL: home });
    assert.deepEqual(await shown(1, { URL: other.url }), [undefined, undefined, undefined, 'plant']);
    assert.deepEqual(await shown(1, {}), [undefined, undefined, undefined, 'plant'], 'a later start, for which the URL stays');
    assert.deepEqual(await shown(1, { user: 'guest', password: 'x' }), [basic('guest:x'), undefined, undefined, 'plant']);
  });

  it('are not shown to another host that a create with the config node behind it names', async () => {
    const { flow, other, shown } = await flowWith({ URL: home });
    const { id } = (await flow.command('create', { URL: other.url })).payload;
    assert.deepEqual(await shown(id, {}), [undefined, undefined, undefined, 'plant']);
  });

  it('are shown to whatever is named where the config node has no URL', async () => {
    const { other, shown } = await flowWith({});
    assert.deepEqual(await shown(1, { URL: other.url }), everything);
  });
});
