import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { FlowsStarted } from '../../nodes/runtime/flows-started';
import type { RED } from '../../nodes/runtime/red';
import { type Item, run } from '../helpers/flow';
import { Queue } from '../helpers/queue';
import { TestLog } from '../helpers/sockets';
import { inNodeRed, waitQuietly } from './suite';

const freePort = async () => ((await import('../../scripts/runtimes.mjs')).freePort as () => Promise<number>)();

describe('the start of the flows', () => {
  inNodeRed();

  const events: Item = { id: 'events', type: 'ix-client-events', client: 'client' };
  const sockets = (port: number): Item[] => [
    { id: 'client', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, autoStart: true },
    { id: 'server', type: 'ix-server', port, autoStart: true },
  ];

  for (const order of ['client first', 'server first']) {
    it(`has a client connect to a server of the same flows at its first try: ${order}`, async () => {
      const items = sockets(await freePort());
      const flow = await run([...(order === 'client first' ? items : items.toReversed()), events]);
      assert.equal((await flow.out('events.1').take('Open')).event, 'Open');
      assert.deepEqual(flow.out('events.3').all, [], 'no Error came before');
    });
  }

  it('starts no client that is closed while the servers still answer', async () => {
    const [client, server] = sockets(await freePort()) as [Item, Item];
    const flow = await run([client, server, events]);
    await flow.deploy([server]);
    await waitQuietly();
    assert.deepEqual(flow.node('server').socket.info().connections, []);
  });

  it('starts those that a later deploy brings', async () => {
    const [client, server] = sockets(await freePort()) as [Item, Item];
    const flow = await run([server]);
    await flow.deploy([server, client, events]);
    assert.equal((await flow.out('events.1').take('Open')).event, 'Open');
  });

  it('logs a start that throws or rejects, and continues with the others', async () => {
    const [events, log, started] = [new EventEmitter(), new TestLog(), new Queue<string>()];
    const flows = new FlowsStarted({ events } as unknown as RED, log);
    flows.once('server', () => {
      throw new Error('at once');
    });
    flows.once('server', () => Promise.reject(new Error('later')));
    flows.once('server', () => started.push('server'));
    flows.once('client', () => started.push('client'));
    events.emit('flows:started');
    await started.take('a server');
    await started.take('a client');
    assert.deepEqual(
      [started.all, log.errors.map(String)],
      [
        ['server', 'client'],
        ['Error: at once', 'Error: later'],
      ],
    );
  });
});
