import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandIn4D } from '../helpers/stand-in-4d';
import { teardown } from '../helpers/teardown';
import { until } from './suite';

interface Running {
  readonly url: string;
  readonly child: { kill(signal: NodeJS.Signals): void };
  ready(): Promise<void>;
  stop(): Promise<{ code: number | null }>;
  log(): string;
}

/** A separate Node-RED, which can end. */
async function nodeRed(flow: object[]): Promise<Running> {
  const { root, startNodeRed } = await import('../../scripts/node-red.mjs');
  const { freePort } = await import('../../scripts/runtimes.mjs');
  if (!existsSync(join(root, 'dist', 'nodes', 'ix-websocket.js'))) throw new Error('The package is not built: npm run build');
  const userDir = mkdtempSync(join(tmpdir(), 'ix-hook-'));
  process.once('exit', () => rmSync(userDir, { recursive: true, force: true }));
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow));
  const env = { NODE_RED_NODES_DIR: root, NODE_V8_COVERAGE: undefined } as never;
  const { NODE_RED_SCRIPT: script, NODE_RED_NODE: node } = process.env;
  const running = startNodeRed({ userDir, port: await freePort(), env, ...(script && { script }), ...(node && { node }) }) as Running;
  await running.ready();
  return running;
}

describe('what waits for 4D when Node-RED ends', function () {
  this.timeout(60_000);
  afterEach(teardown);

  it('is logged as lost, one line for each node with waiting events, and is not output', async () => {
    const standIn = await StandIn4D.open();
    standIn.fault = () => 503;
    const hook = { type: 'ix-4d-hook', z: 't', form: 'handler', URL: `${standIn.origin}/hooks/ws`, retries: 1000, wires: [[], ['file']] };
    const events = (count: number, to: string) => ({
      ...{ id: `i${to}`, type: 'inject', z: 't', once: true, onceDelay: 0.1, repeat: '', props: [{ p: 'payload' }], wires: [[`f${to}`]] },
      ...{ payload: String(count), payloadType: 'num' },
    });
    const split = (to: string) => ({
      ...{ id: `f${to}`, type: 'function', z: 't', outputs: 1, wires: [[to]] },
      func: 'for (let i = 0; i < msg.payload; i++) node.send({ type: 0, socket: -1, payload: { str: String(i), client: "a" } });',
    });
    const running = await nodeRed([
      { id: 't', type: 'tab', label: 't' },
      ...[
        { ...hook, id: 'one' },
        { ...hook, id: 'two' },
        { ...hook, id: 'none' },
      ],
      ...[events(3, 'one'), split('one'), events(1, 'two'), split('two')],
      { id: 'file', type: 'debug', z: 't', active: true, console: true, tosidebar: false, complete: 'true', targetType: 'full', wires: [] },
    ]);
    try {
      await until(() => standIn.calls.length >= 2, 'the first calls', 10_000);
    } finally {
      const { code } = await running.stop();
      assert.equal(code, 0, running.log());
    }
    const told = running.log().match(/(\d+|One) events? that waited[^\n]*/g) ?? [];
    assert.deepEqual(told.sort(), [
      '3 events that waited for 4D were not delivered and are gone, since Node-RED ended.',
      'One event that waited for 4D was not delivered and is gone, since Node-RED ended.',
    ]);
    assert.doesNotMatch(running.log(), /second port|errorStr/);
  });
});
