import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { run } from '../helpers/flow';
import { onTeardown } from '../helpers/teardown';
import { inNodeRed } from './suite';

const runtime = process.env.NODE_RED_RUNTIME ?? require.resolve('node-red');
const { log } = createRequire(createRequire(runtime).resolve('@node-red/runtime/package.json'))('@node-red/util');

describe('the metrics of Node-RED', () => {
  inNodeRed();

  /** Has Node-RED log to one handler, and collects what it gets. */
  function logging(metrics: boolean) {
    const records: { level: number; event?: string }[] = [];
    log.init({ logging: { test: { level: 'off', metrics, handler: () => (record: { level: number }) => records.push(record) } } });
    onTeardown(() => log.init({}));
    return () => records.filter(({ level }) => level === log.METRIC).map(({ event }) => event);
  }

  const flow = () =>
    run([
      { id: 'get', type: 'ix-get-method', wires: [['get.out']] },
      { id: 'get.out', type: 'helper' },
    ]);

  it('have our nodes in them if a log handler takes metrics', async () => {
    const metrics = logging(true);
    await (await flow()).command('get');
    assert.ok(metrics().includes('node.ix-get-method.receive'), String(metrics()));
  });

  it('cost our nodes nothing if no log handler takes them', async () => {
    logging(false);
    const { node } = { node: (await flow()).node('get') };
    assert.equal(node.metric(), false);
    assert.ok(Object.hasOwn(node, 'metric'));
  });
});
