/** Random commands and random actions of peers. In each order, every command has a result in time and the events are consistent. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ClientSocket } from '../../src/client/client';
import type { Endpoint } from '../../src/core/endpoint';
import { SocketError } from '../../src/core/errors';
import { within } from '../helpers/queue';
import { client, server } from '../helpers/sockets';
import { teardown } from '../helpers/teardown';
import { fuzzSeconds, fuzzSeed } from './fuzz';
import { Random } from './random';

/** A closing handshake ends after 300 ms, plus a tolerance for a busy machine. */
const answerMs = 5000;

/** Refusals are results; any other thrown error is a bug of ours. */
async function answered(command: Promise<unknown>, what: string): Promise<void> {
  await within(command, what, answerMs).catch((error) => {
    if (!(error instanceof SocketError)) throw error;
  });
}

/** Checks that Open and Close of one connection alternate, and that a client's Message is between them. */
function storyOf(socket: Endpoint, faults: string[]): void {
  const open = new Set<string>();
  socket.events.on(({ type, payload }) => {
    const name = 'client' in payload && typeof payload.client === 'string' ? payload.client : 'client';
    if (type === 1 && open.has(name)) faults.push(`Open of ${name}, which is open`);
    if (type === 1) open.add(name);
    if ((type === 0 || type === 2) && !open.has(name)) faults.push(`${type === 0 ? 'Message' : 'Close'} of ${name}, which is not open`);
    if (type === 2) open.delete(name);
  });
}

async function oneCase(random: Random, faults: string[]): Promise<void> {
  const listening = server({ maxConnections: 20 });
  const { socket: target } = listening;
  storyOf(target, faults);
  const connecting = client({ minWaitBetweenReconnectionRetries: 20, maxWaitBetweenReconnectionRetries: 100 });
  const { socket: own }: { socket: ClientSocket } = connecting;
  storyOf(own, faults);
  const peers: WebSocket[] = [];
  let port = (await listening.open()).port;
  const code = () => random.pick([1000, 1001, 3000, 4999]);
  const commands: (() => Promise<unknown> | undefined)[] = [
    async () => {
      const { port: bound, success } = await target.start({});
      if (success) port = bound;
    },
    () => target.stop(code(), 'stop'),
    () => target.disconnect({}, code(), 'disconnect'),
    () => new Promise((resolve) => target.send(random.pick(['', 'text', 'x'.repeat(70_000)]), {}, resolve)),
    () => own.start({ URL: `ws://127.0.0.1:${port}/client` }, { timeout: 2 }),
    () => own.stop(code(), 'stop'),
    () => new Promise((resolve) => own.send(random.pick(['', 'text', Buffer.alloc(1000)]), resolve)),
    async () => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/peer`);
      ws.on('error', () => {});
      peers.push(ws);
    },
    async () => {
      const ws = peers.pop();
      if (ws?.readyState === WebSocket.OPEN && random.chance(0.3)) ws.send('bye');
      if (random.chance(0.5)) ws?.close(1000);
      else ws?.terminate();
    },
    () => sleep(random.int(0, 15)),
  ];
  const running: Promise<void>[] = [];
  for (let count = random.int(5, 25); count > 0; count--) {
    const at = random.int(0, commands.length - 1);
    running.push(answered(Promise.resolve(commands[at]?.()), `the answer of command ${at}`));
    if (random.chance(0.6)) await sleep(random.int(0, 3));
  }
  await Promise.all(running);
  for (const ws of peers) ws.terminate();
  // Clears both sockets, and fails if an exception escaped.
  await within(teardown(), 'the end of a case', 3 * answerMs);
  for (const socket of [target, own]) if (socket.state !== 'cleared') faults.push(`${socket.side} is ${socket.state} after clear`);
}

describe(`random commands and peers (seed ${fuzzSeed}, ${fuzzSeconds} s)`, function () {
  this.timeout((fuzzSeconds + 60) * 1000);
  after(teardown);

  it('every command is answered, and Open, Message and Close of a connection come in this order', async () => {
    const end = performance.now() + fuzzSeconds * 1000;
    const faults: string[] = [];
    let cases = 0;
    while (performance.now() < end && faults.length === 0) {
      const number = cases++;
      await oneCase(new Random(number, fuzzSeed), faults).catch((error) => faults.push(`case ${number}: ${error.stack}`));
    }
    console.log(`      ${cases.toLocaleString('en')} cases`);
    assert.deepEqual(faults, []);
    assert.ok(cases > 20, `${cases} cases`);
  });

  it('no handle is left', async () => {
    await sleep(500);
    const left = process.getActiveResourcesInfo().filter((name) => /TCP/.test(name));
    assert.deepEqual(left, []);
  });
});
