import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { dial, nextAddressMs } from '../../../src/net/dial';
import { fakeClock } from '../../helpers/clock';
import { closedPort, tcpServer } from '../../helpers/peers';
import { within } from '../../helpers/queue';
import { onTeardown, stub, teardown } from '../../helpers/teardown';

const ipv4 = (address: string) => ({ address, family: 4 });
const never = new AbortController().signal;

/** Keeps the connection to one address from ever being answered. @returns the sockets that wait for it. */
function deaf(address: string): Socket[] {
  const waiting: Socket[] = [];
  const original = Socket.prototype.connect;
  stub(Socket.prototype, 'connect', function (this: Socket, ...given: unknown[]) {
    const [first] = given.flat() as [{ host?: string }];
    if (first?.host !== address) return (original as (...given: unknown[]) => Socket).apply(this, given);
    waiting.push(this);
    return this;
  } as never);
  return waiting;
}

describe('dial', () => {
  afterEach(teardown);

  it('connects to the only address', async () => {
    const port = await tcpServer();
    const socket = await within(dial([ipv4('127.0.0.1')], port, never), 'a connection');
    onTeardown(() => socket.destroy());
    assert.equal(socket.remotePort, port);
  });

  it('goes on at once to the next address when one refuses', async () => {
    fakeClock();
    const port = await tcpServer();
    const socket = await dial([ipv4('127.0.0.77'), ipv4('127.0.0.1')], port, never);
    onTeardown(() => socket.destroy());
    assert.equal(socket.remoteAddress, '127.0.0.1');
  });

  it('tries the next address beside one that does not answer, and then drops that one', async () => {
    const clock = fakeClock();
    const port = await tcpServer();
    const waiting = deaf('127.0.0.77');
    const dialled = dial([ipv4('127.0.0.77'), ipv4('127.0.0.1')], port, never);
    clock.tick(nextAddressMs);
    const socket = await dialled;
    onTeardown(() => socket.destroy());
    assert.equal(socket.remoteAddress, '127.0.0.1');
    assert.deepEqual([waiting.length, waiting[0]?.destroyed, clock.countTimers()], [1, true, 0]);
  });

  it('takes an address that answers late, after another one has refused', async () => {
    const clock = fakeClock();
    const waiting = deaf('127.0.0.77');
    const dialled = dial([ipv4('127.0.0.77'), ipv4('127.0.0.1')], await closedPort(), never);
    clock.tick(nextAddressMs);
    // The refusal of the other one is read in a later turn.
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    waiting[0]?.emit('connect');
    assert.equal(await within(dialled, 'the late address'), waiting[0]);
  });

  it('fails with the code of the first address when all refuse', async () => {
    const port = await closedPort();
    await assert.rejects(dial([ipv4('127.0.0.1'), ipv4('127.0.0.77')], port, never), { name: 'AggregateError', code: 'ECONNREFUSED' });
    await assert.rejects(dial([ipv4('127.0.0.1')], port, never), { code: 'ECONNREFUSED', syscall: 'connect' });
  });

  it('alternates the families', async () => {
    const tried: unknown[] = [];
    stub(Socket.prototype, 'connect', function (this: Socket, ...given: unknown[]) {
      tried.push((given.flat() as [{ host?: string }])[0].host);
      process.nextTick(() => this.emit('error', new Error('no')));
      return this;
    } as never);
    const addresses = [{ address: '::1', family: 6 }, { address: '::2', family: 6 }, ipv4('127.0.0.1'), ipv4('127.0.0.2')];
    await assert.rejects(dial(addresses, 1, never));
    assert.deepEqual(tried, ['::1', '127.0.0.1', '::2', '127.0.0.2']);
  });

  it('ends every attempt when it is aborted', async () => {
    const clock = fakeClock();
    const waiting = deaf('127.0.0.77');
    const cut = new AbortController();
    const dialled = dial([ipv4('127.0.0.77'), ipv4('127.0.0.1')], 1, cut.signal);
    cut.abort();
    await assert.rejects(dialled, /aborted/);
    assert.deepEqual([waiting[0]?.destroyed, clock.countTimers()], [true, 0]);
    await assert.rejects(dial([ipv4('127.0.0.1')], 1, cut.signal), /aborted/);
  });
});
